import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginRun, endRun } from '../../simulators/gitea/routes/actions.ts';
import { canonical } from '../../src/core/json.ts';
import type { CiRun } from '../../src/core/run.ts';
import { emptyTree } from '../../src/git/repository.ts';
import { holderOf, type Machine } from '../../src/ledger/holder.ts';
import { lockRef } from '../../src/ledger/locks.ts';
import { computer } from '../support/machines.ts';
import { type JobLab, openJobLab, type Said } from './job-lab.ts';

// What nobody can vouch for, or read.
const forged: Partial<CiRun>[] = [
  { run: '123456' },
  { server: 'https://elsewhere.example', run: '41' },
  { run: '../../../user' },
  { attempt: 'x' as unknown as number },
];

describe('the lock of a job', () => {
  let at: JobLab;
  const said: { [what: string]: Said } = {};
  const writes: { [what: string]: number } = {};
  let both: Said[] = [];

  async function done(what: string, command = 'apply --wait 1s'): Promise<void> {
    said[what] = await at.job(command);
    writes[what] = at.writes();
  }

  /** The lock of postgres in the hands of a job of CI. */
  async function held(ci: Partial<CiRun>): Promise<void> {
    const run = { server: at.gitea.url, repository: at.gitea.repository, run: '7', attempt: 1, ...ci };
    const machine: Machine = { ...computer().process(), ci: run };
    const repo = await at.mirror();
    const target = 'home/lxc/200';
    const message = canonical({ target, holder: holderOf(machine, 'a'.repeat(40), '2026-11-20T03:34:00Z', 'n') });
    const to = await repo.commit({ tree: emptyTree, parents: [], message, at: at.clock.now() });
    await repo.push([{ ref: lockRef(target), from: (await repo.tip(lockRef(target))) ?? null, to }]);
  }

  beforeAll(async () => {
    at = await openJobLab();
    const { lab, gitea, clock } = at;
    const number = await at.heal();
    await at.job('plan');
    await at.merge(number);
    for (const ci of forged) {
      await held(ci);
      await done(JSON.stringify(ci));
    }
    const run = beginRun(gitea.world, 'gitmend-apply.yml', 'push', clock.now());
    await held({ run: String(run.id) });
    await done('going on', 'apply --wait 20s');
    endRun(run, 'failure', clock.now());
    // A backup holds the guest, so that the lock can be taken over and nothing is applied yet.
    const guest = lab.pve.world.guests.get(200);
    Object.assign(guest?.config ?? {}, { lock: 'backup' });
    await done('ended');
    delete guest?.config['lock'];
    const cancelled = beginRun(gitea.world, 'gitmend-apply.yml', 'push', clock.now());
    await held({ run: String(cancelled.id) });
    endRun(cancelled, 'cancelled', clock.now());
    await done('cancelled');
    clock.advance(2 * 60_000);
    both = await Promise.all([at.job('apply', { run: '901' }), at.job('reconcile', { run: '902' })]);
  }, 120_000);
  afterAll(() => at.close());

  it.each(forged.map((ci) => JSON.stringify(ci)))(
    'blocks where it names a run that nobody can vouch for: %s',
    (what) => {
      expect(said[what]?.said).toContain('waiting: ');
      expect(writes[what]).toBe(0);
    },
  );

  it('is waited for while its run goes on', () => {
    expect(said['going on']).toMatchObject({ code: 0 });
    expect(said['going on']?.said).toMatch(/^waiting: #\d+: run aaaaaaa on .* holds home\/lxc\/200/m);
    expect(writes['going on']).toBe(0);
  });

  it('is taken over once the forge says that its run has ended', () => {
    expect(said['ended']).toMatchObject({ code: 0 });
    expect(said['ended']?.said).toMatch(/^waiting: #\d+: postgres is locked on pve1 \(backup\)$/m);
  });

  it('is not taken from a run that was cancelled a moment ago, whose process may not know yet', () => {
    expect(said['cancelled']?.said).toMatch(/ holds home\/lxc\/200/);
    expect(writes['cancelled']).toBe(0);
  });

  it('is taken from it two minutes later, by one of two jobs that begin at the same moment, and it is applied once', async () => {
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(at.writes()).toBe(1);
    expect(await at.outcomes()).toEqual(['adopted', 'verified']);
  });
});
