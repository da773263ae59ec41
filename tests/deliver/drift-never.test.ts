import { afterEach, describe, expect, it } from 'vitest';
import { lockRef } from '../../src/ledger/locks.ts';
import { set } from '../support/deliver-lab.ts';
import { type DriftLab, driftLab, minutes, withRules, yaml } from './drift-setting.ts';

let lab: DriftLab;
afterEach(async () => expect(await lab.close()).toEqual([]));

describe('what is never drift', () => {
  it('is what is merged and not applied yet, also while it is being verified', async () => {
    lab = await driftLab({});
    await lab.look();
    const number = await lab.propose('more', { [yaml]: set('memory', 3072) });
    await lab.plan();
    lab.clock.advance(2 * minutes);
    await lab.merge(number);
    const waits = `left        postgres waits for #${number}, which is not at its end`;
    expect(await lab.look()).toEqual([waits]);
    expect(await lab.look()).toEqual([waits]);
    await lab.pass();
    expect((await lab.record(number))?.outcome).toBeUndefined();
    lab.setLive(200, { memory: 4096 });
    expect([await lab.look(), await lab.look()]).toEqual([[waits], [waits]]);
    expect(await lab.drifts('all')).toEqual([]);
  });

  it('is what nobody approved, nor what a stopped run left: their ways out go first', async () => {
    lab = await driftLab();
    await lab.look();
    await lab.push('main', { [yaml]: set('memory', 3072) });
    expect((await lab.look())[0]).toMatch(/^left {8}postgres is changed by [0-9a-f]{7}, unapproved$/);
    await lab.run();
    expect((await lab.look())[0]).toMatch(
      /^left {8}postgres (is changed by|is declared otherwise than applied: memory)/,
    );
    expect(await lab.drifts('all')).toEqual([]);
  });

  it('is what a run holds locked, and what Proxmox VE is at work on', async () => {
    lab = await driftLab();
    lab.setLive(200, { memory: 4096 });
    await lab.look();
    const ref = lockRef('home/lxc/200');
    const tree = await lab.pusher.writeTree(undefined, new Map());
    const commit = await lab.pusher.commit({ tree, parents: [], message: 'held', at: lab.clock.now() });
    await lab.pusher.push([{ ref, from: null, to: commit }]);
    expect(await lab.look()).toEqual(['left        postgres is locked by a run']);
    await lab.pusher.push([{ ref, from: commit, to: null }]);
    expect((await lab.look())[0]).toMatch(/^settling/);
    const guest = lab.lab.pve.world.guests.get(200);
    if (guest === undefined) throw new Error('no postgres');
    guest.config['lock'] = 'backup';
    expect(await lab.look()).toEqual(['left        postgres is locked (backup) on pve1']);
    delete guest.config['lock'];
    // The time begins anew: whoever was at work may have changed it back in between.
    expect((await lab.look())[0]).toMatch(/^settling/);
  });

  it('is what gitmend.yaml ignores: a field, or a field of one guest', async () => {
    lab = await driftLab(withRules('drift: { ignore: [swap, lxc/200:memory] }'));
    for (const vmid of [200, 201]) lab.setLive(vmid, { memory: 6144, swap: 1024 });
    await lab.look();
    await lab.look();
    expect((await lab.drifts()).map(({ title }) => title)).toEqual([
      'nextcloud: accept memory 6144 MiB as it is on pve1',
    ]);
  });
});

describe('the rules', () => {
  it('are those in force: a push that turns drift off, or ignores it, changes nothing', async () => {
    lab = await driftLab();
    await lab.look();
    await lab.push('main', { 'gitmend.yaml': (text) => `${text}drift: off\n` });
    await lab.drifted();
    expect(await lab.drifts()).toHaveLength(1);
  });

  it('that turn it off close what is open', async () => {
    lab = await driftLab();
    const { number } = await lab.drifted();
    const off = await lab.propose('off', { 'gitmend.yaml': (text) => `${text}drift: off\n` });
    await lab.plan();
    lab.clock.advance(2 * minutes);
    await lab.merge(off);
    await lab.run();
    expect(await lab.look()).toEqual([
      `closed      #${number}: drift is off in gitmend.yaml`,
      'drift is off in the gitmend.yaml that is in force',
    ]);
  });

  it('limit how many are open, as they limit heal', async () => {
    lab = await driftLab(withRules('limits: { openPullRequests: 1, perHour: 10 }'));
    for (const vmid of [200, 201]) lab.setLive(vmid, { memory: 6144 });
    await lab.look();
    const said = await lab.look();
    expect(said.map((line) => line.split(' ')[0]).toSorted()).toEqual(['limited', 'opened']);
    expect(said.join('\n')).toContain('1 pull requests of heal and drift are open, and the limit is 1');
    expect(await lab.drifts()).toHaveLength(1);
  });

  it('limit how many are opened within an hour', async () => {
    lab = await driftLab(withRules('limits: { openPullRequests: 10, perHour: 1 }'));
    for (const vmid of [200, 201]) lab.setLive(vmid, { memory: 6144 });
    await lab.look();
    await lab.look();
    expect(await lab.drifts()).toHaveLength(1);
    await lab.look(61);
    expect(await lab.drifts()).toHaveLength(2);
  });
});
