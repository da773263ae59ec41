import { afterEach, expect, it } from 'vitest';
import { GitmendError } from '../../src/core/errors.ts';
import { plannedNumbers } from '../../src/deliver/plans.ts';
import type { Ground } from '../../src/deliver/world.ts';
import { planningPass, runnerPass } from '../../src/pipeline/deliver.ts';
import { type DeliverLab, deliverLab, set, shortWindow } from '../support/deliver-lab.ts';

let lab: DeliverLab;
afterEach(async () => expect(await lab.close()).toEqual([]));

/** The ground of a forge that takes no comment on one pull request. */
function silent(ground: Ground, number: number): Ground {
  const refused = () => Promise.reject(new GitmendError('FORGE_REFUSED', '403: user is blocked'));
  const { forge } = ground;
  return {
    ...ground,
    forge: { ...forge, ensureComment: (n, m, b) => (n === number ? refused() : forge.ensureComment(n, m, b)) },
  };
}

async function two(): Promise<[bad: number, good: number]> {
  lab = await deliverLab({ begin: shortWindow });
  const bad = await lab.propose('a', { 'guests/gitea.yaml': set('memory', 3072) });
  return [bad, await lab.propose('b', { 'guests/postgres.yaml': set('memory', 3072) })];
}

it('a pull request that the forge takes no comment on keeps no other from being planned', async () => {
  const [bad, good] = await two();
  const { shown } = await planningPass(silent(lab.read, bad));
  expect(shown).toMatchObject([
    { number: bad, result: { state: 'failed', code: 'FORGE_REFUSED', message: '403: user is blocked' } },
    { number: good, result: { state: 'shown' } },
  ]);
  expect(await plannedNumbers(lab.read.repo)).toContain(good);
  const { head } = await lab.lab.forge.pullRequest(bad);
  const said = { context: 'gitmend/plan', state: 'error', description: 'FORGE_REFUSED: 403: user is blocked' };
  expect(await lab.lab.forge.statuses(head)).toContainEqual(said);
});

it('what could not be shown says so once, and is never green meanwhile', async () => {
  const [bad] = await two();
  const states: string[] = [];
  const ground = silent(lab.read, bad);
  const { head } = await lab.lab.forge.pullRequest(bad);
  const forge: Ground['forge'] = {
    ...ground.forge,
    ensureStatus: (commit, status) => {
      if (commit === head) states.push(status.state);
      return ground.forge.ensureStatus(commit, status);
    },
  };
  for (let pass = 0; pass < 3; pass += 1) await planningPass({ ...ground, forge });
  expect(states).toEqual(['pending', 'error', 'error', 'error']);
});

it('a forge that does not answer ends the pass', async () => {
  const [bad] = await two();
  const down = () => Promise.reject(new GitmendError('FORGE_FAILED', '502'));
  const forge = { ...lab.read.forge, ensureComment: down, ensureStatus: down };
  await expect(planningPass({ ...lab.read, forge }, [bad])).rejects.toThrow('502');
});

it('a broken chain of records ends the pass', async () => {
  const [bad] = await two();
  const reviews = () => Promise.reject(new GitmendError('RECORDS_TAMPERED', 'broken'));
  await expect(planningPass({ ...lab.read, forge: { ...lab.read.forge, reviews } }, [bad])).rejects.toThrow('broken');
});

it('a run that the forge takes no comment on is applied, and so is the one behind it', async () => {
  const [bad, good] = await two();
  await lab.plan();
  lab.clock.advance(70_000);
  await lab.merge(bad);
  await lab.merge(good);
  const ground = silent(lab.write, bad);
  for (let pass = 0; pass < 4; pass += 1) {
    const { next } = await runnerPass(ground);
    if (next !== undefined) lab.clock.reach(next);
  }
  expect(await lab.record(good)).toMatchObject({ outcome: 'verified' });
  expect(await lab.record(bad)).toMatchObject({ outcome: 'verified' });
});
