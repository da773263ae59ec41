import { GitmendError } from '../../../src/core/errors.ts';
import type { Ground } from '../../../src/deliver/world.ts';
import { planningPass, runnerPass } from '../../../src/pipeline/deliver.ts';
import type { Computer } from '../../support/machines.ts';
import { Killed, mortal } from '../../support/points.ts';
import type { Home } from '../../support/memory-home.ts';

/** Every call to git, forge, PVE or the local state is a place to die at. */
const everyCall = /./;

/** A few passes of one runner that dies at its `killAt`-th call (0: never). What can be tried again is tried again. */
export async function actor(home: Home, on: Computer, killAt: number, passes: number): Promise<'alive' | 'killed'> {
  const ground = home.begin('write', on);
  const process = killAt === 0 ? ground : mortal(ground, (_, count) => count === killAt, everyCall);
  try {
    for (let pass = 0; pass < passes; pass += 1) {
      const next = await onePass(process);
      if (next !== undefined) home.clock.reach(next);
    }
    return 'alive';
  } catch (error) {
    if (error instanceof Killed) return 'killed';
    throw error;
  } finally {
    on.kill(ground.machine);
  }
}

async function onePass(ground: Ground): Promise<number | undefined> {
  try {
    return (await runnerPass(ground)).next;
  } catch (error) {
    if (error instanceof GitmendError && error.code !== 'INTERNAL') return undefined;
    throw error;
  }
}

/** Runners that nobody disturbs, on one computer after the other, until nothing happens any more. Returns what still waits. */
export async function settle(home: Home): Promise<string[]> {
  const waiting = new Map<Computer, string[]>();
  for (let turn = 0; turn < 40; turn += 1) {
    const on = home.computers[turn % home.computers.length];
    if (on === undefined) break;
    const ground = home.begin('write', on);
    const pass = await runnerPass(ground);
    waiting.set(on, pass.waiting);
    on.kill(ground.machine);
    if (pass.next === undefined && [...waiting.values()].every((list) => list.length === 0) && waiting.size > 1)
      return [];
    home.clock.reach(pass.next ?? home.clock.now() + 2000);
  }
  return [...waiting.values()].flat();
}

/** Plans what is open; again where a fault came in between. */
export async function plan(home: Home): Promise<void> {
  for (let tries = 0; tries < 10; tries += 1) {
    try {
      await planningPass(home.begin('read', home.computers[0] ?? home.random.pick(home.computers)));
      return;
    } catch (error) {
      if (!(error instanceof GitmendError) || error.code === 'INTERNAL') throw error;
    }
  }
  throw new Error('planning does not come through');
}
