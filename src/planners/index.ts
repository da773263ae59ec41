import { applyDeclared } from './apply-declared/index.ts';
import { defaultPredicate } from './default.ts';
import type { Planner } from './planner.ts';
import type { Predicate } from './predicate.ts';
import { resizeGuest } from './resize-guest/index.ts';

/** Every remedy, one line each. A test holds this list equal to the folders beside it. */
export const planners: readonly Planner[] = [applyDeclared, resizeGuest];

export function plannerOf(remedy: string): Planner | undefined {
  return planners.find(({ name }) => name === remedy);
}

/** How success is told for a plan: the remedy's own predicate, else the default one. */
export function predicateOf(name: string): Predicate {
  return plannerOf(name)?.predicate ?? defaultPredicate;
}

export type { Planner, OperationContext } from './planner.ts';
export type { InverseInput, InverseJudgement, Look, LookInput, Predicate, Seen } from './predicate.ts';
export { type AlertState, judgeWindow, type WindowInput, type WindowVerdict } from './verdict.ts';
