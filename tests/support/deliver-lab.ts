import { readFile, rm } from 'node:fs/promises';
import { type Lab, type LabHome, openLab } from '../../demo/lab.ts';
import { homeLab, type World } from '../../simulators/pve/index.ts';
import { noteSize } from '../../simulators/pve/world.ts';
import type { Edits } from '../../src/core/change-set.ts';
import type { RunRecord } from '../../src/core/run.ts';
import type { NotShown, Shown } from '../../src/deliver/show.ts';
import type { Ground } from '../../src/deliver/world.ts';
import type { Comment, Forge, MergeStyle, PullRequest } from '../../src/forges/forge.ts';
import { type LocalForgeAdmin, openLocalForge } from '../../src/forges/local/index.ts';
import { openRepository, type Repository } from '../../src/git/repository.ts';
import { readChain } from '../../src/ledger/records.ts';
import { planningPass, type RunnerPass, runnerPass } from '../../src/pipeline/deliver.ts';
import { type Healed, healDelivery } from '../../src/pipeline/heal.ts';
import { openAs } from './in-process.ts';
import { computer } from './machines.ts';
import { pveContract } from './pve-contract.ts';
import { type TestClock, testClock } from './test-clock.ts';

/** An edit of files: new text, a function of the old one, or `null` for a deletion. */
export type Files = { readonly [path: string]: string | null | ((text: string) => string) };

/** A repository for tests of deliver: people, the bot's two halves, a clock that stands still unless moved. */
export interface DeliverHome {
  lab: LabHome;
  clock: TestClock;
  /** heal and plan; the runner. Each with the variables of its role only. */
  read: Ground;
  write: Ground;
  /** A mirror of somebody who may push. */
  pusher: Repository;
  /** The forge as one account sees it. */
  as(account: string): Promise<Forge & LocalForgeAdmin>;
  /** Pushes one commit with these edits to a branch, made from the default branch where it is new. */
  push(branch: string, files: Files, message?: string): Promise<string>;
  /** A pull request of a person with these edits. */
  propose(branch: string, files: Files, options?: { by?: string; title?: string }): Promise<number>;
  plan(...numbers: number[]): Promise<Map<number, Shown | NotShown>>;
  merge(number: number, options?: { style?: MergeStyle; by?: string }): Promise<PullRequest>;
  pass(): Promise<RunnerPass>;
  /** Passes until nothing is being verified, the clock going from look to look: what happened, line by line. */
  run(): Promise<string[]>;
  records(): Promise<RunRecord[]>;
  /** The last record of one pull request. */
  record(number: number): Promise<RunRecord | undefined>;
  comments(number: number): Promise<Comment[]>;
  /** The open pull requests by the branch's kind: `accept`, `insist`, `undo`, `resize-guest` … */
  open(): Promise<Map<string, PullRequest>>;
}

/** The same with the stand-in Proxmox VE in this process, for tests of heal too. */
export interface DeliverLab extends DeliverHome {
  lab: Lab;
  heal(payload?: string, ground?: Ground): Promise<Healed[]>;
  /** What PVE has in force. */
  live(vmid: number, field?: string): number;
  /** Changed on the node, past the repository. */
  setLive(vmid: number, config: { [field: string]: number }): void;
  /** Requests that were no reads. */
  writes(): number;
  /** What PVE's own description says against the requests; ends the lab and removes its folder. */
  close(): Promise<string[]>;
}

export interface DeliverLabOptions {
  trouble?: (world: World, now: number) => World;
  /** Pushed to the default branch before gitmend sees it for the first time. */
  begin?: Files;
  /** Variables of both roles beside the lab's own. */
  env?: { [name: string]: string };
  /** Stack code is run for real; it takes seconds, so only where a test is about it. */
  synthesis?: boolean;
}

/** A window of one look, for tests that are not about verification. */
export const shortWindow: Files = { 'gitmend.yaml': (text) => text.replace('window: 5s', 'window: 1s') };

/** `memory: 4096` → another value, the comment kept. */
export const set =
  (field: string, value: number) =>
  (text: string): string => {
    const next = text.replace(new RegExp(`^${field}: \\d+`, 'm'), `${field}: ${value}`);
    if (next === text) throw new Error(`the file does not declare ${field} otherwise than ${value}`);
    return next;
  };

export async function deliverLab(options: DeliverLabOptions = {}): Promise<DeliverLab> {
  const clock = testClock();
  const lab = await openLab({ clock, trouble: options.trouble ?? ((_world, now) => homeLab(now)) });
  const home = await deliverHome(lab, clock, options);
  const heal = async (payload?: string, ground = home.read) =>
    healDelivery(ground, payload ?? (await readFile(lab.payload, 'utf8')));
  const close = async () => {
    await home.close();
    return wrongsOf(lab);
  };
  return { ...home, lab, heal, ...sightOf(lab, clock), close };
}

/** A repository of its own about somebody's cluster; `close` ends it and removes its folder. */
export async function deliverHome(
  lab: LabHome,
  clock: TestClock,
  { begin, env, synthesis }: Omit<DeliverLabOptions, 'trouble'>,
): Promise<DeliverHome & { close(): Promise<void> }> {
  for (const role of Object.values(lab.env)) Object.assign(role, env);
  const here = computer();
  const [read, write] = [await openAs(lab, 'read', here), await openAs(lab, 'write', here)];
  if (synthesis !== true) for (const ground of [read, write]) delete ground.synthesize;
  const pusher = await openRepository(`${lab.folder}/state/pusher.git`, lab.forge.remote);
  const made = { lab, clock, read, write, pusher };
  const forges = new Map<string, Forge & LocalForgeAdmin>([['maintainer', lab.forge]]);
  const people = peopleOf(made, forges);
  if (begin !== undefined) await people.push('main', begin, 'begin');
  return { ...made, ...people, ...botOf(made), ...recordsOf(made), close: () => closed(lab, forges) };
}

type Made = Pick<DeliverHome, 'lab' | 'clock' | 'read' | 'write' | 'pusher'>;

function peopleOf({ lab, clock, pusher }: Made, forges: Map<string, Forge & LocalForgeAdmin>) {
  const as = async (account: string) => {
    const found = forges.get(account) ?? (await openLocalForge({ folder: `${lab.folder}/forge`, as: account, clock }));
    forges.set(account, found);
    return found;
  };
  const push = async (branch: string, files: Files, message = 'a change') => {
    await pusher.fetch();
    const tip = await pusher.tip(`refs/heads/${branch}`);
    const base = tip ?? (await pusher.tip('refs/heads/main')) ?? '';
    const tree = await pusher.writeTree(base, editsOf(files, await pusher.tree(base)));
    const commit = await pusher.commit({ tree, parents: [base], message: `${message}\n`, at: clock.now() });
    const pushed = await pusher.push([{ ref: `refs/heads/${branch}`, from: tip ?? null, to: commit }]);
    if (!pushed) throw new Error(`${branch} could not be pushed`);
    return commit;
  };
  return {
    as,
    push,
    async propose(branch: string, files: Files, { by = 'maintainer', title = branch } = {}) {
      await push(branch, files, title);
      const wanted = { branch, base: 'main', title, body: '', labels: [] };
      return (await (await as(by)).openPullRequest(wanted)).number;
    },
    async merge(number: number, { style, by = 'maintainer' }: { style?: MergeStyle; by?: string } = {}) {
      const forge = await as(by);
      return forge.merge(number, { style: style ?? 'merge', head: (await forge.pullRequest(number)).head });
    },
  };
}

function editsOf(files: Files, tree: ReadonlyMap<string, string>): Edits {
  return new Map(
    Object.entries(files).map(([path, edit]) => [path, typeof edit === 'function' ? edit(tree.get(path) ?? '') : edit]),
  );
}

function botOf({ clock, read, write }: Made) {
  return {
    async plan(...numbers: number[]) {
      const { shown } = await planningPass(read, numbers.length === 0 ? undefined : numbers);
      return new Map(shown.map(({ number, result }) => [number, result]));
    },
    pass: () => runnerPass(write),
    async run() {
      const said: string[] = [];
      for (let pass = 0; pass < 40; pass += 1) {
        const { events, waiting, next } = await runnerPass(write);
        said.push(...events, ...waiting.map((why) => `waiting: ${why}`));
        if (next === undefined) return said;
        clock.reach(next);
      }
      throw new Error(`the runner does not come to an end:\n${said.join('\n')}`);
    },
  };
}

function recordsOf({ lab, pusher }: Made) {
  const records = async () => {
    await pusher.fetch();
    const chain = await readChain(pusher);
    if (!chain.ok) throw new Error(chain.why);
    return chain.records.map(({ record }) => record);
  };
  return {
    records,
    record: async (number: number) => (await records()).findLast(({ pullRequest }) => pullRequest?.number === number),
    comments: (number: number) => lab.forge.comments(number),
    async open() {
      const all = await lab.forge.pullRequests({ state: 'open' });
      return new Map(
        all.map((pr) => [pr.branch.startsWith('gitmend/') ? (pr.branch.split('/')[1] ?? '') : pr.branch, pr]),
      );
    },
  };
}

function sightOf(lab: Lab, clock: TestClock) {
  const guestOf = (vmid: number) => {
    const guest = lab.pve.world.guests.get(vmid);
    if (guest === undefined) throw new Error(`there is no guest ${vmid}`);
    return guest;
  };
  return {
    live: (vmid: number, field = 'memory') => Number(guestOf(vmid).config[field]),
    setLive(vmid: number, config: { [field: string]: number }) {
      const guest = guestOf(vmid);
      Object.assign(guest.config, config);
      noteSize(lab.pve.world, guest, clock.now());
    },
    writes: () => lab.pve.requests.filter(({ method }) => method !== 'GET').length,
  };
}

const contract = pveContract();

function wrongsOf({ pve }: Lab): string[] {
  const wrong = pve.requests.flatMap(({ method, path, parameters }) => contract.check(method, path, parameters));
  return [...new Set(wrong)];
}

async function closed(lab: LabHome, forges: ReadonlyMap<string, LocalForgeAdmin>): Promise<void> {
  for (const [account, forge] of forges) if (account !== 'maintainer') forge.release();
  await lab.end();
  await rm(lab.folder, { recursive: true, force: true });
}
