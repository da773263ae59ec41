import type { Json } from './json.ts';
import type { Signal } from './signal.ts';
import type { Target } from './target.ts';

/** One other cause that was looked at, and why it is not the one. `page cache` / `no: 40 MiB`. */
export interface Considered {
  cause: string;
  verdict: string;
}

/** What a formula stood on. */
export interface Basis {
  /** e.g. `14 days`. */
  window: string;
  points: number;
  /** One sentence: the numbers with their reason. */
  formula: string;
}

interface Common {
  family: string;
  /** Canonical target, or what the signal called it where it could not be pinned. */
  target: Target;
  /** The name people use. */
  name: string;
  /** First sentence: what is wrong and for how long, or why nothing is. */
  summary: string;
  /** Stable word for the deciding rule (`page-cache`, `no-headroom`, `identity-ambiguous` …). */
  rule: string;
  /** The facts that decided, as `name value` in reading order. */
  decidedBy: { fact: string; value: string; source: string; at: string }[];
  considered: Considered[];
  signal: Signal;
}

/** The cause is known and one remedy for it is proposed. */
export interface Proposed<P = Json> extends Common {
  outcome: 'proposed';
  remedy: string;
  /** Validated by the remedy's own schema. */
  parameters: P;
  /** Group of fields that the remedy touches: `memory`, `cores`, `swap`. Part of the fingerprint. */
  group: string;
  basis: Basis;
  confidence: 'high' | 'medium' | 'low';
  fingerprint: string;
  /** One row per value: now, proposed, why. */
  rows: { field: string; now: string; proposed: string; why: string }[];
  /** Sentences below the table: live or reboot, headroom that stays. */
  effects: string[];
}

/** Nothing is proposed, and why. */
export interface NotProposed extends Common {
  outcome: 'no-change' | 'report-only' | 'unknown';
  /** What would help, for a report. */
  helps: string[];
}

export type Diagnosis<P = Json> = Proposed<P> | NotProposed;
