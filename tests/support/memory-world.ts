import type { Applier, Observed } from '../../src/appliers/applier.ts';
import { isoTime } from '../../src/core/clock.ts';
import { GitmendError } from '../../src/core/errors.ts';
import type { LiveGuest } from '../../src/core/guest.ts';
import { digestOf } from '../../src/core/json.ts';
import type { Step } from '../../src/core/step.ts';
import { parseGuestTarget, printGuestTarget, type GuestTarget, type Target } from '../../src/core/target.ts';
import { declarationReader } from '../../src/deliver/declared.ts';
import type { Ground } from '../../src/deliver/world.ts';
import type { Comment, Forge, PullRequest, Status } from '../../src/forges/forge.ts';
import type { Machine } from '../../src/ledger/holder.ts';
import { memoryRemote, type MemoryRemote } from './memory-repository.ts';
import type { TestClock } from './test-clock.ts';

/** What may happen to one write. `before`: it did not reach the guest, and nobody says so. */
export type Trouble = 'none' | 'lost-before' | 'lost-after' | 'refused' | 'conflict' | 'locked' | 'half-written';

/** One guest, what was done to it, and the troubles that wait for the next writes. */
export interface MemoryGuest {
  live: LiveGuest;
  /** Every write that took effect: the run that sent it, the values. */
  effects: { run: string; index: number; set: { [key: string]: number } }[];
}

/** A whole world in memory, shared by as many runners as a test wants. */
export interface MemoryWorld {
  remote: MemoryRemote;
  guests: Map<Target, MemoryGuest>;
  pullRequests: PullRequest[];
  trouble: () => Trouble;
  /** Shared by all runners: a commit never changes, and reading a thousand of them again for each is slow. */
  declaredAt: Ground['declaredAt'];
  /** A runner: its own mirror, its own process. */
  ground(machine: Machine): Ground;
  /** A person's pull request with these texts; merged at once when its plan is shown. */
  propose(files: { [path: string]: string }): Promise<PullRequest>;
  merge(pr: PullRequest): Promise<void>;
}

const gitmendYaml = `version: 1
forge: { kind: local }
runner: builtin
approvers: [maintainer]
clusters:
  - { name: home, endpoint: "https://pve1:8006", ca: certs/ca.pem, read: env:READ, write: env:WRITE }
verify: { window: 5s }
`;
const policies = `version: 1
rules:
  - { name: all, when: { step: [resize-guest, restart-vm, take-note] }, level: approve }
`;

/** The text of one guest's file. */
export function guestText(vmid: number, { memory, cores }: { memory: number; cores: number }): string {
  return `name: guest${vmid}\ncluster: home\nnode: pve1\nvmid: ${vmid}\ntype: lxc\ncores: ${cores}\nmemory: ${memory}\nswap: 512\ndisk: { storage: local, size: 8 }\nnetwork: { bridge: vmbr0 }\ntags: []\n`;
}

export async function memoryWorld(
  clock: TestClock,
  vmids: readonly number[],
  trouble: () => Trouble,
): Promise<MemoryWorld> {
  const remote = memoryRemote();
  const guests = new Map(
    vmids.map((vmid) => [`home/lxc/${vmid}`, { live: liveGuest(vmid, clock), effects: [] }] as [Target, MemoryGuest]),
  );
  const pullRequests: PullRequest[] = [];
  const comments = new Map<number, Comment[]>();
  const statuses = new Map<string, Status[]>();
  const person = remote.open();
  const files = new Map([
    ['gitmend.yaml', gitmendYaml],
    ['policies/all.yaml', policies],
    ...vmids.map(
      (vmid) => [`guests/guest${vmid}.yaml`, guestText(vmid, { memory: 2048, cores: 2 })] as [string, string],
    ),
  ]);
  const first = await person.commit({
    tree: await person.writeTree(undefined, files),
    parents: [],
    message: 'Begin\n',
    at: clock.now(),
  });
  await person.push([{ ref: 'refs/heads/main', from: null, to: first }]);
  const world: MemoryWorld = {
    remote,
    guests,
    pullRequests,
    trouble,
    declaredAt: declarationReader(remote.open()),
    ground: (machine) => groundOf(world, machine, clock, { comments, statuses }),
    async propose(texts) {
      const repo = remote.open();
      const head = (await repo.tip('refs/heads/main')) ?? '';
      const number = pullRequests.length + 1;
      const commit = await repo.commit({
        tree: await repo.writeTree(head, new Map(Object.entries(texts))),
        parents: [head],
        message: `edit ${number}\n`,
        at: clock.now(),
      });
      await repo.push([{ ref: `refs/heads/edit-${number}`, from: null, to: commit }]);
      const at = isoTime(clock.now());
      const pr: PullRequest = {
        number,
        title: `edit ${number}`,
        body: '',
        author: 'maintainer',
        branch: `edit-${number}`,
        base: 'main',
        head: commit,
        state: 'open',
        createdAt: at,
        updatedAt: at,
        fork: false,
      };
      pullRequests.push(pr);
      return pr;
    },
    async merge(pr) {
      const repo = remote.open();
      const base = (await repo.tip('refs/heads/main')) ?? '';
      const merged = await repo.mergeTree(base, pr.head);
      if (!('tree' in merged)) throw new Error('a conflict in a test without any');
      const commit = await repo.commit({
        tree: merged.tree,
        parents: [base, pr.head],
        message: `Merge #${pr.number}\n`,
        at: clock.now(),
      });
      await repo.push([{ ref: 'refs/heads/main', from: base, to: commit }]);
      Object.assign(pr, {
        state: 'merged',
        mergedAt: isoTime(clock.now()),
        mergedBy: 'maintainer',
        mergeCommit: commit,
      });
    },
  };
  return world;
}

function liveGuest(vmid: number, clock: TestClock): LiveGuest {
  return {
    ...{ cluster: 'home', node: 'pve1', type: 'lxc', vmid, name: `guest${vmid}`, status: 'running', digest: 'd0' },
    ...{
      running: { memory: 2048, cores: 2, swap: 512 },
      pending: {},
      hotplug: [],
      tags: [],
      uptime: 3600,
      at: isoTime(clock.now()),
    },
  };
}

function groundOf(
  world: MemoryWorld,
  machine: Machine,
  clock: TestClock,
  shown: { comments: Map<number, Comment[]>; statuses: Map<string, Status[]> },
): Ground {
  const repo = world.remote.open();
  let seen: string | undefined;
  return {
    ...{ repo, clock, machine, declaredAt: world.declaredAt, tools: { gitmend: 'test' }, log: () => undefined },
    forge: forgeOf(world, clock, shown),
    seenRecords: { read: async () => seen, write: async (tip) => void (seen = tip) },
    engines: () => ({
      applier: () => applierOf(world, clock),
      look: async (target) => ({ live: found(world, target).live, facts: {} }),
      signalState: async () => ({ state: 'not-observed' }),
      complete: async (payload) => payload,
      gather: async () => ({ facts: {}, gaps: [] }),
      listGuests: async () => [],
    }),
  };
}

function forgeOf(
  { pullRequests, remote: { refs } }: MemoryWorld,
  clock: TestClock,
  { comments, statuses }: { comments: Map<number, Comment[]>; statuses: Map<string, Status[]> },
): Forge {
  const one = (number: number): PullRequest => {
    const pr = pullRequests[number - 1];
    if (pr === undefined) throw new GitmendError('FORGE_FAILED', `no #${number}`);
    return pr;
  };
  return {
    ...{ kind: 'memory', remote: '', defaultBranch: 'main', self: 'gitmend' },
    async ensurePullRequest({ branch, base, title, body }) {
      const open = pullRequests.find((pr) => pr.branch === branch && pr.state === 'open');
      if (open !== undefined) return Object.assign(open, { title, body });
      const at = isoTime(clock.now());
      const number = pullRequests.length + 1;
      const head = refs.get(`refs/heads/${branch}`) ?? '';
      const pr: PullRequest = {
        number,
        title,
        body,
        author: 'gitmend',
        branch,
        base,
        head,
        state: 'open',
        createdAt: at,
        updatedAt: at,
        fork: false,
      };
      pullRequests.push(pr);
      return pr;
    },
    pullRequest: async (number) => one(number),
    pullRequests: async ({ state, branch }) =>
      pullRequests.filter(
        (pr) => (state === 'all' || pr.state === state) && (branch === undefined || pr.branch === branch),
      ),
    pullRequestOfMerge: async (commit) => pullRequests.find(({ mergeCommit }) => mergeCommit === commit),
    commitCount: async () => 1,
    async ensureComment(number, marker, body) {
      const list = comments.get(number) ?? [];
      const known = list.find((comment) => comment.body.includes(marker));
      const at = isoTime(clock.now());
      const comment = {
        id: known?.id ?? String(list.length),
        author: 'gitmend',
        body,
        createdAt: known?.createdAt ?? at,
        updatedAt: known?.body === body ? known.updatedAt : at,
      };
      comments.set(number, [...list.filter((other) => other !== known), comment]);
      return comment;
    },
    comments: async (number) => comments.get(number) ?? [],
    ensureStatus: async (commit, status) => void statuses.set(commit, [status]),
    statuses: async (commit) => statuses.get(commit) ?? [],
    reviews: async () => [],
    merge: async (number) => one(number),
    close: async (number) =>
      void Object.assign(one(number), { state: 'closed', closedBy: 'gitmend', closedAt: isoTime(clock.now()) }),
    changedSince: async () => ({ numbers: [], cursor: '' }),
  };
}

function found({ guests }: MemoryWorld, target: GuestTarget): MemoryGuest {
  const guest = guests.get(printGuestTarget(target));
  if (guest === undefined) throw new GitmendError('PVE_NOT_FOUND', 'no such guest');
  return guest;
}

function applierOf(world: MemoryWorld, clock: TestClock): Applier {
  const of = (step: Step): MemoryGuest => {
    const target = parseGuestTarget(step.target);
    if (target === undefined) throw new Error('not a guest');
    return found(world, target);
  };
  return {
    name: 'proxmox',
    async read(target) {
      const { live } = found(world, target);
      const at = isoTime(clock.now());
      const node = {
        cluster: 'home',
        node: 'pve1',
        memoryTotal: 2 ** 36,
        memoryAvailable: 2 ** 35,
        cpus: 16,
        memoryPromised: 0,
        at,
      };
      return { guest: structuredClone({ ...live, at }), node };
    },
    preview: async () => ({ accepted: true, notes: [] }),
    observe: async (step) => observe(of(step).live, step),
    async revertPending(step) {
      const { live } = of(step);
      const ours = (field: string, value: unknown) => step.after[field] === value;
      live.pending = Object.fromEntries(Object.entries(live.pending).filter(([field, value]) => !ours(field, value)));
    },
    async apply(step, { run, index, live: seen }) {
      const guest = of(step);
      const set = step.action.kind === 'set-guest-config' ? step.action.set : {};
      const trouble = world.trouble();
      const fail = (code: 'PVE_TIMEOUT' | 'PVE_REFUSED' | 'PVE_CONFLICT' | 'PVE_LOCKED', maybeWritten: boolean) =>
        new GitmendError(code, trouble, { details: { maybeWritten } });
      if (trouble === 'conflict' || seen.digest !== guest.live.digest) throw fail('PVE_CONFLICT', false);
      if (trouble === 'locked') throw fail('PVE_LOCKED', false);
      if (trouble === 'refused') throw fail('PVE_REFUSED', false);
      if (trouble === 'lost-before') throw fail('PVE_TIMEOUT', true);
      if (trouble === 'half-written') {
        Object.assign(guest.live.pending, set);
        throw fail('PVE_REFUSED', true);
      }
      Object.assign(guest.live.running, set);
      guest.live.digest = digestOf({ ...guest.live, was: guest.live.digest }).slice(7, 47);
      guest.effects.push({ run, index, set });
      if (trouble === 'lost-after') throw fail('PVE_TIMEOUT', true);
      return guest.live.digest;
    },
  };
}

function observe(live: LiveGuest, step: Step): Observed {
  const is = (values: Step['after']) =>
    Object.entries(values).every(([field, value]) => live.running[field as 'memory'] === value);
  const saw = `${live.name} has ${JSON.stringify(live.running)}`;
  return {
    state: is(step.after) ? 'done' : is(step.before) ? 'not-done' : 'unknown',
    saw,
    live: structuredClone(live),
  };
}
