import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTruth, type Truth } from '../../src/deliver/truth.ts';
import { type DeliverLab, deliverLab, type Files, set, shortWindow } from '../support/deliver-lab.ts';

describe('merges that approve nothing, on a real forge', () => {
  let lab: DeliverLab;
  let truth: Truth;
  const numbers: { [story: string]: number } = {};
  const approvalOf = (story: string) =>
    truth.units.find(({ pullRequest }) => pullRequest?.number === numbers[story])?.approval;

  beforeAll(async () => {
    lab = await deliverLab({ begin: shortWindow });
    const propose = async (story: string, files: Files) => (numbers[story] = await lab.propose(story, files));
    await propose('expired', { 'guests/homeassistant.yaml': set('memory', 5120) });
    await propose('stranger', { 'guests/frigate.yaml': set('memory', 5120) });
    await propose('moved-head', { 'guests/gitea.yaml': set('memory', 3072) });
    await propose('refused', { 'guests/homeassistant.yaml': (text) => text.replace('size: 32', 'size: 64') });
    await propose('replaced', { 'guests/postgres.yaml': set('memory', 3072) });
    await lab.plan(numbers['expired'] ?? 0);
    lab.clock.advance(24 * 3_600_000 + 1000);
    await lab.merge(numbers['expired'] ?? 0);
    await lab.plan();
    lab.clock.advance(120_000);
    await lab.push('moved-head', { 'guests/gitea.yaml': set('memory', 4096) });
    await lab.push('replaced', { 'guests/postgres.yaml': set('memory', 4096) });
    await lab.plan(numbers['replaced'] ?? 0);
    lab.clock.advance(20_000);
    await lab.merge(numbers['stranger'] ?? 0, { by: 'passer-by' });
    for (const story of ['moved-head', 'refused', 'replaced']) await lab.merge(numbers[story] ?? 0);
    await propose('no-plan', { 'guests/nextcloud.yaml': set('memory', 5120) });
    await lab.merge(numbers['no-plan'] ?? 0);
    truth = await readTruth(lab.write);
    await lab.run();
  }, 120_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  it.each([
    ['no-plan', 'it was merged without a plan'],
    ['stranger', 'it was merged by passer-by, whose approval does not count here'],
    ['moved-head', /^it was merged at [0-9a-f]{7}, and the plan shown was for [0-9a-f]{7}$/],
    ['refused', /^it was merged although its plan is refused: homeassistant changes disk/],
  ])('leave what is merged as %s unapproved, and say why', (story, why) => {
    const state = { approved: false, state: 'unapproved', why: expect.stringMatching(why) as string };
    expect(approvalOf(story)).toEqual(state);
  });

  it.each([
    ['expired', 'expired', /^the plan had expired at 2026-11-21T03:34:0\dZ, before the merge$/],
    ['replaced', 'plan-replaced', 'a different plan was shown until 20 s before the merge'],
  ])('stop what is merged as %s, record it and say it on the pull request', async (story, reason, why) => {
    const message = expect.stringMatching(why) as string;
    expect(await lab.record(numbers[story] ?? 0)).toMatchObject({ outcome: 'not-applied', reason, message, steps: [] });
    const said = (await lab.comments(numbers[story] ?? 0)).map(({ body }) => body).join('\n');
    expect(said).toMatch(new RegExp(`\\*\\*Not applied\\*\\* \\(${reason}\\).*Nothing was touched`));
    expect(said).toContain('@maintainer');
  });

  it('record nothing else', async () => {
    const runs = (await lab.records()).filter(({ outcome }) => outcome !== 'adopted');
    expect(runs.map(({ pullRequest }) => pullRequest?.number)).toEqual([numbers['expired'], numbers['replaced']]);
  });

  it('change nothing live', () => {
    const live = [200, 201, 202, 203, 204].map((vmid) => lab.live(vmid));
    expect([...live, lab.writes()]).toEqual([2048, 4096, 4096, 4096, 2048, 0]);
  });

  it('offer insisting and taking back for each, and never to keep what nobody changed', async () => {
    const open = await lab.lab.forge.pullRequests({ state: 'open' });
    const kinds = open.map(({ branch }) => branch.replace(/^gitmend\/(\w+)\/([a-z]+)-.*$/, '$1 $2')).sort();
    const sized = ['postgres', 'nextcloud', 'frigate', 'gitea'];
    expect(kinds).toEqual(
      [...sized.map((name) => `insist ${name}`), ...sized.map((name) => `undo ${name}`), 'undo homeassistant'].sort(),
    );
  });
});
