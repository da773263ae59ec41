import { describe, expect, it } from 'vitest';
import type { Pve } from '../../../simulators/pve/index.ts';
import { ask } from '../../support/pve-client.ts';
import { pveLab } from '../../support/pve-lab.ts';

const guest = '/nodes/pve1/lxc/200';
const take = (pve: Pve, snapname: string) => ask(pve, 'POST', `${guest}/snapshot`, { snapname, description: 'before' });
const outcomes = (pve: Pve) => [...pve.world.tasks.values()].map(({ exitstatus }) => exitstatus);

describe('a snapshot', () => {
  it('holds the configuration, locks the guest meanwhile and becomes the parent of what follows', async () => {
    const pve = await pveLab({ taskSeconds: 3 });
    await take(pve, 'one');
    expect((await ask(pve, 'PUT', `${guest}/config`, { memory: 3072 })).json.message).toBe('CT is locked (snapshot)\n');
    pve.advance(3);
    await take(pve, 'two');
    pve.advance(3);
    const { list } = await ask(pve, 'GET', `${guest}/snapshot`);
    expect(list.map(({ name, parent }) => [name, parent])).toEqual([
      ['one', undefined],
      ['two', 'one'],
      ['current', 'two'],
    ]);
    expect((await ask(pve, 'GET', `${guest}/config`, { snapshot: 'one' })).record.memory).toBe(2048);
  });

  it('changes the digest', async () => {
    const pve = await pveLab();
    const before = (await ask(pve, 'GET', `${guest}/config`)).record.digest;
    await take(pve, 'one');
    expect((await ask(pve, 'GET', `${guest}/config`)).record.digest).not.toBe(before);
  });

  it('of a name that is taken fails in its task, of a reserved name at once', async () => {
    const pve = await pveLab();
    await take(pve, 'one');
    await take(pve, 'one');
    expect(outcomes(pve)).toEqual(['OK', "snapshot name 'one' already used"]);
    expect((await take(pve, 'current')).json.message).toBe("unable to use snapshot name 'current' (reserved name)\n");
  });

  it('of a locked guest fails in its task', async () => {
    const pve = await pveLab();
    pve.world.guests.get(200)!.config.lock = 'backup';
    await take(pve, 'one');
    expect(outcomes(pve)).toEqual(['CT is locked (backup)']);
    expect(pve.world.guests.get(200)!.config.lock).toBe('backup');
  });

  it('leaves the chain whole when it is deleted', async () => {
    const pve = await pveLab();
    for (const name of ['one', 'two', 'three']) await take(pve, name);
    await ask(pve, 'DELETE', `${guest}/snapshot/two`);
    const { list } = await ask(pve, 'GET', `${guest}/snapshot`);
    expect(list.map(({ name, parent }) => [name, parent])).toEqual([
      ['one', undefined],
      ['three', 'one'],
      ['current', 'three'],
    ]);
  });

  it('that does not exist cannot be deleted', async () => {
    const pve = await pveLab();
    await ask(pve, 'DELETE', `${guest}/snapshot/none`);
    expect(outcomes(pve)).toEqual(["snapshot 'none' does not exist"]);
  });
});

describe('a rollback', () => {
  it('stops the guest and brings its configuration back', async () => {
    const pve = await pveLab();
    await take(pve, 'one');
    await ask(pve, 'PUT', `${guest}/config`, { memory: 3072, tty: 4 });
    await ask(pve, 'POST', `${guest}/snapshot/one/rollback`);
    const { record } = await ask(pve, 'GET', `${guest}/config`);
    expect(record.memory).toBe(2048);
    expect(record).not.toHaveProperty('tty');
    expect(pve.world.guests.get(200)!.status).toBe('stopped');
  });

  it('starts it again where that is asked for', async () => {
    const pve = await pveLab();
    await take(pve, 'one');
    await ask(pve, 'POST', `${guest}/snapshot/one/rollback`, { start: 1 });
    expect(pve.world.guests.get(200)!.status).toBe('running');
  });
});

describe('the feature question', () => {
  it('is answered by the storage of the root disk', async () => {
    const pve = await pveLab();
    const asked = () => ask(pve, 'GET', `${guest}/feature`, { feature: 'snapshot' });
    expect((await asked()).record).toEqual({ hasFeature: 1 });
    pve.world.storages.get('local-lvm')!.type = 'dir';
    expect((await asked()).record).toEqual({ hasFeature: 0 });
    await take(pve, 'one');
    expect(outcomes(pve)).toEqual(['snapshot feature is not available']);
  });

  it('is answered with nodes for a VM', async () => {
    const pve = await pveLab();
    const answer = await ask(pve, 'GET', '/nodes/pve1/qemu/203/feature', { feature: 'snapshot' });
    expect(answer.record).toEqual({ hasFeature: 1, nodes: ['pve1'] });
  });

  it('must name a feature', async () => {
    const pve = await pveLab({ offContract: true });
    const answer = await ask(pve, 'GET', `${guest}/feature`);
    expect(answer.json.errors).toEqual({ feature: 'property is missing and it is not optional' });
  });
});
