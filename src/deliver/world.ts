import type { PlaybookRunner } from '../appliers/ansible/applier.ts';
import type { Applier } from '../appliers/applier.ts';
import type { Clock } from '../core/clock.ts';
import type { Evidence, Facts } from '../core/fact.ts';
import type { Backup, GuestTies, LiveGuest } from '../core/guest.ts';
import type { SignalReference } from '../core/plan.ts';
import type { Step } from '../core/step.ts';
import type { GuestTarget, Target } from '../core/target.ts';
import type { GuestPlan } from '../terraform/index.ts';
import type { EvidenceRequest } from '../evidence/index.ts';
import type { Forge } from '../forges/forge.ts';
import type { Repository } from '../git/repository.ts';
import type { ListedGuest } from '../inventory/index.ts';
import type { Machine } from '../ledger/holder.ts';
import type { Declared } from './declared.ts';
import type { PlaybookBasis } from './playbooks.ts';
import type { StackOutcome } from './stack-code.ts';
import type { StackBasis } from './terraform.ts';

/** How a signal stands now, as the runner reads it itself. */
export type SignalState =
  | { state: 'resolved'; at?: string }
  | { state: 'firing' }
  | { state: 'unknown'; why: string }
  /** No Alertmanager is configured, or the pull request answers no signal. */
  | { state: 'not-observed' };

/** What the synthesis of the default branch's stack code on a tree's data gave. */
export type Synthesis =
  | { ok: true; stacks: { [stack: string]: unknown } }
  /**
   * `SYNTH_UNSTABLE`: run again on the same data, it gave something else. `STACK_MODULES_DIFFER`: it was not run, because
   * the lock file names other modules.
   */
  | { ok: false; message: string; code?: 'SYNTH_UNSTABLE' | 'STACK_MODULES_DIFFER' };

/** Terraform for the guests of one basis, and for its change of stack code. All throw TERRAFORM_ errors, and SYNTH_FAILED. */
export interface GuestTerraform {
  /** What it would do to the guest now. Reads only. */
  plan: (target: Target) => Promise<GuestPlan>;
  applier: () => Applier;
  /** Has the state take in what is live of the guest, and says what Terraform would still do to it. Changes nothing else. */
  notice: (target: Target) => Promise<string[]>;
  /** What it would do to the stacks that the change reaches; not asked of those whose step was observed as done. */
  stacks: (done: ReadonlyMap<Target, Step>) => Promise<StackOutcome>;
}

/** What reaches the live systems, for one set of rules: endpoints and CA files are those of the rules in force. */
export interface Engines {
  applier: (name: string) => Applier;
  /** Live facts for a verification: the guest and what its status shows. */
  look: (target: GuestTarget) => Promise<{ live: LiveGuest; facts: Facts }>;
  signalState: (signal: SignalReference) => Promise<SignalState>;
  /** Evidence for a diagnosis. */
  gather: (request: EvidenceRequest) => Promise<Evidence>;
  /** The webhook with the alerts that Alertmanager left out of it (`truncatedAlerts`), where it can be asked. */
  complete: (payload: string) => Promise<string>;
  /** Terraform on stacks of this basis; absent where gitmend.yaml names none. */
  terraform?: (basis: StackBasis) => GuestTerraform;
  /** Ansible on this basis; absent where gitmend.yaml names none. Throws ANSIBLE_ errors. */
  ansible?: (basis: PlaybookBasis) => PlaybookRunner;
  /** A backup of the guest that ended well on its node: the newest since then (milliseconds since the epoch), or this one. */
  backup: (
    target: GuestTarget,
    node: string,
    which: { since: number } | { upid: string },
  ) => Promise<Backup | undefined>;
  /** What keeps the guest from being destroyed beside its own configuration. */
  ties: (target: GuestTarget) => Promise<GuestTies>;
  /** The guests of one cluster, as PVE has them now. */
  listGuests: (cluster: string) => Promise<ListedGuest[]>;
}

/** Everything that deliver stands on, constructed once at the entry point. */
export interface Ground {
  repo: Repository;
  forge: Forge;
  clock: Clock;
  machine: Machine;
  declaredAt: (commit: string) => Promise<Declared>;
  /** Nothing is sent to an endpoint that only a tree under review, or a pointer nobody checked, names. */
  engines: (rules: Declared) => Engines;
  synthesize?: (code: Declared, data: Declared) => Promise<Synthesis>;
  /** The same for code under review, in a sandbox. Throws SANDBOX_MISSING where this machine has none. */
  synthesizeUntrusted?: (code: Declared, data: Declared) => Promise<Synthesis>;
  /** Gets ready for a synthesis that is likely in a moment, and lets go of that. It changes no result. */
  ahead?: { expect: () => void; end: () => Promise<void> };
  /** Path of the SSH key that signs records. */
  signingKey?: string;
  /** Path of an allowed-signers file: then a record that none of them signed stops everything. */
  signers?: string;
  /** Versions that go into a plan. */
  tools: { [name: string]: string };
  /** One structured line; never secrets. */
  log: (event: string, details?: { [key: string]: unknown }) => void;
  /** The last tip of the records that this machine has seen: it may only grow. */
  seenRecords: { read(): Promise<string | undefined>; write(tip: string): Promise<void> };
  /** By run, the tip of its journal after what this machine wrote to it last: whatever follows, somebody else wrote. */
  ownRuns: { tip(run: string): Promise<string | undefined>; note(run: string, tip: string | undefined): Promise<void> };
  /** By branch, the head that this machine made and pushed last: policy lets gitmend merge no other one by itself. */
  ownHeads: { tip(branch: string): Promise<string | undefined>; note(branch: string, head: string): Promise<void> };
}

/** The ground, and the engines that the rules in force name. */
export type World = Ground & Engines;
