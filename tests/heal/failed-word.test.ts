import { expect, it } from 'vitest';
import type { RunRecord } from '../../src/core/run.ts';
import type { World } from '../../src/deliver/world.ts';
import { historyOf } from '../../src/heal/history.ts';
import { hex } from '../records/examples.ts';
import { truthWith } from '../web/view/pictures.ts';

const run: RunRecord = {
  version: 1,
  run: hex('4', 40),
  outcome: 'inconclusive',
  remedy: 'resize-guest',
  target: 'home/lxc/200',
  at: '2026-11-20T03:50:00Z',
};

it('a fix of which a person says that it failed counts for the circuit breaker, one that nobody could observe does not', async () => {
  const world = { clock: { now: () => Date.parse(run.at) }, forge: { self: 'gitmend', pullRequests: async () => [] } };
  const failed = async (...records: RunRecord[]) =>
    (await historyOf(world as unknown as World, truthWith({ records }), undefined)).failedFixes;
  const said = (says: 'worked' | 'failed') => ({ ...run, run: hex('5', 40), word: { says, by: 'ann', of: run.run } });
  expect(await failed(run)).toEqual([]);
  expect(await failed(run, said('worked'))).toEqual([]);
  expect(await failed(run, said('failed'))).toEqual([{ target: 'home/lxc/200', at: run.at }]);
});
