import { expect, it } from 'vitest';
import { runOutcomes } from '../../src/core/outcome.ts';
import type { Ground } from '../../src/deliver/world.ts';
import { readChain } from '../../src/ledger/records.ts';
import { planningPass, runnerPass } from '../../src/pipeline/deliver.ts';
import { isGitmendError } from '../../src/core/errors.ts';
import { type Computer, computer } from '../support/machines.ts';
import { guestText, type MemoryWorld, memoryWorld, type Trouble } from '../support/memory-world.ts';
import { Killed, mortal } from '../support/points.ts';
import { type TestClock, testClock } from '../support/test-clock.ts';

const runs = Number(process.env['GITMEND_RUNS'] ?? 1000);
/** Merges per world, so that histories stay short and a thousand stay quick. */
const perWorld = 10;
const seed = Number(process.env['GITMEND_SEED'] ?? 20261120);

it(`ends ${runs} runs, killed and troubled at random, with one named outcome each and never two effects`, async () => {
  const random = mulberry32(seed);
  const counts = new Map<string, number>();
  let killed = 0;
  for (let done = 0; done < runs; done += perWorld) killed += await playWorld(random, counts);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const list = [...counts].sort().map(([outcome, count]) => `${outcome} ${count}`);
  console.log(`seed ${seed}: ${total} runs, ${killed} kills, ${list.join(', ')}`);
  expect(total).toBe(runs);
}, 600_000);

/** What is declared, by vmid. */
type Sizes = Map<number, { memory: number; cores: number }>;

/** Twenty merges of one world, each run to its end through kills, lost answers, refusals and second runners. */
async function playWorld(random: () => number, counts: Map<string, number>): Promise<number> {
  const clock = testClock();
  const troubles = { on: true };
  const trouble = (): Trouble =>
    troubles.on
      ? pick(random, [
          'none',
          'none',
          'none',
          'lost-before',
          'lost-after',
          'refused',
          'conflict',
          'locked',
          'half-written',
        ])
      : 'none';
  const vmids = [200, 201, 202];
  const world = await memoryWorld(clock, vmids, trouble);
  const here = computer();
  const sizes = new Map(vmids.map((vmid) => [vmid, { memory: 2048, cores: 2 }]));
  let killed = 0;
  for (let n = 0; n < perWorld; n += 1) {
    const vmid = pick(random, vmids);
    const pr = await proposeAndMerge(world, clock, here, random, vmid, sizes);
    if (random() < 0.1) byHand(world, vmid);
    troubles.on = true;
    killed += await throughTrouble(world, clock, here, random);
    troubles.on = false;
    await toEnd(world.ground(here.process()), clock);
    const record = await checkRun(world, pr.mergeCommit ?? '');
    counts.set(record, (counts.get(record) ?? 0) + 1);
    bringHome(world, vmids, sizes);
    await settle(world, clock, here, sizes);
  }
  return killed;
}

async function proposeAndMerge(
  world: MemoryWorld,
  clock: TestClock,
  here: Computer,
  random: () => number,
  vmid: number,
  sizes: Sizes,
) {
  const size = { ...(sizes.get(vmid) ?? { memory: 2048, cores: 2 }) };
  if (random() < 0.5) size.memory += 256;
  else size.cores = size.cores === 8 ? 2 : size.cores + 1;
  sizes.set(vmid, size);
  const pr = await world.propose({ [`guests/guest${vmid}.yaml`]: guestText(vmid, size) });
  await planningPass(world.ground(here.process()));
  clock.advance(90_000);
  await world.merge(pr);
  return pr;
}

/** Somebody changes the guest on the node. */
function byHand(world: MemoryWorld, vmid: number): void {
  const guest = world.guests.get(`home/lxc/${vmid}`);
  if (guest !== undefined)
    Object.assign(guest.live, {
      running: { ...guest.live.running, memory: 7777 },
      digest: `by hand ${guest.live.digest}`,
    });
}

/** Some attempts, each killed somewhere, some with a second runner beside it. Returns how many were killed. */
async function throughTrouble(
  world: MemoryWorld,
  clock: TestClock,
  here: Computer,
  random: () => number,
): Promise<number> {
  let killed = 0;
  const attempts = Math.floor(random() * 4);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const runners = random() < 0.2 ? 2 : 1;
    const ended = await Promise.all(Array.from({ length: runners }, () => attemptOnce(world, clock, here, random)));
    killed += ended.filter(Boolean).length;
  }
  return killed;
}

async function attemptOnce(
  world: MemoryWorld,
  clock: TestClock,
  here: Computer,
  random: () => number,
): Promise<boolean> {
  const machine = here.process();
  const point = 1 + Math.floor(random() * 60);
  try {
    await toEnd(
      mortal(world.ground(machine), (_name, count) => count === point),
      clock,
      4,
    );
    return false;
  } catch (error) {
    if (error instanceof Killed) return true;
    // Somebody else moved a ref: what a process says before its next pass.
    if (isGitmendError(error, 'REF_TAKEN')) return false;
    throw error;
  } finally {
    here.kill(machine);
  }
}

async function toEnd(ground: Ground, clock: TestClock, most = 60): Promise<void> {
  for (let pass = 0; pass < most; pass += 1) {
    const { next, waiting } = await runnerPass(ground);
    if (next === undefined && waiting.length === 0) return;
    if (next !== undefined) clock.reach(next);
  }
}

/** One record with a known outcome, at most one effect, nothing left behind, and live what the record says. */
async function checkRun(world: MemoryWorld, merge: string): Promise<string> {
  const chain = await readChain(world.remote.open());
  expect(chain.ok).toBe(true);
  const own = chain.ok ? chain.records.filter(({ record }) => record.pullRequest?.merge === merge) : [];
  expect(own, 'a lost run, or one run recorded twice').toHaveLength(1);
  const record = own[0]?.record;
  expect(Object.keys(runOutcomes)).toContain(record?.outcome);
  const effects = [...world.guests.values()].flatMap((guest) => guest.effects).filter(({ run }) => run === record?.run);
  expect(effects.length, `effects of a run that ended ${record?.outcome ?? ''}`).toBeLessThanOrEqual(1);
  if (record?.outcome === 'not-applied') expect(effects).toHaveLength(0);
  const guest = world.guests.get(record?.target ?? '');
  for (const step of record?.outcome === 'verified' ? (record.steps ?? []) : [])
    expect(guest?.live.running).toMatchObject(step.after);
  // Plans of ways out that were closed stay for 30 days.
  const merged = world.pullRequests
    .filter(({ state }) => state === 'merged')
    .map(({ number }) => `refs/gitmend/plans/${number}`);
  const left = [...world.remote.refs.keys()].filter(
    (ref) => /^refs\/gitmend\/(locks|runs)\//.test(ref) || merged.includes(ref),
  );
  expect(left, 'locks, journals or plans were left').toEqual([]);
  return record?.outcome ?? 'nothing';
}

/** After a stop the live guest is brought to what is declared, as a person who insists would. */
function bringHome(world: MemoryWorld, vmids: readonly number[], sizes: Sizes): void {
  for (const vmid of vmids) {
    const guest = world.guests.get(`home/lxc/${vmid}`);
    if (guest !== undefined)
      Object.assign(guest.live, { running: { ...guest.live.running, ...sizes.get(vmid) }, pending: {} });
  }
}

/** After a stop the way out that takes the merge back is merged, and the others are closed by it. */
async function settle(world: MemoryWorld, clock: TestClock, here: Computer, sizes: Sizes): Promise<void> {
  const undo = world.pullRequests.findLast(
    ({ state, branch }) => state === 'open' && branch.startsWith('gitmend/undo/'),
  );
  if (undo === undefined) return;
  await planningPass(world.ground(here.process()));
  clock.advance(90_000);
  await world.merge(undo);
  await toEnd(world.ground(here.process()), clock);
  expect(
    world.pullRequests.filter(({ state }) => state === 'open'),
    'ways out that nobody needs any more',
  ).toEqual([]);
  const repo = world.remote.open();
  for (const [path, text] of await repo.tree((await repo.tip('refs/heads/main')) ?? '')) {
    const vmid = Number(/^guests\/guest(\d+)/.exec(path)?.[1]);
    const value = (field: string) => Number(new RegExp(`^${field}: (\\d+)`, 'm').exec(text)?.[1]);
    if (vmid > 0) sizes.set(vmid, { memory: value('memory'), cores: value('cores') });
  }
  bringHome(world, [...sizes.keys()], sizes);
}

function pick<T>(random: () => number, from: readonly T[]): T {
  const found = from[Math.floor(random() * from.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}

/** Mulberry32, a small generator of numbers below one: the same seed, the same thousand runs. */
function mulberry32(start: number): () => number {
  let state = start | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}
