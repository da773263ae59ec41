import type { PlanRecord } from '../../src/core/plan.ts';
import { isoTime } from '../../src/core/clock.ts';
import { type Declared, readDeclared } from '../../src/deliver/declared.ts';
import { differenceOf } from '../../src/deliver/difference.ts';
import type { Truth } from '../../src/deliver/truth.ts';
import type { Unit } from '../../src/deliver/units.ts';
import type { Ground } from '../../src/deliver/world.ts';
import type { Comment, PullRequest, Review } from '../../src/forges/forge.ts';
import type { Applied } from '../../src/ledger/applied.ts';
import type { Repository } from '../../src/git/repository.ts';
import { printPlanComment } from '../../src/records/plan-comment.ts';
import { printPlanRecord } from '../../src/records/plan-record.ts';
import { hex } from '../records/examples.ts';

// What judging a merge stands on, without git and forge: one pull request (#42), its plans, its comment, its reviews.

/** The merge of #42: 2026-11-20T12:00:00Z. */
export const mergedAt = Date.parse('2026-11-20T12:00:00Z');

/** So many seconds before the merge. */
export const before = (seconds: number): string => isoTime(mergedAt - seconds * 1000);

/** The file of `postgres`. */
export const guestYaml = (memory: number, tags: string, carries = ''): string => `name: postgres
cluster: home
node: pve1
vmid: 200
type: lxc
cores: 2
memory: ${memory}
swap: 512
disk: { storage: local-lvm, size: 32 }
network: { bridge: vmbr0 }
tags: [${tags}]
carries: [${carries}]
`;

export const configYaml = `version: 1
forge: { kind: local }
runner: builtin
approvers: [ann, ben, cid]
clusters:
  - { name: home, endpoint: "https://pve1:8006", ca: certs/ca.pem, read: env:READ, write: env:WRITE }
`;

/** A tree with `postgres` and these rules. */
export function treeWith({
  memory = 2048,
  tags = '',
  carries = '',
  policies = oneApprover,
  gitmend = configYaml,
} = {}): Declared {
  const files = {
    'gitmend.yaml': gitmend,
    'policies/guests.yaml': policies,
    'guests/postgres.yaml': guestYaml(memory, tags, carries),
  };
  return readDeclared(hex('2', 40), new Map(Object.entries(files)));
}

export const oneApprover = `version: 1
rules:
  - { name: guests, when: { step: [resize-guest, change-rules] }, level: approve }
`;
export const twoApprovers = oneApprover.replace('level: approve', 'level: approve-2');

/** A merge as the forge and git tell of it. */
export interface Merged {
  plans: readonly (PlanRecord | string)[];
  reviews?: readonly Partial<Review>[];
  pr?: Partial<PullRequest>;
  /** The plan comment; by default what the last plan prints, shown when it was made. `null`: there is none. */
  comment?: Partial<Comment> | null;
  rules?: Declared;
  after?: Declared;
  /** What was applied last; by default what the rules' tree declares. */
  applied?: Applied;
  treeMatches?: boolean;
}

/** The ground, the rules and the unit for `judgeApproval`. */
export function mergedAs(merged: Merged): {
  ground: Ground;
  rules: Pick<Truth, 'rules' | 'applied' | 'areas'>;
  unit: Unit;
} {
  const { rules = treeWith(), after = grown(rules), treeMatches = true } = merged;
  const [from, to] = [hex('2', 40), hex('9', 40)];
  const declaredAt = async (commit: string) => (commit === from ? rules : after);
  const ground = { repo: repoWith(merged.plans), forge: forgeWith(merged), declaredAt };
  const pullRequest = { ...pullRequestOf(merged), ...merged.pr };
  const difference = differenceOf(rules, after);
  const unit: Unit = { from, to, difference, operations: [], treeMatches, pullRequest };
  // Whatever else of the ground were used would be missed at once.
  return {
    ground: ground as unknown as Ground,
    rules: { rules, applied: merged.applied ?? appliedAs(rules), areas: new Map() },
    unit,
  };
}

/** Everything that a tree declares is applied as of it. */
export function appliedAs({ commit, guests }: Declared): Applied {
  const targets = [...guests].map(([target, declaration]) => [target, { declaration, merge: commit }] as const);
  return { version: 1, rules: commit, targets: Object.fromEntries(targets) };
}

function grown({ tree }: Declared): Declared {
  const text = (tree.get('guests/postgres.yaml') ?? '').replace('memory: 2048', 'memory: 3072');
  return readDeclared(hex('9', 40), new Map([...tree, ['guests/postgres.yaml', text]]));
}

function repoWith(plans: Merged['plans']): Partial<Repository> {
  const texts = plans.map((plan) => (typeof plan === 'string' ? plan : printPlanRecord(plan)));
  const ids = texts.map((_, index) => `plan${index}`);
  return {
    tip: async () => ids.at(-1),
    firstParents: async () => ids,
    tree: async (id) => new Map([['plan.json', texts[ids.indexOf(id)] ?? '']]),
  };
}

function forgeWith({ plans, reviews = [], comment }: Merged) {
  const last = plans.findLast((plan) => typeof plan !== 'string');
  const at = last === undefined ? before(600) : last.shownAt;
  const body = last === undefined ? '' : printPlanComment(last);
  const shown: Comment = { id: '1', author: 'gitmend', body, createdAt: at, updatedAt: at, ...comment };
  return {
    self: 'gitmend',
    comments: async () => (comment === null ? [] : [shown]),
    reviews: async () =>
      reviews.map((one, index) => ({
        ...{ id: String(index), author: 'ann', state: 'approved', void: false, submittedAt: before(60) },
        commit: hex('1', 40),
        ...one,
      })),
  };
}

function pullRequestOf({ plans }: Merged): PullRequest {
  const last = plans.findLast((plan) => typeof plan !== 'string');
  return {
    ...{ number: 42, title: 'postgres', body: '', author: 'ann', branch: 'more', base: 'main', state: 'merged' },
    head: last?.head ?? hex('1', 40),
    ...{
      createdAt: before(900),
      updatedAt: before(0),
      mergedAt: before(0),
      mergedBy: 'ben',
      mergeCommit: hex('9', 40),
    },
    fork: false,
  };
}
