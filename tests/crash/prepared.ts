import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { alertArrives, merge, openByHand, pushEdit, type Stage } from '../../demo/story.ts';
import { homeLab, memoryShort, type World } from '../../simulators/pve/index.ts';
import { openLab, type Lab } from '../../demo/lab.ts';
import type { RunOutcome } from '../../src/core/outcome.ts';
import { inProcessBot } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { type TestClock, testClock } from '../support/test-clock.ts';

/** A change that is approved and merged, and whose runner has not begun: the moment from which every trial starts. */
export interface Change {
  name: string;
  trouble: (world: World, now: number) => World;
  /** Brings the pull request, shown and ready to be merged; returns its number. */
  propose(stage: Stage): Promise<number>;
  /** How long a person takes to merge it, in milliseconds. */
  merges: number;
  target: string;
  vmid: number;
  /** What one undisturbed run leaves: the outcome, MiB in force, and how often it writes. */
  leaves: { outcome: RunOutcome; memory: number; put: number; reboot: number };
}

export interface Prepared {
  lab: Lab;
  stage: Stage;
  clock: TestClock & { set(moment: number): void };
  change: Change;
  number: number;
  mergeCommit: string;
  /** Everything as it was: forge, mirrors, live world, time. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** A container short of memory: one live write. */
export const container: Change = {
  name: 'memory of a container, live',
  trouble: memoryShort,
  async propose(stage) {
    const pr = await alertArrives(stage);
    if (pr === undefined) throw new Error('no pull request was opened');
    return pr.number;
  },
  ...{ merges: 120_000, target: 'home/lxc/200', vmid: 200 },
  leaves: { outcome: 'verified', memory: 3072, put: 1, reboot: 0 },
};

/** The same, merged after its plan had expired: stopped before it has a journal. */
export const expired: Change = {
  ...container,
  name: 'memory of a container, merged too late',
  merges: 25 * 3_600_000,
  leaves: { outcome: 'not-applied', memory: 2048, put: 0, reboot: 0 },
};

/** A virtual machine that takes its new memory with a restart: two steps. */
export const virtualMachine: Change = {
  name: 'memory of a virtual machine, with a restart',
  trouble: (_world, now) => homeLab(now),
  async propose(stage) {
    const edit = { 'guests/homeassistant.yaml': (text: string) => text.replace(/^memory: 4096/m, 'memory: 6144') };
    const number = await openByHand(stage, 'more-for-homeassistant', edit, 'homeassistant: more memory');
    await stage.bot.plan();
    return number;
  },
  ...{ merges: 120_000, target: 'home/qemu/203', vmid: 203 },
  leaves: { outcome: 'verified', memory: 6144, put: 1, reboot: 1 },
};

/** Plays a change up to its merge, with a verification of two looks, and keeps that moment. */
export async function prepare(change: Change): Promise<Prepared> {
  const clock = settable();
  const lab = await openLab({ clock, trouble: change.trouble });
  const bot = inProcessBot(lab, clock, computer());
  const stage: Stage = { lab, bot, say: () => undefined, another: () => Promise.reject(new Error('one lab only')) };
  const short = { 'gitmend.yaml': (text: string) => text.replace('window: 5s', 'window: 2s') };
  await pushEdit(stage, 'main', short, 'a short verification');
  const number = await change.propose(stage);
  clock.advance(change.merges);
  await merge(stage, number);
  const { mergeCommit = '' } = await lab.forge.pullRequest(number);
  // Closed, so that its files are whole and can be copied.
  lab.forge.release();
  const parts = ['forge', 'state'];
  const kept = join(lab.folder, 'kept');
  for (const part of parts) await cp(join(lab.folder, part), join(kept, part), { recursive: true });
  const [world, moment] = [structuredClone(lab.pve.world), clock.now()];
  return {
    ...{ lab, stage, clock, change, number, mergeCommit },
    async restore() {
      for (const part of parts) {
        await rm(join(lab.folder, part), { recursive: true, force: true });
        await cp(join(kept, part), join(lab.folder, part), { recursive: true });
      }
      Object.assign(lab.pve.world, structuredClone(world));
      lab.pve.requests.length = 0;
      lab.pve.faults.clear();
      clock.set(moment);
    },
    async close() {
      await lab.end();
      await rm(lab.folder, { recursive: true, force: true });
    },
  };
}

function settable(): Prepared['clock'] {
  const start = testClock().now();
  let offset = 0;
  const clock = testClock(start);
  const now = () => clock.now() + offset;
  return {
    now,
    sleep: (milliseconds) => clock.sleep(milliseconds),
    advance: (milliseconds) => clock.advance(milliseconds),
    reach: (moment) => clock.reach(moment - offset),
    set: (moment) => void (offset += moment - now()),
  };
}
