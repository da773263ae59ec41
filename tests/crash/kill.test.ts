import { afterAll, describe, expect, it } from 'vitest';
import { openGround } from '../../src/cli/ground.ts';
import { runToEnd } from '../support/in-process.ts';
import { type Aftermath, aftermathOf, everything } from './aftermath.ts';
import { type Change, container, expired, prepare, type Prepared, virtualMachine } from './prepared.ts';
import { type Ended, runProcess } from './processes.ts';

const labs: Prepared[] = [];

afterAll(async () => {
  for (const lab of labs) await lab.close();
});

/** How many runs ended how. */
type Counts = Map<string, number>;

describe.concurrent('a runner killed with -9 at every transition, and the next one', { timeout: 1_800_000 }, () => {
  it.each([container, virtualMachine, expired])('$name: ends once, as if nothing had happened', async (change) => {
    const prepared = await prepare(change);
    labs.push(prepared);
    const { points, wanted } = await undisturbed(prepared);
    const atPoints = await killAtEach(prepared, points, wanted);
    report(change, `${points.length} transitions, killed at each`, atPoints);
    // Between the durable intent of a restart and its effect nobody can tell whether it was asked for.
    expect(atPoints.get('unknown') ?? 0).toBeLessThanOrEqual(2 * change.leaves.reboot);
    if (change.leaves.put > 0)
      report(change, 'killed in the middle of each write', await killInWrites(prepared, wanted));
  });
});

/** One run that nobody kills: its points, and what all others are held against. */
async function undisturbed(prepared: Prepared): Promise<{ points: string[]; wanted: Aftermath }> {
  const { put, reboot, outcome, memory } = prepared.change.leaves;
  const whole = await runProcess(prepared, 0);
  expect(whole).toMatchObject({ how: 'done' });
  const wanted = await aftermathOf(prepared);
  expect(wanted).toMatchObject({
    put,
    reboot,
    live: memory,
    applied: memory,
    records: [{ outcome }],
    left: [],
    chain: true,
  });
  expect(wanted.comments).toHaveLength(1);
  return { points: whole.how === 'done' ? whole.points : [], wanted };
}

async function killAtEach(prepared: Prepared, points: readonly string[], wanted: Aftermath): Promise<Counts> {
  const counts: Counts = new Map();
  for (const [index, point] of points.entries()) {
    await prepared.restore();
    const where = `killed ${point} (${index + 1} of ${points.length})`;
    expect(await runProcess(prepared, index + 1), where).toEqual({ how: 'killed' });
    count(counts, await finish(prepared, where, wanted));
  }
  return counts;
}

/** PVE has the request, has done it or will never do it, and the process that asked is no more. */
async function killInWrites(prepared: Prepared, wanted: Aftermath): Promise<Counts> {
  const counts: Counts = new Map();
  const writes = [
    { method: 'PUT', path: /\/config$/, times: prepared.change.leaves.put },
    { method: 'POST', path: /\/reboot$/, times: prepared.change.leaves.reboot },
  ];
  for (const { method, path } of writes.filter(({ times }) => times > 0)) {
    for (const fault of ['timeout-before', 'timeout-after'] as const) {
      await prepared.restore();
      prepared.lab.pve.faults.inject({ fault, method, path });
      expect(await killedIn(prepared, method)).toEqual({ how: 'killed' });
      count(counts, await finish(prepared, `killed in the middle of ${method}, ${fault}`, wanted));
    }
  }
  return counts;
}

/** The next runner, which nobody kills: it finishes, and after it there is nothing left to do. Returns the outcome. */
async function finish(prepared: Prepared, where: string, wanted: Aftermath): Promise<string> {
  const { lab, clock, change } = prepared;
  const setup = { directory: lab.clone, role: 'write', account: 'gitmend', clock, log: () => undefined } as const;
  const ground = await openGround({ ...setup, env: { PATH: process.env['PATH'], HOME: lab.folder, ...lab.env.write } });
  await runToEnd(ground, clock);
  const after = await aftermathOf(prepared);
  const asks = change.leaves.reboot > 0 && after.records[0]?.outcome === 'unknown';
  if (asks) expectQuestion(after, wanted, where);
  else expect(timeless(after), where).toEqual(timeless(wanted));
  const before = await everything(prepared);
  await runToEnd(ground, clock);
  expect(await everything(prepared), `${where}: one more pass changes something`).toBe(before);
  return after.records[0]?.outcome ?? 'none';
}

/**
 * A restart leaves no trace that tells a second one from the first: where one may have been asked for and the guest is
 * as before, nobody asks again, and a person is told once.
 */
function expectQuestion(after: Aftermath, { put, chain }: Aftermath, where: string): void {
  expect(after, where).toMatchObject({ put, reboot: 0, chain, left: [], records: [{ outcome: 'unknown' }] });
  expect(after.comments, where).toHaveLength(1);
}

/** Comments name times and the record's commit, which another process writes at another time. */
function timeless(after: Aftermath): Aftermath {
  const comments = after.comments.map((text) =>
    text.replaceAll(/\d\d:\d\d(:\d\d)?Z/g, 'T').replaceAll(/@[0-9a-f]{7}/g, '@C'),
  );
  return { ...after, comments };
}

/** Kills the process from outside as soon as its write has reached PVE, before PVE answers. */
async function killedIn(prepared: Prepared, method: string): Promise<Ended> {
  const { requests } = prepared.lab.pve;
  const plain = requests.push.bind(requests);
  try {
    return await runProcess(prepared, 0, (child) => {
      requests.push = (...arrived) => {
        if (arrived.some((request) => request.method === method)) child.kill('SIGKILL');
        return plain(...arrived);
      };
    });
  } finally {
    requests.push = plain;
  }
}

function count(counts: Counts, outcome: string): void {
  counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
}

function report({ name }: Change, what: string, counts: Counts): void {
  const total = [...counts.values()].reduce((sum, times) => sum + times, 0);
  const words = [...counts].map(([outcome, times]) => `${times} ${outcome}`).join(', ');
  console.log(`${name}: ${what}: ${total} runs, never a second effect or record: ${words}`);
}
