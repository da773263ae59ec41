import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { homeLab, homeTokens, type LoggedRequest, type World } from '../../simulators/pve/index.ts';
import { noteSize } from '../../simulators/pve/world.ts';
import { enginesOf } from '../../src/cli/engines.ts';
import { declarationReader } from '../../src/deliver/declared.ts';
import type { Ground } from '../../src/deliver/world.ts';
import type { Forge } from '../../src/forges/forge.ts';
import type { Repository } from '../../src/git/repository.ts';
import { type DirectPve, directPve, plugIn } from './direct-pve.ts';
import { type Computer, computer } from './machines.ts';
import { type ForgeState, forgeState, memoryForge } from './memory-forge.ts';
import { memoryRemote, memoryRepository } from './memory-git.ts';
import type { Random } from './random.ts';
import { type TestClock, testClock } from './test-clock.ts';

/** A write that changed something, whether or not whoever sent it was told. */
export interface Effect {
  vmid: number;
  kind: 'put' | 'reboot';
  parameters: { [key: string]: unknown };
}

/** A home lab in memory: git, forge, PVE, people, and computers on which processes of gitmend begin and die. */
export interface Home {
  random: Random;
  clock: TestClock;
  pve: DirectPve;
  effects: Effect[];
  /** Two computers that the runner may be started on. */
  computers: readonly Computer[];
  /** The person who may approve. */
  person: Forge;
  state: ForgeState;
  /** A mirror of nobody in particular. */
  reader: Repository;
  /** A new process of gitmend. */
  begin(role: 'read' | 'write', on: Computer): Ground;
  /** Commits edits of files on top of the default branch and pushes them to a branch. */
  push(branch: string, edits: { [path: string]: (text: string) => string }): Promise<void>;
  /** Somebody changes a guest on its node. */
  setLive(vmid: number, config: { [key: string]: number }): void;
  /** In force and waiting, as text. */
  liveText: (vmid: number) => string;
}

const env = { GITMEND_PVE_READ: homeTokens.read, GITMEND_PVE_WRITE: homeTokens.write };

/** Opens a home in which all is well, unless `trouble` changes that. */
export async function openHome(
  random: Random,
  trouble: (world: World, now: number) => World = (world) => world,
): Promise<Home> {
  const clock = testClock();
  const world = trouble(homeLab(clock.now()), clock.now());
  const { effects, seen, settle } = effectsOf(world);
  const pve = directPve(world, clock, seen);
  plugIn(pve);
  const remote = memoryRemote();
  const state = forgeState();
  const reader = memoryRepository(remote);
  const tree = await reader.writeTree(undefined, infrastructure(pve.endpoint));
  const begin = await reader.commit({ tree, parents: [], message: 'Begin\n', at: clock.now() });
  await reader.push([{ ref: 'refs/heads/main', from: null, to: begin }]);
  // What a commit declares never changes: reading it anew for every process would be most of the time.
  const declaredAt = declarationReader(reader);
  const lasts = new Map<Computer, { tip?: string; runs: Map<string, string>; heads: Map<string, string> }>();
  const computers = [computer('one'), computer('two')];
  return {
    ...{ random, clock, pve, effects, computers, state, reader },
    person: memoryForge(remote, state, 'maintainer', clock),
    begin(role, on) {
      const repo = memoryRepository(remote);
      const last = lasts.get(on) ?? { runs: new Map<string, string>(), heads: new Map<string, string>() };
      lasts.set(on, last);
      return {
        repo,
        forge: memoryForge(remote, state, 'gitmend', clock),
        clock,
        machine: on.process(),
        declaredAt,
        engines: enginesOf({ role, env, clock }),
        tools: { gitmend: '0.1.0' },
        log: () => undefined,
        seenRecords: { read: async () => last.tip, write: async (tip) => void (last.tip = tip) },
        ownRuns: {
          tip: async (run) => last.runs.get(run),
          async note(run, tip) {
            if (tip === undefined) last.runs.delete(run);
            else last.runs.set(run, tip);
          },
        },
        ownHeads: {
          tip: async (branch) => last.heads.get(branch),
          note: async (branch, head) => void last.heads.set(branch, head),
        },
      };
    },
    async push(branch, edits) {
      await reader.fetch();
      const head = (await reader.tip('refs/heads/main')) ?? '';
      const files = await reader.tree(head);
      const changed = new Map(Object.entries(edits).map(([path, edit]) => [path, edit(files.get(path) ?? '')]));
      const commit = {
        tree: await reader.writeTree(head, changed),
        parents: [head],
        message: `${branch}\n`,
        at: clock.now(),
      };
      const ref = `refs/heads/${branch}`;
      await reader.push([{ ref, from: (await reader.tip(ref)) ?? null, to: await reader.commit(commit) }]);
    },
    setLive(vmid, config) {
      const guest = world.guests.get(vmid);
      if (guest === undefined) throw new Error(`there is no guest ${vmid}`);
      Object.assign(guest.config, guest.type === 'lxc' ? config : strings(config));
      noteSize(world, guest, clock.now());
      settle(vmid);
    },
    liveText: (vmid) => textOf(world, vmid),
  };
}

function strings(config: { [key: string]: number }): { [key: string]: string | number } {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, key === 'memory' ? String(value) : value]),
  );
}

/** Finds the effects by what they change, not by what was answered. */
function effectsOf(world: World) {
  const effects: Effect[] = [];
  const last = new Map([...world.guests.keys()].map((vmid) => [vmid, textOf(world, vmid)]));
  const settle = (vmid: number) => void last.set(vmid, textOf(world, vmid));
  const seen = ({ method, path, parameters, data, status }: LoggedRequest): void => {
    const vmid = Number(/\/(?:lxc|qemu)\/(\d+)\//.exec(path)?.[1] ?? 0);
    if (method === 'GET' || vmid === 0) return;
    const reboot = path.endsWith('/reboot');
    const [before, after] = [last.get(vmid) ?? '', textOf(world, vmid)];
    // What a refused write left waiting is no effect: it must be gone in the end, which the live values are checked for.
    const waits = status === 400 && inForce(before) === inForce(after);
    const done = reboot ? data !== undefined : before !== after && !waits;
    if (done) effects.push({ vmid, kind: reboot ? 'reboot' : 'put', parameters });
    settle(vmid);
  };
  return { effects, seen, settle };
}

function textOf(world: World, vmid: number): string {
  const guest = world.guests.get(vmid);
  return JSON.stringify([guest?.config, guest?.pending, guest?.pendingDelete]);
}

function inForce(text: string): string {
  return JSON.stringify((JSON.parse(text || '[]') as unknown[])[0]);
}

/** The template's guests and the default policies, with one cluster and nothing that would have to be asked over a wire. */
function infrastructure(endpoint: string): Map<string, string> {
  const files = new Map([['gitmend.yaml', gitmendYaml(endpoint)]]);
  for (const [folder, from] of [
    ['guests', 'infra/guests'],
    ['policies', 'policies'],
  ] as const)
    for (const name of readdirSync(resolve(from)))
      files.set(`${folder}/${name}`, readFileSync(resolve(from, name), 'utf8'));
  return files;
}

function gitmendYaml(endpoint: string): string {
  return `version: 1
forge: { kind: local }
runner: builtin
approvers: [maintainer]
clusters:
  - name: home
    endpoint: ${endpoint}
    fingerprint: "${Array.from({ length: 32 }, () => 'AB').join(':')}"
    read: env:GITMEND_PVE_READ
    write: env:GITMEND_PVE_WRITE
verify: { window: 2s, watch: 24h }
`;
}
