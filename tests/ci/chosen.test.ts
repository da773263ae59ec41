import { afterAll, beforeAll, expect, it } from 'vitest';
import { inProcessBot } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { type JobLab, openJobLab } from './job-lab.ts';

const builtin = (text: string) => text.replace('runner: ci', 'runner: builtin');

let at: JobLab;
beforeAll(async () => {
  at = await openJobLab({ 'gitmend.yaml': builtin });
});
afterAll(() => at.close());

it('a repository goes over to jobs by a pull request that the runner before them plans and puts in force', async () => {
  const { lab, clock, job } = at;
  const bot = inProcessBot(lab, clock, computer());
  await bot.plan();
  const number = await at.open('jobs', { 'gitmend.yaml': (text) => text.replace('runner: builtin', 'runner: ci') });
  const unplanned = await job('plan');
  expect(unplanned.code).toBe(1);
  expect(unplanned.said).toContain('say runner: builtin\n');
  expect(unplanned.said).toContain('gitmend plan plans');
  await bot.plan();
  expect(await at.plans()).toEqual([`refs/gitmend/plans/${number}`]);
  await at.merge(number);
  const early = await job('apply');
  expect(early.code).toBe(1);
  expect(early.said).toMatch(
    /say runner: builtin, and [0-9a-f]{7} on the default branch says runner: ci: .*--until-idle/,
  );
  await bot.run();
  expect(await job('apply')).toMatchObject({
    code: 0,
    said: expect.stringContaining('everything that is merged') as string,
  });
});
