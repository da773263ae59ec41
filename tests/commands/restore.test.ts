import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PullRequest } from '../../src/forges/forge.ts';
import { driftPass } from '../../src/pipeline/drift.ts';
import { shortWindow } from '../support/deliver-lab.ts';
import { type CommandLab, commandLab, expectGolden, readable } from './setting.ts';

let lab: CommandLab;

beforeEach(async () => {
  lab = await commandLab({ begin: shortWindow });
  await driftPass(lab.read);
});
afterEach(async () => expect(await lab.close()).toEqual([]));

async function look(): Promise<void> {
  lab.clock.advance(600_000);
  await driftPass(lab.read);
}

/** Somebody sets the memory of postgres on the node, and it is seen twice. */
async function drifted(memory = 4096): Promise<PullRequest> {
  lab.setLive(200, { memory });
  await look();
  await look();
  const pr = (await lab.open()).get('drift');
  if (pr === undefined) throw new Error('no drift pull request');
  return pr;
}

const stateOf = async (number: number) => (await lab.lab.forge.pullRequest(number)).state;
const textOf = async (number: number) => (await lab.lab.forge.pullRequest(number)).body.replace(/<!-- gitmend.*\n/, '');

describe('/restore on a drift pull request', () => {
  test('opens the one that brings back what is declared, with its own plan; merging it does, and ends both', async () => {
    const { number } = await drifted();
    expectGolden('drift.md', await textOf(number));
    expectGolden('restore-drift.md', readable(await lab.ask(number, '/restore')));
    const way = (await lab.open()).get('restore');
    expect(way?.title).toBe('postgres: restore memory 2048 MiB as declared');
    expectGolden('restore-body.md', await textOf(way?.number ?? 0));
    const said = (await lab.comments(way?.number ?? 0)).map(({ body }) => body).join('\n');
    expect(said).toContain('memory 4096 → 2048 MiB');
    expect([lab.writes(), lab.live(200)]).toEqual([0, 4096]);
    // Asked again it is the same one, and until it is merged neither is closed.
    await lab.ask(number, '/restore');
    await look();
    await lab.run();
    expect([await stateOf(number), await stateOf(way?.number ?? 0)]).toEqual(['open', 'open']);
    expect(await lab.lab.forge.pullRequests({ state: 'all' })).toHaveLength(2);
    lab.clock.advance(120_000);
    await lab.merge(way?.number ?? 0);
    await lab.run();
    expect(await lab.record(way?.number ?? 0)).toMatchObject({
      outcome: 'verified',
      steps: [{ target: 'home/lxc/200', before: { memory: 4096 }, after: { memory: 2048 } }],
    });
    expect([lab.writes(), lab.live(200), await stateOf(number)]).toEqual([1, 2048, 'closed']);
    const last = (await lab.comments(number)).at(-1)?.body;
    expect(last).toContain(`Closed: settled by #${way?.number ?? 0}, which restores what is declared.`);
    await look();
    expect([...(await lab.open()).keys()]).toEqual([]);
  });

  test('leaves the choice: when the drift pull request is merged instead, the restore is closed and nothing is written', async () => {
    const { number } = await drifted();
    await lab.ask(number, '/restore');
    const way = (await lab.open()).get('restore')?.number ?? 0;
    lab.clock.advance(120_000);
    await lab.merge(number);
    await lab.run();
    expect((await lab.record(number))?.outcome).toBe('verified');
    expect([lab.writes(), lab.live(200), await stateOf(way)]).toEqual([0, 4096, 'closed']);
    expect((await lab.comments(way)).at(-1)?.body).toContain(`settled by #${number}, which keeps what is live`);
  });

  test('is about the live state that was seen: when that changes it is closed, and merged in time it stops', async () => {
    const { number } = await drifted();
    await lab.ask(number, '/restore');
    const first = (await lab.open()).get('restore')?.number ?? 0;
    lab.setLive(200, { memory: 5120 });
    await look();
    expect((await lab.comments(first)).at(-1)?.body).toContain(
      'postgres is not as it was when this was asked for; ask again',
    );
    await look();
    await lab.plan();
    await lab.ask(number, '/restore');
    const second = (await lab.open()).get('restore')?.number ?? 0;
    expect(second).not.toBe(first);
    lab.clock.advance(120_000);
    lab.setLive(200, { memory: 6144 });
    await lab.merge(second);
    await lab.run();
    expect(await lab.record(second)).toMatchObject({ outcome: 'not-applied', reason: 'stale' });
    expect([lab.writes(), lab.live(200)]).toEqual([0, 6144]);
  });

  test('says why not: nothing differs any more, it is merged', async () => {
    const { number } = await drifted();
    lab.setLive(200, { memory: 2048 });
    expectGolden('restore-nothing.md', readable(await lab.ask(number, '/restore')));
    lab.setLive(200, { memory: 4096 });
    lab.clock.advance(120_000);
    await lab.merge(number);
    expectGolden('restore-merged.md', readable(await lab.ask(number, '/restore')));
    expect([...(await lab.open()).keys()]).toEqual([]);
  });

  test('is for approvers, as everything that leads to a change', async () => {
    const { number } = await drifted();
    expect(await lab.ask(number, '/restore', 'bob')).toContain('it takes an approver');
    expect((await lab.open()).has('restore')).toBe(false);
  });
});
