import { defaultPredicate } from '../default.ts';
import type { Planner } from '../planner.ts';
import { applyDeclaredChangeSet } from './change-set.ts';
import { applyDeclaredParameters, type ApplyDeclaredParameters } from './schema.ts';

/** Insists: what the default branch declares becomes live, although something else is live now. */
export const applyDeclared: Planner<ApplyDeclaredParameters> = {
  name: 'apply-declared',
  kind: 'one-shot',
  parameters: applyDeclaredParameters,
  groups: ['memory', 'swap', 'cores'],
  changeSet: applyDeclaredChangeSet,
  predicate: defaultPredicate,
};
