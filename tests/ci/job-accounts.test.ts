import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dispatched, type JobLab, openJobLab, type Said } from './job-lab.ts';

const auto = {
  'policies/guests.yaml': (text: string) => text.replace(/(name: guests\n[^#]*?level: )approve\n/, '$1auto\n'),
};
/** gitmend.yaml that names another variable for the token of the forge. */
const other = { 'gitmend.yaml': (text: string) => text.replace('env:GITMEND_GITEA_TOKEN', 'env:OTHER_TOKEN') };
const noReads = ['POST', 'PATCH', 'PUT', 'DELETE'];

describe('what policy leaves to gitmend, with jobs', () => {
  let at: JobLab;
  let number = 0;
  let [left, stale]: Said[] = [];
  const told = { merged: 0, description: '', comment: '', body: '' };

  beforeAll(async () => {
    at = await openJobLab(auto);
    const { lab, gitea, clock, job } = at;
    number = await at.heal();
    await job('plan');
    clock.advance(61_000);
    left = await job('plan', { more: { GITMEND_GITEA_TOKEN: gitea.token('gitmend') } });
    told.merged = (await lab.forge.pullRequests({ state: 'merged' })).length;
    const pr = await lab.forge.pullRequest(number);
    const statuses = await lab.forge.statuses(pr.head);
    told.description = statuses.find(({ context }) => context === 'gitmend/policy')?.description ?? '';
    told.comment = (await lab.forge.comments(number))[0]?.body ?? '';
    told.body = pr.body;
    await at.merge(number);
    const guest = lab.pve.world.guests.get(200);
    if (guest !== undefined) guest.config['memory'] = '4096';
    stale = await job('apply');
  }, 60_000);
  afterAll(() => at.close());

  it('a person merges: a job keeps nothing, so it cannot know that gitmend made the head', () => {
    const why = 'a job of CI cannot know that gitmend made its head';
    expect(left?.said).toContain(`#${number} is left to a person to merge: ${why}\n`);
    expect(told.merged).toBe(0);
    expect(told.description).toBe(`waits for a person: ${why}`);
    expect(told.comment).toContain(`**Merging approves exactly this**, and a person merges it, because ${why}.`);
    expect(told.body).toContain(`a person merges it, because ${why}`);
    for (const text of [told.comment, told.body]) expect(text).not.toContain('gitmend merges it');
  });

  it('the job is red where the run of what was merged ends badly', () => {
    expect(stale?.code).toBe(1);
    expect(stale?.said).toContain('not-applied (stale)');
    expect(at.writes()).toBe(0);
  });
});

describe('the account that a job writes as', () => {
  let at: JobLab;
  let number = 0;
  beforeAll(async () => {
    at = await openJobLab();
    // Adopted, so that the rules of now are those in force.
    await at.job('reconcile');
    number = await at.open('other', other);
  }, 60_000);
  afterAll(() => at.close());

  const stranger = () => at.gitea.token('stranger');
  const bySomebodyElse = () => at.gitea.requests.filter(({ by }) => by === 'stranger');

  it('is its own where only the pull request names the token that it was given', async () => {
    const said = await at.job('plan', { ...dispatched(number), more: { OTHER_TOKEN: stranger() } });
    expect(said.code).toBe(0);
    expect(await at.authors(number)).toEqual(['gitea-actions']);
    expect(bySomebodyElse()).toEqual([]);
  });

  it('is its own where only the checkout names the token that it was given', async () => {
    const said = await at.job('plan', {
      ...dispatched(number, true),
      ...{ directory: at.lab.clone, more: { OTHER_TOKEN: stranger() } },
    });
    expect(said.code).toBe(0);
    expect(await at.authors(number)).toEqual(['gitea-actions']);
    expect(bySomebodyElse()).toEqual([]);
  });

  it('is that of forge.token of the rules in force where the job was given that token', async () => {
    const more = { GITMEND_GITEA_TOKEN: at.gitea.token('robot'), OTHER_TOKEN: stranger(), GITMEND_BOT: 'gitmend' };
    await at.job('plan', { ...dispatched(number, true), more });
    expect(await at.authors(number)).toContain('robot');
    expect(bySomebodyElse()).toEqual([]);
  });

  it('is its own where the token was named by a push that nobody approved', async () => {
    await at.push(other);
    const said = await at.job('plan', { ...dispatched(number, true), more: { OTHER_TOKEN: stranger() } });
    expect(said.code).toBe(0);
    expect(await at.authors(number)).not.toContain('stranger');
    expect(bySomebodyElse().filter(({ method }) => noReads.includes(method))).toEqual([]);
  });
});
