import { afterEach, describe, expect, it } from 'vitest';
import { readDrifts } from '../../src/ledger/drift.ts';
import { showsPlan } from '../terraform/real/deliver-lab.ts';
import { type DriftLab, driftLab, minutes, yaml } from './drift-setting.ts';

let lab: DriftLab;
afterEach(async () => expect(await lab.close()).toEqual([]));

describe('a value that somebody changed on the node', () => {
  it('is proposed when it was the same at two looks that are far enough apart, once, and changes nothing live', async () => {
    lab = await driftLab();
    expect(await lab.look()).toEqual(['no drift: what is live is as declared']);
    lab.setLive(200, { memory: 4096 });
    const settling =
      'settling    postgres (lxc/200 on pve1): memory 4096 MiB is live, 2048 is declared; looked at again after 2026-11-20 04:04Z';
    expect(await lab.look()).toEqual([settling]);
    expect(await lab.look(9)).toEqual([settling]);
    expect(await lab.drifts()).toEqual([]);
    expect(await lab.look(1)).toEqual([
      'opened      postgres (lxc/200 on pve1): memory 4096 MiB is live, 2048 is declared; #1',
    ]);
    expect(await lab.look(1)).toEqual([
      'unchanged   postgres (lxc/200 on pve1): memory 4096 MiB is live, 2048 is declared; #1',
    ]);
    const all = await lab.drifts('all');
    expect(all.map(({ title }) => title)).toEqual(['postgres: accept memory 4096 MiB as it is on pve1']);
    await lab.pusher.fetch();
    expect((await lab.pusher.tree(all[0]?.head ?? '')).get(yaml)).toMatch(/^memory: 4096 /m);
    expect(lab.writes()).toBe(0);
  });

  it('counts from its last change: a hand at work is met with nothing', async () => {
    lab = await driftLab();
    for (const memory of [3072, 4096, 5120]) {
      lab.setLive(200, { memory });
      await lab.look();
    }
    expect(await lab.drifts()).toEqual([]);
    await lab.look();
    expect((await lab.drifts()).map(({ title }) => title)).toEqual([
      'postgres: accept memory 5120 MiB as it is on pve1',
    ]);
  });

  it('is planned at once: merging it only makes the declaration catch up', async () => {
    lab = await driftLab();
    const { number } = await lab.drifted();
    await showsPlan(lab, number, 'golden/drift-accept.md');
  });

  it('ends verified when it is merged, and nothing is written to Proxmox VE', async () => {
    lab = await driftLab();
    const { number } = await lab.drifted();
    lab.clock.advance(2 * minutes);
    await lab.merge(number);
    await lab.run();
    expect(await lab.record(number)).toMatchObject({ outcome: 'verified', steps: [] });
    expect([lab.writes(), lab.live(200)]).toEqual([0, 4096]);
    expect(await lab.look()).toEqual(['no drift: what is live is as declared']);
    await lab.pusher.fetch();
    expect((await readDrifts(lab.pusher)).tip).toBeUndefined();
  });

  it('of a stopped guest is accepted as well, and the guest is left as it is', async () => {
    lab = await driftLab();
    const guest = lab.lab.pve.world.guests.get(200);
    if (guest === undefined) throw new Error('no postgres');
    guest.status = 'stopped';
    const { number } = await lab.drifted();
    lab.clock.advance(2 * minutes);
    await lab.merge(number);
    await lab.run();
    expect(await lab.record(number)).toMatchObject({ steps: [] });
    expect((await lab.record(number))?.outcome).toBe('verified');
    expect([lab.writes(), lab.live(200)]).toEqual([0, 4096]);
  });

  it('is one pull request of one guest, whatever fields differ, edited in place when they change again', async () => {
    lab = await driftLab();
    const first = await lab.drifted();
    lab.setLive(200, { memory: 5120, cores: 4 });
    expect((await lab.look())[0]).toMatch(/^settling/);
    expect((await lab.look())[0]).toMatch(
      /^updated .* memory 5120 MiB is live, 2048 is declared and cores 4 is live, 2 is/,
    );
    const all = await lab.drifts('all');
    expect(all.map(({ number, title }) => [number, title])).toEqual([
      [first.number, 'postgres: accept memory 5120 MiB, cores 4 as it is on pve1'],
    ]);
    await lab.pusher.fetch();
    expect((await lab.pusher.tree(all[0]?.head ?? '')).get(yaml)).toMatch(/^cores: 4\nmemory: 5120 /m);
  });

  it('ends with the drift: the pull request is closed and says why', async () => {
    lab = await driftLab();
    const { number } = await lab.drifted();
    lab.setLive(200, { memory: 2048 });
    expect(await lab.look()).toEqual([`closed      #${number}: postgres is as declared on pve1 again`]);
    expect((await lab.lab.forge.pullRequest(number)).closedBy).toBe('gitmend');
    // Closed by gitmend, it means nothing.
    expect((await lab.drifted()).number).not.toBe(number);
  });

  it('stays a no for 7 days when a person closes it, and comes back with another value or after them', async () => {
    lab = await driftLab();
    const { number } = await lab.drifted();
    await lab.lab.forge.close(number, 'no');
    expect((await lab.look())[0]).toMatch(/^declined .*; #1: maintainer closed #1; asked again after 2026-11-27T/);
    expect((await lab.drifted(6144)).title).toContain('6144');
    await lab.lab.forge.close((await lab.drifts())[0]?.number ?? 0, 'no');
    await lab.look(7 * 24 * 60 - 30);
    expect(await lab.drifts()).toEqual([]);
    await lab.look(60);
    expect(await lab.drifts()).toHaveLength(1);
  });

  it('is left to a person who commits to its branch', async () => {
    lab = await driftLab();
    const { number, branch } = await lab.drifted();
    const head = await lab.push(branch, { [yaml]: (text) => `${text}# mine\n` }, 'mine');
    lab.setLive(200, { memory: 6144 });
    await lab.look();
    expect((await lab.look())[0]).toMatch(/^hands-off .*; #1: a person has committed to #1$/);
    lab.setLive(200, { memory: 2048 });
    expect(await lab.look()).toEqual(['no drift: what is live is as declared']);
    expect(await lab.lab.forge.pullRequest(number)).toMatchObject({ state: 'open', head });
  });

  it('is made again where the default branch has moved under it', async () => {
    lab = await driftLab();
    const { number, head } = await lab.drifted();
    await lab.push('main', { [yaml]: (text) => text.replace(/^(memory: .*)$/m, '$1, as the vendor says') });
    expect((await lab.look())[0]).toMatch(/^updated/);
    expect((await lab.drifts())[0]).toMatchObject({ number });
    expect((await lab.drifts())[0]?.head).not.toBe(head);
  });
});
