import { describe, expect, it } from 'vitest';
import type { CiRun } from '../../src/core/run.ts';
import { holderOf, isGone, type Machine } from '../../src/ledger/holder.ts';
import { computer } from '../support/machines.ts';

const time = '2026-11-20T03:41:07Z';
const run = (id: string, attempt = 1, more: Partial<CiRun> = {}): CiRun => ({
  server: 'https://git.home.lan',
  repository: 'ops/homelab',
  run: id,
  attempt,
  ...more,
});

/** A job with another machine behind it each time, and a forge that knows what has ended. */
function job(ci: CiRun, ended: { [run: string]: boolean | undefined } = {}): Machine {
  const here = computer(`runner of ${ci.run}`).process();
  return { ...here, ci, ciEnded: async (asked) => ended[asked.run] };
}

describe('whether a job of CI that holds a lock is gone', () => {
  it('is proven by the forge: its run has ended', async () => {
    const held = holderOf(job(run('41')), 'run', time);
    expect(await isGone(held, job(run('42'), { 41: true }))).toBe(true);
  });

  it('is proven to a runner that is no job, by the same forge', async () => {
    const here: Machine = { ...computer().process(), ciEnded: async () => true };
    expect(await isGone(holderOf(job(run('41')), 'run', time), here)).toBe(true);
  });

  it.each([
    ['while its run goes on', { 41: false }],
    ['where the forge does not know its run', { 41: undefined }],
  ])('is not proven %s', async (_title, ended) => {
    expect(await isGone(holderOf(job(run('41')), 'run', time), job(run('42'), ended))).toBe(false);
  });

  it('is not proven where nobody can be asked', async () => {
    expect(await isGone(holderOf(job(run('41')), 'run', time), computer().process())).toBe(false);
  });

  it('is proven to a later attempt of the same run, and not to another job of the same one', async () => {
    const held = holderOf(job(run('41', 1)), 'run', time);
    expect(await isGone(held, job(run('41', 2), { 41: false }))).toBe(true);
    // That our own run has not ended is known without asking; a forge that says otherwise is wrong about us.
    expect(await isGone(held, job(run('41', 1), { 41: true }))).toBe(false);
    expect(await isGone(holderOf(job(run('41', 3)), 'run', time), job(run('41', 2), { 41: true }))).toBe(false);
  });

  it('is not proven by machine and boot, which jobs share with others', async () => {
    const shared = computer('image');
    const first: Machine = { ...shared.process(), ci: run('41') };
    const held = holderOf(first, 'run', time);
    shared.kill(first);
    const another: Machine = { ...shared.process(), ci: run('42'), ciEnded: async () => false };
    expect(await isGone(held, another)).toBe(false);
    expect(await isGone({ ...held, boot: 'an earlier boot' }, another)).toBe(false);
  });

  it('is asked of its own repository alone, whatever the lock says', async () => {
    const asked: CiRun[] = [];
    const here: Machine = { ...job(run('42')), ciEnded: async (one) => (asked.push(one), undefined) };
    const forged = holderOf(job(run('41', 1, { server: 'https://evil.example', repository: 'a/b' })), 'run', time);
    expect(await isGone(forged, here)).toBe(false);
    expect(asked).toEqual([run('41', 1, { server: 'https://evil.example', repository: 'a/b' })]);
  });

  it('is the same run whatever the case and the last slash of its address', async () => {
    const held = holderOf(
      job(run('41', 1, { server: 'https://GIT.home.lan/', repository: 'Ops/Homelab' })),
      'run',
      time,
    );
    expect(await isGone(held, job(run('41', 2)))).toBe(true);
  });
});
