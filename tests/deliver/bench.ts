import type { Applier, Observed } from '../../src/appliers/applier.ts';
import { isoTime } from '../../src/core/clock.ts';
import { GitmendError, type ErrorCode } from '../../src/core/errors.ts';
import type { LiveGuest } from '../../src/core/guest.ts';
import type { PlanRecord } from '../../src/core/plan.ts';
import { type JournalEntry, runId } from '../../src/core/run.ts';
import { actionsDigest, type Step } from '../../src/core/step.ts';
import type { Recompute } from '../../src/deliver/again.ts';
import { executeRun, type Progress, type StillSo } from '../../src/deliver/execute.ts';
import type { World } from '../../src/deliver/world.ts';
import type { Repository } from '../../src/git/repository.ts';
import { appendJournal, beginJournal, type Journal, readJournals } from '../../src/ledger/journal.ts';
import { holderOf, type Machine } from '../../src/ledger/holder.ts';
import { computer } from '../support/machines.ts';
import { memoryRemote, memoryRepository } from '../support/memory-git.ts';
import { type TestClock, testClock } from '../support/test-clock.ts';

/** What happens when a step is sent: `done`, or an error with or without the effect. */
export type Send = 'done' | { code: ErrorCode; maybeWritten?: boolean; stateLost?: boolean; effect: boolean };

/** One run without git, forge or PVE: a journal in memory, and a target that is a number for each guest. */
export interface Bench {
  world: World;
  clock: TestClock;
  plan: PlanRecord;
  machine: Machine;
  repo: Repository;
  /** Values in force. */
  live: Map<string, number>;
  /** Targets that were sent a write, in order. */
  sent: string[];
  /** What the next writes do; `done` when it is empty. */
  sends: Send[];
  locked: Set<string>;
  refused: string[];
  execute(recompute?: Recompute, stillSo?: StillSo): Promise<Progress>;
  journal(): Promise<Journal | undefined>;
  kinds(): Promise<string[]>;
  /** A journal that a process left that is no more. */
  left(...entries: JournalEntry[]): Promise<void>;
}

const merge = 'a'.repeat(40);
export const same: Recompute = async () => ({ same: true });
export const stale: Recompute = async () => ({ same: false, reason: 'stale', why: 'it is no longer as it was' });

/** `memory 2048 → 3072 MiB` of one container. */
export function step(vmid = 200, over: Partial<Step> = {}): Step {
  return {
    ...{
      applier: 'proxmox',
      target: `home/lxc/${vmid}`,
      name: `guest-${vmid}`,
      where: `lxc/${vmid} on pve1`,
      kind: 'resize-guest',
    },
    action: { kind: 'set-guest-config', set: { memory: 3072 } },
    ...{ preState: 'sha256:0', before: { memory: 2048 }, after: { memory: 3072 }, changes: [] },
    inverse: { kind: 'set-guest-config', set: { memory: 2048 } },
    ...{ live: true, reboots: false, destroys: false },
    ...over,
  };
}

/** The restart that puts a machine's new memory in force. */
export function reboot(vmid = 200): Step {
  return step(vmid, {
    action: { kind: 'reboot-guest', makes: { memory: 3072 } },
    kind: 'restart-vm',
    reboots: true,
    live: false,
  });
}

export function bench(steps: readonly Step[] = [step()]): Bench {
  const clock = testClock();
  const repo = memoryRepository(memoryRemote());
  const here = computer();
  const machine = here.process();
  const plan = {
    ...{ version: 1, pullRequest: 7, steps, actions: actionsDigest(steps), refusals: [] },
    verification: { window: 5, watch: 86_400, predicate: 'default', words: '' },
  } as unknown as PlanRecord;
  const state = {
    live: new Map(steps.map(({ target }) => [target, 2048])),
    ...{ sent: [] as string[], sends: [] as Send[], locked: new Set<string>(), refused: [] as string[] },
  };
  const own = new Map<string, string>();
  const ownRuns: World['ownRuns'] = {
    tip: async (run) => own.get(run),
    async note(run, tip) {
      if (tip === undefined) own.delete(run);
      else own.set(run, tip);
    },
  };
  const applier = () => applierOf(state);
  const world = { repo, clock, machine, ownRuns, log: () => undefined, applier } as unknown as World;
  const journal = async () => {
    await repo.fetch();
    return (await readJournals(repo))[0];
  };
  return {
    ...{ world, clock, plan, machine, repo, ...state, journal },
    execute: async (recompute = same, stillSo = async () => true) =>
      executeRun(world, merge, plan, await journal(), { recompute, stillSo }),
    kinds: async () => ((await journal())?.entries ?? []).map(({ kind }) => kind),
    async left(...entries) {
      const at = isoTime(clock.now());
      const run = runId(merge, plan.actions);
      const dead = here.process();
      here.kill(dead);
      const writer = holderOf(dead, run, at);
      let now = await beginJournal(
        repo,
        { kind: 'begun', run, merge, pullRequest: 7, actions: plan.actions, writer, at },
        clock.now(),
      );
      for (const entry of entries) now = now && (await appendJournal(repo, now, entry, clock.now()));
    },
  };
}

function applierOf({
  live,
  sent,
  sends,
  locked,
  refused,
}: Pick<Bench, 'live' | 'sent' | 'sends' | 'locked' | 'refused'>): Applier {
  return {
    name: 'proxmox',
    read: () => Promise.reject(new Error('not here')),
    preview: async () => ({ accepted: refused.length === 0, notes: refused }),
    observe: async ({ target, before, after }) => {
      const value = live.get(target);
      const state: Observed['state'] =
        value === after['memory'] ? 'done' : value === before['memory'] ? 'not-done' : 'unknown';
      const lock = locked.has(target) ? { lock: 'backup' } : {};
      return { state, saw: `memory is ${String(value)} MiB`, live: { node: 'pve1', ...lock } as unknown as LiveGuest };
    },
    apply: async ({ target, after }) => {
      sent.push(target);
      const send = sends.shift() ?? 'done';
      if (send === 'done' || send.effect) live.set(target, Number(after['memory']));
      if (send === 'done') return 'digest-after';
      const { code, maybeWritten, stateLost } = send;
      throw new GitmendError(code, `simulated ${code}`, { details: { maybeWritten, stateLost } });
    },
    revertPending: async () => undefined,
  };
}
