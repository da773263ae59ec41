import type { z } from 'zod';
import type { ChangeSet, Refusal, Tree } from '../core/change-set.ts';
import type { Proposed } from '../core/diagnosis.ts';
import type { Digest } from '../core/json.ts';
import type { Action } from '../core/step.ts';
import type { Predicate } from './predicate.ts';

/** What a one-shot remedy is given: what it must not invent itself. */
export interface OperationContext {
  /** ULID: names the file, and is used once. */
  id: string;
  /** ISO 8601 UTC, at most 7 days ahead. */
  expiresAt: string;
  /** Digest of what was observed of the target (`preStateOf`). */
  expectedState: Digest;
  /** What sets the values that are live now: the way back. */
  inverse: Action | 'irreversible';
  evidence?: string[];
}

/** One way to put one kind of fault right. Pure: a diagnosis and a tree in, a change set or a reason out. */
export interface Planner<P = unknown> {
  readonly name: string;
  readonly kind: 'declarative' | 'one-shot';
  readonly parameters: z.ZodType<P>;
  /** Groups of fields that it touches: part of a fingerprint. */
  readonly groups: readonly string[];
  /** The edits that propose it. One-shot remedies need `operation`. */
  changeSet(
    diagnosis: Pick<Proposed, 'target' | 'name' | 'summary' | 'parameters'>,
    tree: Tree,
    operation?: OperationContext,
  ): ChangeSet | Refusal;
  /** How it tells that the fault is gone. */
  readonly predicate: Predicate;
}
