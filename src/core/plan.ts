import type { AnsiblePlan } from './ansible.ts';
import type { FactName } from './fact.ts';
import type { Digest, Json } from './json.ts';
import type { Refusal } from './change-set.ts';
import type { StopReason } from './outcome.ts';
import type { Step } from './step.ts';
import type { Target } from './target.ts';
import type { TerraformPlan } from './terraform-plan.ts';

/** What policy said of the steps. */
export interface Verdict {
  /** `auto`, `notify`, `approve`, `approve-2` …, `forbidden`. */
  level: string;
  /** The rule that decided, or '' where none matched. */
  rule: string;
  /** How many eligible approvals; merging counts as one. */
  needs: number;
  /** Forge accounts whose approval counts, and teams (`team:owner/name`) whose members' does. */
  eligible: string[];
  /** Teams that the rules name and of which the forge does not tell who is in them: they count for nobody. */
  notCounted?: string[];
  /** Why a person merges what the level leaves to gitmend; absent where gitmend does, and at the other levels. */
  personMerges?: PersonMerges;
  /** Seconds after which the plan expires. */
  expiresAfter: number;
}

/**
 * `ci`: what runs gitmend keeps nothing, so it cannot know which heads it made. `choice`: a way out or back, one of several
 * ways to go. `not-own`: gitmend merges what it opened itself, and nothing else.
 */
export type PersonMerges = 'ci' | 'choice' | 'not-own';

/** Which live signal a bot's pull request answers; read back from its body, shown in the comment. */
export interface SignalReference {
  name: string;
  fingerprint: string;
  labels: { [label: string]: string };
  startsAt: string;
}

/** What the verification will look for. */
export interface VerificationPlan {
  /** Seconds from the end of the apply to the verdict. */
  window: number;
  /** Seconds during which a return counts as `regressed`. */
  watch: number;
  /** The remedy whose predicate is used, or 'default' (live equals declared, and it runs). */
  predicate: string;
  /** The predicate in words, for the comment. */
  words: string;
  /** Facts that answered when this was planned: one that is silent later is missing, not merely unobserved. */
  answered?: FactName[];
  /** What the predicate's figures were when this was planned: the record tells before from after. */
  before?: { [figure: string]: Json };
  /** What no source here shows of what would be judged: said before, and blocks nothing. */
  notObserved?: string[];
  signal?: SignalReference;
  /** A signal is answered, and no Alertmanager is configured that could be asked for it. */
  alert?: 'not-asked';
}

/** What PVE would say to one step now, asked without changing anything. */
export interface Preview {
  accepted: boolean;
  /** `not locked`, `11.2 GiB free on pve1` … or why not. */
  notes: string[];
}

/** What Terraform plans for one guest, for people to read: a step of it binds the digest of exactly this. */
export interface TerraformShown {
  target: Target;
  stack: string;
  plan: TerraformPlan;
}

/** What Ansible's check mode says of one playbook, for people to read: a step of it binds the digest of exactly this. */
export interface PlaybookShown {
  target: Target;
  plan: AnsiblePlan;
}

/** The steps that a pull request leads to, with everything an approval must see. Stored as canonical JSON. */
export interface PlanRecord {
  version: 1;
  pullRequest: number;
  head: string;
  base: string;
  mergeTree: string;
  /** Commit whose gitmend.yaml and policies decided. */
  rules: string;
  /** What of that commit decided, by content: gitmend.yaml, and all policies. */
  inForce?: { config: Digest; policies: Digest };
  remedy: string;
  fingerprint: string;
  steps: Step[];
  actions: Digest;
  /** What is refused; a plan with refusals can be shown and never applied. */
  refusals: Refusal[];
  policy: Verdict;
  preview: Preview;
  previewedAt: string;
  /** Lines of the difference in the synthesized stacks; empty where there is none. */
  synthesized: string[];
  /** One for each guest that Terraform was asked about, by target. */
  terraform?: TerraformShown[];
  /** One for each playbook that was checked, in the order in which they run. */
  ansible?: PlaybookShown[];
  /** Other things to say: files nothing is applied from, code that was not run … */
  notes: string[];
  /** Ids of operation files that this merge would request. */
  operations: string[];
  verification: VerificationPlan;
  shownAt: string;
  expiresAt: string;
  tools: { [name: string]: string };
}

/** A pull request that was merged, as the runner judges it. */
export type Approval =
  | { approved: true; plan: PlanRecord; planCommit: string; approvedBy: string[]; mergedBy: string }
  | { approved: false; state: 'unapproved'; why: string }
  | { approved: false; state: 'stopped'; reason: StopReason; why: string; plan?: PlanRecord };

/** One target's declaration, for the pointer. */
export interface AppliedTarget {
  target: Target;
  /** The fields last applied. */
  declaration: { [field: string]: unknown };
  /** The merge (or adopted commit) that did. */
  merge: string;
}
