import type { PlanRecord } from '../../core/plan.ts';
import type { Divergence } from '../../deliver/divergence.ts';
import type { Truth } from '../../deliver/truth.ts';
import type { PullRequest } from '../../forges/forge.ts';
import type { SeenDrifts } from '../../ledger/drift.ts';
import type { Healed } from '../../pipeline/heal.ts';

/** Something that stopped a pass, as the page says it. */
export interface Problem {
  code: string;
  message: string;
  next: string;
  /** When it was met last, and since when it has been there. ISO 8601 UTC. */
  at: string;
  since: string;
}

/** A delivery that was tried often enough and needs a person. */
export interface DeadLetter {
  seq: number;
  door: string;
  why: string;
  at: string;
}

/** An open pull request as the last planning pass left it. */
export interface OpenPullRequest {
  pr: PullRequest;
  plan: PlanRecord | undefined;
  /** Why it is not planned now. */
  waiting: string | undefined;
}

/** One diagnosis as it was made. */
export interface Seen {
  at: string;
  healed: Healed;
}

/** Everything that the pages are made from, as one pass saw it. Read-only; a new pass makes a new one. */
export interface Picture {
  /** When the pass ended, ISO 8601 UTC. */
  at: string;
  /** Missing until the first pass went through. */
  truth?: Truth;
  open: readonly OpenPullRequest[];
  /** Merged and closed ones, the latest first, not all that ever were. */
  past: readonly PullRequest[];
  divergences: readonly Divergence[];
  /** What is live otherwise than declared, as the last look for it found it. Absent: nothing. */
  drifts?: SeenDrifts;
  /** Diagnoses of this process, the latest first. */
  seen: readonly Seen[];
  /** Deliveries that wait or are being looked at. */
  waiting: number;
  dead: readonly DeadLetter[];
  problem?: Problem;
}

/** Who looks at a page. */
export interface Viewer {
  name: string;
  role: 'approver' | 'reader';
}
