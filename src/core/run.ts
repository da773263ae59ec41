import type { Area } from './area.ts';
import type { Digest, Json } from './json.ts';
import { digestOf } from './json.ts';
import type { Finding, RunOutcome } from './outcome.ts';
import type { SignalReference } from './plan.ts';
import type { Target } from './target.ts';

/** The same merge and the same actions are the same run, whoever starts it: two runners find each other. */
export function runId(merge: string, actions: Digest): string {
  return digestOf({ merge, actions }).slice('sha256:'.length, 'sha256:'.length + 40);
}

/** One execution step as recorded. */
export interface StepRecord {
  target: Target;
  /** `set memory` */
  action: string;
  before: { [field: string]: Json };
  after: { [field: string]: Json };
  at: string;
  took: string;
  /** What the engine named the effect: a UPID, or the config digest read after it. */
  effect: string;
  undo: string;
}

/** What happened, in git history: `records/<yyyy>/<mm>/<run>.yaml`. */
export interface RunRecord {
  version: 1;
  run: string;
  outcome: RunOutcome | 'no-change' | 'report-only';
  /** Why, for every outcome but `verified` and `adopted`. */
  reason?: string;
  message?: string;
  remedy?: string;
  target?: Target;
  name?: string;
  fingerprint?: string;
  signal?: SignalReference;
  pullRequest?: { number: number; head: string; merge: string; approvedBy: string[]; mergedBy: string; title: string };
  plan?: { record: Digest; actions: Digest };
  steps?: StepRecord[];
  /** Ids of the operation files that this merge requested: each is used once. */
  operations?: string[];
  /** What became the applied declaration: target → the fields that this merge declared. */
  applied?: {
    merge: string;
    fields: { readonly [target: Target]: readonly string[] };
    rules?: boolean;
    /** Areas (`ansible`, `stacks`) that are applied as of this merge. */
    areas?: readonly Area[];
  };
  verification?: {
    window: string;
    looks: number;
    observed: { [name: string]: Json };
    /** What none of the looks could see, because no source here shows it. */
    notObserved?: string[];
    alertResolvedAt?: string;
  };
  /** Of a run that was not verified: the pull request that proposes the way back, or why there is none and what helps. */
  wayBack?: { pullRequest: number } | { not: string; helps: readonly string[] };
  /** What a person says of an inconclusive run: their word, no observation. `of`: the run. */
  word?: { says: 'worked' | 'failed'; by: string; of: string };
  findings?: { finding: Finding; message: string }[];
  at: string;
  /** Digest of the record before this one in the chain; absent on the first. */
  previous?: Digest;
}

/** One run of a forge's CI: what can be asked whether it has ended. */
export interface CiRun {
  /** `https://git.home.lan` */
  server: string;
  /** `owner/name` */
  repository: string;
  /** The forge's id of the run. */
  run: string;
  /** 1 for the first; on GitHub a run can be started again under the same id. */
  attempt: number;
}

/** Who holds a lock or writes a journal: enough to prove later that it is gone. */
export interface Holder {
  /** Unique to this holding, so that no two lock commits are the same object. */
  nonce: string;
  run: string;
  host: string;
  /** /etc/machine-id; '' where there is none (then only a person can say that it is gone, except on the same boot). */
  machine: string;
  boot: string;
  pidNamespace: string;
  pid: number;
  /** Start time of the process in clock ticks since boot (/proc/<pid>/stat field 22). */
  started: string;
  /** A job of CI: then only the forge knows whether it is gone. */
  ci?: CiRun;
  at: string;
}

/** One transition of a run. The first names the writer; each is one commit on refs/gitmend/runs/<run>. */
export type JournalEntry =
  | {
      kind: 'begun';
      run: string;
      merge: string;
      pullRequest: number;
      actions: Digest;
      writer: Holder;
      /** The alert had resolved before anything was sent: then its resolve is no credit. */
      alert?: 'resolved';
      at: string;
    }
  /** Durable before the effect: from here on it may have happened. */
  | { kind: 'intended'; index: number; at: string }
  /** The intent is taken back: the engine refused before anything was sent, so it may be tried as if for the first time. */
  | { kind: 'withdrawn'; index: number; why: string; at: string }
  /** The effect's own id; `observed` where the step was found done and nothing was sent. */
  | { kind: 'applied'; index: number; effect: string; took: number; at: string }
  /** `notes`: what there is to say of the apply beside its effects. */
  | { kind: 'verifying'; from: string; until: string; notes?: string[]; at: string }
  | {
      kind: 'look';
      state: 'holds' | 'fails' | 'cannot-tell';
      why: string;
      observed: { [name: string]: Json };
      /** What no source here shows; absent where everything that is judged was seen. */
      notObserved?: string[];
      at: string;
    }
  | { kind: 'ended'; outcome: RunOutcome; reason: string; message: string; at: string };
