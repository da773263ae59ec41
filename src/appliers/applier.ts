import type { LiveGuest, LiveNode } from '../core/guest.ts';
import type { Preview } from '../core/plan.ts';
import type { Step } from '../core/step.ts';
import type { GuestTarget } from '../core/target.ts';

/** What binds an effect to its run, for messages and idempotency. */
export interface EffectToken {
  run: string;
  index: number;
  /** The live state that the steps were computed from; its engine digest goes with the write. Absent: no guest is there. */
  live?: LiveGuest;
}

/** Whether the target already is as the step leaves it, judged by looking at the target alone. */
export interface Observed {
  state: 'done' | 'not-done' | 'unknown';
  /** Why, in one sentence with the values seen. */
  saw: string;
  live?: LiveGuest;
}

/** What a look after the effect found, by whoever can be asked what would still be to do. */
export interface Checked {
  state: 'holds' | 'fails';
  why: string;
  /** What this mechanism cannot see afterwards either. */
  notObserved: string[];
}

/**
 * A mechanism that makes it so. `preview` and `observe` only read. `apply` sends the write at most once, and throws a
 * GitmendError; after any error the caller observes before it decides anything.
 */
export interface Applier {
  readonly name: string;
  /** Reads the target as it is. */
  read(target: GuestTarget): Promise<{ guest: LiveGuest; node: LiveNode }>;
  preview(step: Step): Promise<Preview>;
  /** Returns the engine's id of the effect: a UPID, or the configuration digest read after it. */
  apply(step: Step, token: EffectToken): Promise<string>;
  observe(step: Step): Promise<Observed>;
  /** Takes back what a failed write left pending and is ours (`PUT config revert=…`). Nothing where nothing is. */
  revertPending(step: Step): Promise<void>;
  /** Whether the step holds, for what is no guest. Throws a GitmendError where nobody can see it now. */
  verify?(step: Step): Promise<Checked>;
}
