import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JobLab, openJobLab, type Said } from './job-lab.ts';

/** A merge that goes stale, which has three ways out; the forge opens none for the job's own token. */
describe('a job that may not open what it has to', () => {
  let at: JobLab;
  let [refused, again, given]: Said[] = [];
  const after: { open: number; outcomes: string[] }[] = [];
  const look = async () =>
    after.push({ open: (await at.lab.forge.pullRequests({ state: 'open' })).length, outcomes: await at.outcomes() });

  beforeAll(async () => {
    at = await openJobLab();
    const { lab, gitea, clock, job } = at;
    const number = await at.heal();
    await job('plan');
    clock.advance(61_000);
    const guest = lab.pve.world.guests.get(200);
    if (guest !== undefined) guest.config['memory'] = '4096';
    await at.merge(number);
    refused = await job('apply');
    await look();
    const other = await at.open('other', {
      'guests/nextcloud.yaml': (text) => text.replace('memory: 4096', 'memory: 5120'),
    });
    await job('plan');
    clock.advance(61_000);
    await at.merge(other);
    again = await job('apply --wait 2m');
    await look();
    given = await job('reconcile', { more: { GITMEND_GITEA_TOKEN: gitea.token('gitmend') } });
    await look();
  }, 120_000);
  afterAll(() => at.close());

  it('records what it did, says in one line what could not be opened and what to do, and is red', () => {
    expect(refused?.code).toBe(1);
    const lines = refused?.said.split('\n').filter((line) => line.includes('could not be opened')) ?? [];
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^FORGE_REFUSED: ways out of postgres that could not be opened: keep 4096; insist on 3072/,
    );
    expect(lines[0]).toContain('undo this merge');
    expect(lines[0]).toContain("Gitea lets no job open a pull request by the job's own token");
    expect(lines[0]).toContain('set the secret GITMEND_GITEA_TOKEN');
    expect(lines[0]).not.toContain('there is no branch');
    expect(after[0]).toEqual({ open: 0, outcomes: ['adopted', 'not-applied'] });
  });

  it('goes on with what was merged after it, to its verification, and stays red', () => {
    expect(again?.code).toBe(1);
    expect(again?.said).toContain('could not be opened');
    expect(after[1]).toEqual({ open: 0, outcomes: ['adopted', 'not-applied', 'verified'] });
  });

  it('opens them as the account of forge.token, once it is given that', () => {
    expect(given?.said).toContain('way out: keep 4096');
    expect(given?.code).toBe(0);
    expect(after[2]?.open).toBe(3);
  });
});
