import type { FactName, Facts } from '../core/fact.ts';
import type { LiveGuest } from '../core/guest.ts';
import type { Json } from '../core/json.ts';

/** What one look at the live system needs. */
export interface LookInput {
  live: LiveGuest;
  facts: Facts;
  /** What this run applied: the `after` values of its steps, in MiB and cores. */
  expected: { readonly [field: string]: Json };
  /** It was stopped, and its file does not say whether it runs: then it may do either. */
  mayRest?: boolean;
  /** When the apply ended: facts older than that say nothing about it. ISO 8601 UTC. */
  appliedAt: string;
  at: string;
  /** Facts that answered before the change: one that is silent now is missing, not merely unobserved. */
  answered?: readonly FactName[];
}

/** What one look saw. `cannot-tell` is never recovery. */
export interface Look {
  state: 'holds' | 'fails' | 'cannot-tell';
  /** One sentence with the values seen. */
  why: string;
  /** Figures for comment and record, as fractions: `usage`, `stalls` … */
  observed: { [name: string]: Json };
  /** What no source here can show; said in the comment, and blocks nothing. */
  notObserved: string[];
}

/** Whether going back would be safe now. */
export interface InverseJudgement {
  safe: boolean;
  why: string;
  /** What helps instead, where it is not safe. */
  helps: string[];
}

export interface InverseInput {
  facts: Facts;
  /** The values that the inverse would set. */
  back: { readonly [field: string]: Json };
  /** The values in force now. */
  now: { readonly [field: string]: Json };
  /** Largest working set seen since the apply, bytes; `undefined` where none was seen. */
  peakSinceApply: number | undefined;
}

/** What can be asked when a change is verified. */
export interface Seen {
  /** Whether a signal is asked too. */
  alert: boolean;
  /** What no source here shows, as `Look.notObserved` names it. */
  notObserved: readonly string[];
  /** Whether every guest of the plan may stay stopped. */
  mayRest?: boolean;
}

/** How a remedy tells from live data that the fault is gone. */
export interface Predicate {
  readonly name: string;
  /** In words, to follow “verified when for 10 minutes”: nothing is promised that nobody can see. */
  words(expected: { readonly [field: string]: Json }, seen: Seen): string;
  look(input: LookInput): Look;
  inverseSafe(input: InverseInput): InverseJudgement;
}
