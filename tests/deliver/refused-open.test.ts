import { afterEach, expect, it } from 'vitest';
import { notHealed, type World } from '../../simulators/pve/index.ts';
import { GitmendError } from '../../src/core/errors.ts';
import type { Ground } from '../../src/deliver/world.ts';
import { runnerPass } from '../../src/pipeline/deliver.ts';
import { type DeliverLab, deliverLab, set, shortWindow } from '../support/deliver-lab.ts';

let lab: DeliverLab;
afterEach(async () => expect(await lab.close()).toEqual([]));

/** The ground of a forge on which this account opens no pull request. */
function without(ground: Ground, code: 'FORGE_REFUSED' | 'FORGE_FAILED' = 'FORGE_REFUSED'): Ground {
  const ensurePullRequest = () => Promise.reject(new GitmendError(code, 'not for this account'));
  return { ...ground, forge: { ...ground.forge, ensurePullRequest } };
}

async function stale(): Promise<number> {
  lab = await deliverLab({ begin: shortWindow });
  const number = await lab.propose('a', { 'guests/postgres.yaml': set('memory', 3072) });
  await lab.plan();
  lab.clock.advance(70_000);
  lab.setLive(200, { memory: 4096 });
  await lab.merge(number);
  return number;
}

it('ways out that the forge refuses to open end no pass, and the next one opens them', async () => {
  const number = await stale();
  const { failed, waiting, events } = await runnerPass(without(lab.write));
  const ways = 'keep 4096; insist on 3072, with its own plan; undo this merge';
  expect(failed.map((error) => error.print().split('\n')[0])).toEqual([
    expect.stringContaining(`ways out of postgres that could not be opened: ${ways}. not for this account`),
  ]);
  expect(waiting).toEqual([]);
  expect(events).toContainEqual(expect.stringContaining('not-applied (stale)'));
  expect(await lab.record(number)).toMatchObject({ outcome: 'not-applied' });
  const again = await runnerPass(lab.write);
  expect(again.failed).toEqual([]);
  expect([...(await lab.open()).keys()].sort()).toEqual(['accept', 'insist', 'undo']);
});

it('a forge that does not answer ends the pass, as ever', async () => {
  await stale();
  await expect(runnerPass(without(lab.write, 'FORGE_FAILED'))).rejects.toThrow('not for this account');
});

it('a way back that the forge refuses to open keeps no run from its record, which says why and what helps', async () => {
  const trouble = (world: World, now: number) => notHealed(world, now, { oldCapSafe: true });
  lab = await deliverLab({ begin: shortWindow, trouble });
  lab.lab.stubborn = true;
  await lab.heal();
  const number = [...(await lab.open()).values()][0]?.number ?? 0;
  await lab.plan();
  lab.clock.advance(70_000);
  await lab.merge(number);
  const events: string[] = [];
  for (let pass = 0; pass < 8; pass += 1) {
    const { next, events: more } = await runnerPass(without(lab.write));
    events.push(...more);
    if (next !== undefined) lab.clock.reach(next);
  }
  expect(await lab.record(number)).toMatchObject({
    outcome: 'not-verified',
    wayBack: {
      not: 'it could not be opened: not for this account',
      helps: ['mend that, then comment /rollback here'],
    },
  });
  const said = 'the way back: it could not be opened: not for this account';
  expect(events).toContainEqual(expect.stringContaining(said));
  expect((await lab.comments(number)).map(({ body }) => body).join('\n')).toContain('could not be opened');
});
