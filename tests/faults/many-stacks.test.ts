import { expect, test } from 'vitest';
import type { PlanRecord } from '../../src/core/plan.ts';
import type { Declared } from '../../src/deliver/declared.ts';
import { readPlans } from '../../src/deliver/plans.ts';
import { printPlanRecord } from '../../src/records/plan-record.ts';
import { nextcloud } from './cases.ts';
import { faultLab } from './lab.ts';

/** 120 stacks of 220 resources, each of which says what nextcloud has: 3 MB of differences. */
async function manyStacks(_code: Declared, { tree }: Declared) {
  const memory = /^memory: (\d+)/m.exec(tree.get('guests/nextcloud.yaml') ?? '')?.[1] ?? '';
  const block = { input: `${'x'.repeat(40)}${memory}` };
  const resources = Object.fromEntries(Array.from({ length: 220 }, (_, at) => [`note_${at}`, block]));
  const stacks = Array.from({ length: 120 }, (_, at) => [
    `stack-${String(at).padStart(3, '0')}`,
    { resource: { terraform_data: resources } },
  ]);
  return { ok: true as const, stacks: Object.fromEntries(stacks) as { [stack: string]: unknown } };
}

test.each(['github', 'gitea'] as const)(
  '%s: a plan of 3 MB on 120 stacks is five writes at most, one comment that says what it leaves out, and whole in git, where its merge approves it',
  { timeout: 120_000 },
  async (kind) => {
    const lab = await faultLab(kind);
    const number = await lab.propose('by-hand', nextcloud(5120));
    const reader = { ...(await lab.another()), synthesize: manyStacks };
    const writes = () => lab.forge.sent() - lab.forge.sent('GET');
    const before = writes();
    await lab.look(reader);
    expect(writes() - before).toBeLessThanOrEqual(5);
    expect((await lab.ending()).comments).toEqual(['by-hand: plan']);
    const shown = lab.text(number, 'plan');
    expect(shown.length).toBeLessThanOrEqual(lab.lab.forge.commentLimit);
    expect(shown).toMatch(/Left out: \d+ of 26400 lines of the stacks/);
    await reader.repo.fetch();
    // What was written can be read again, or nobody's merge would approve it and each look would plan it anew.
    const plans = await readPlans(reader.repo, number);
    expect(plans.map(({ record }) => record?.synthesized.length)).toEqual([26_400]);
    expect(printPlanRecord(plans[0]?.record as PlanRecord).length).toBeGreaterThan(3_000_000);
    const done = writes();
    lab.clock.advance(60_000);
    await lab.look(reader);
    expect(writes()).toBe(done);
    await lab.merge(number);
    await lab.run();
    expect((await lab.ending()).applies).toEqual(['PUT lxc/201 memory=5120']);
  },
);

/** One stack whose values lie 55 deep below long names: 5,600 lines of 3 kB each, more than git gives back. */
async function tooMuch(_code: Declared, { tree }: Declared) {
  const memory = /^memory: (\d+)/m.exec(tree.get('guests/nextcloud.yaml') ?? '')?.[1] ?? '';
  const leaves: object = Object.fromEntries(Array.from({ length: 5600 }, (_, at) => [`leaf_${at}`, memory]));
  const input = Array.from({ length: 55 }).reduce<object>((below) => ({ ['x'.repeat(60)]: below }), leaves);
  return { ok: true as const, stacks: { lab: { resource: { terraform_data: { one: { input } } } } } };
}

test('a plan that git would not give back is refused by name, once, and its merge applies nothing', async () => {
  const lab = await faultLab('gitea');
  const number = await lab.propose('by-hand', nextcloud(5120));
  const reader = { ...(await lab.another()), synthesize: tooMuch };
  await lab.look(reader);
  expect(lab.text(number, 'plan')).toMatch(
    /\*\*Refused\*\* \(`plan-too-large`\): the plan has \d+\.\d MiB \(5600 lines of the stacks\)/,
  );
  await reader.repo.fetch();
  const plans = await readPlans(reader.repo, number);
  expect(plans.map(({ record }) => record?.refusals.map(({ reason }) => reason))).toEqual([['plan-too-large']]);
  const writes = lab.forge.sent() - lab.forge.sent('GET');
  lab.clock.advance(60_000);
  await lab.look(reader);
  expect(lab.forge.sent() - lab.forge.sent('GET')).toBe(writes);
  await lab.merge(number);
  await lab.run();
  expect((await lab.ending()).applies).toEqual([]);
});
