import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notHealed } from '../../simulators/pve/index.ts';
import type { PullRequest } from '../../src/forges/forge.ts';
import { type JobLab, openJobLab, type Said } from './job-lab.ts';

/** A change that does not help, applied by one job and found out by two that are started at the same moment. */
describe('jobs that find that a change did not help', () => {
  let at: JobLab;
  let number = 0;
  let [both, later]: [Said[], Said | undefined] = [[], undefined];
  const after: { open: PullRequest[]; outcomes: string[] }[] = [];
  const look = async () =>
    after.push({ open: await at.lab.forge.pullRequests({ state: 'open' }), outcomes: await at.outcomes() });

  beforeAll(async () => {
    at = await openJobLab(undefined, (world, now) => notHealed(world, now, { oldCapSafe: true }));
    const { lab, gitea, clock, job } = at;
    lab.stubborn = true;
    const asAccount = { more: { GITMEND_GITEA_TOKEN: gitea.token('gitmend') } };
    number = await at.heal();
    await job('plan');
    clock.advance(61_000);
    await at.merge(number);
    await job('apply --wait 1s', asAccount);
    await look();
    clock.advance(30 * 60_000);
    both = await Promise.all([job('reconcile', asAccount), job('reconcile', asAccount)]);
    await look();
    later = await job('reconcile', asAccount);
    await look();
  }, 120_000);
  afterAll(() => at.close());

  it('propose nothing while it is being watched', () => {
    expect(after[0]).toEqual({ open: [], outcomes: ['adopted'] });
  });

  it('propose the way back once, by the branch and the marker that the built-in runner gives it', () => {
    expect(after[1]?.outcomes).toEqual(['adopted', 'not-verified']);
    expect(after[1]?.open).toHaveLength(1);
    expect(after[1]?.open[0]).toMatchObject({ author: 'gitmend', branch: expect.stringMatching(/^gitmend\/revert\//) });
    expect(after[1]?.open[0]?.body).toContain(`#${number}`);
    expect(both.some(({ code }) => code === 1)).toBe(true);
  });

  it('leave it at that, whoever looks next, and its plan is shown for a person to merge', async () => {
    expect(later?.said).not.toContain('not-verified');
    expect(after[2]).toEqual({ ...after[1], open: after[2]?.open });
    expect(after[2]?.open.map((pr) => pr.number)).toEqual(after[1]?.open.map((pr) => pr.number));
    expect(await at.plans()).toEqual([`refs/gitmend/plans/${after[1]?.open[0]?.number ?? 0}`]);
    expect(at.writes()).toBe(1);
  });
});
