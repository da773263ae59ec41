import { describe, expect, it } from 'vitest';
import { homeTokens, memoryShort } from '../../../simulators/pve/index.ts';
import { ask } from '../../support/pve-client.ts';
import { pveLab } from '../../support/pve-lab.ts';

const config = '/nodes/pve1/lxc/200/config';
const admin = { token: homeTokens.admin };

describe('a running container', () => {
  it('takes memory, swap and cores at once, without a task', async () => {
    const pve = await pveLab();
    const answer = await ask(pve, 'PUT', config, { memory: 3072, swap: 1024, cores: 4 });
    expect(answer.json).toEqual({ data: null });
    expect((await ask(pve, 'GET', config, { current: 1 })).record).toMatchObject({
      memory: 3072,
      swap: 1024,
      cores: 4,
    });
    expect(pve.world.tasks.size).toBe(0);
    expect(pve.world.guests.get(200)!.pending).toEqual({});
  });

  it('keeps other options pending until it is restarted', async () => {
    const pve = await pveLab();
    await ask(pve, 'PUT', config, { tty: 4 });
    expect((await ask(pve, 'GET', config)).record.tty).toBe(4);
    expect((await ask(pve, 'GET', config, { current: 1 })).record).not.toHaveProperty('tty');
    expect((await ask(pve, 'GET', '/nodes/pve1/lxc/200/pending')).list).toContainEqual({ key: 'tty', pending: 4 });
    await ask(pve, 'POST', '/nodes/pve1/lxc/200/status/reboot');
    expect((await ask(pve, 'GET', config, { current: 1 })).record.tty).toBe(4);
  });

  it('forgets a pending value that is reverted', async () => {
    const pve = await pveLab();
    const before = (await ask(pve, 'GET', config)).record;
    await ask(pve, 'PUT', config, { tty: 4 });
    await ask(pve, 'PUT', config, { revert: 'tty' });
    expect((await ask(pve, 'GET', config)).record).toEqual(before);
  });

  it('shows a deletion that waits, and undoes it by a revert', async () => {
    const pve = await pveLab();
    await ask(pve, 'PUT', config, { tty: 4 });
    await ask(pve, 'POST', '/nodes/pve1/lxc/200/status/reboot');
    await ask(pve, 'PUT', config, { delete: 'tty' });
    expect((await ask(pve, 'GET', '/nodes/pve1/lxc/200/pending')).list).toContainEqual({
      key: 'tty',
      value: 4,
      delete: 1,
    });
    expect((await ask(pve, 'GET', config)).record).not.toHaveProperty('tty');
    await ask(pve, 'PUT', config, { revert: 'tty' });
    expect((await ask(pve, 'GET', config)).record.tty).toBe(4);
  });

  it('deletes an option that is live at once', async () => {
    const pve = await pveLab();
    await ask(pve, 'PUT', config, { delete: 'tags,swap' });
    const { record } = await ask(pve, 'GET', config, { current: 1 });
    expect(record).not.toHaveProperty('tags');
    expect(record).not.toHaveProperty('swap');
  });
});

describe('the digest', () => {
  it('lets a write pass that names the present one', async () => {
    const pve = await pveLab();
    const { digest } = (await ask(pve, 'GET', config)).record;
    expect(digest).toMatch(/^[0-9a-f]{40}$/);
    expect((await ask(pve, 'PUT', config, { memory: 3072, digest: String(digest) })).status).toBe(200);
  });

  it('refuses a write that names an older one, with 500', async () => {
    const pve = await pveLab();
    const { digest } = (await ask(pve, 'GET', config)).record;
    await ask(pve, 'PUT', config, { cores: 4 });
    const answer = await ask(pve, 'PUT', config, { memory: 3072, digest: String(digest) });
    expect(answer.status).toBe(500);
    expect(answer.json.message).toBe('detected modified configuration - file changed by other user? Try again.\n');
    expect((await ask(pve, 'GET', config)).record.memory).toBe(2048);
  });

  it('changes with a value that is only pending, too', async () => {
    const pve = await pveLab();
    const before = (await ask(pve, 'GET', config)).record.digest;
    await ask(pve, 'PUT', config, { tty: 4 });
    expect((await ask(pve, 'GET', config, { current: 1 })).record.digest).not.toBe(before);
  });

  it('is the same again for the same values', async () => {
    const pve = await pveLab();
    const before = (await ask(pve, 'GET', config)).record.digest;
    await ask(pve, 'PUT', config, { memory: 3072 });
    await ask(pve, 'PUT', config, { memory: 2048 });
    expect((await ask(pve, 'GET', config)).record.digest).toBe(before);
  });
});

describe('a refused write', () => {
  it.each([
    ['no option at all', {}, 500, 'no options specified\n'],
    ['a digest and nothing else', { digest: 'a'.repeat(40) }, 500, 'no options specified\n'],
    ['the deletion of memory', { delete: 'memory' }, 500, "unable to delete required option 'memory'\n"],
    ['an option that is set once', { unprivileged: 0 }, 500, "unable to modify read-only option: 'unprivileged'\n"],
  ])('with %s is 500', async (_title, parameters, status, message) => {
    const pve = await pveLab();
    const answer = await ask(pve, 'PUT', config, parameters, admin);
    expect({ status: answer.status, message: answer.json.message }).toEqual({ status, message });
  });

  it.each([
    [{ memory: 'lots' }, { memory: "type check ('integer') failed - got 'lots'" }],
    [{ memory: 8 }, { memory: 'value must have a minimum value of 16' }],
    [{ cores: 10_000 }, { cores: 'value must have a maximum value of 8192' }],
    [
      { arch: 'vax' },
      { arch: "value 'vax' does not have a value in the enumeration 'amd64, i386, arm64, armhf, riscv32, riscv64'" },
    ],
    [{ digest: 'a'.repeat(41), cores: 2 }, { digest: 'value may only be 40 characters long' }],
    [{ ram: 1 }, { ram: 'property is not defined in schema and the schema does not allow additional properties' }],
    [{ delete: 'ram' }, { delete: "unknown option 'ram'" }],
    [{ cores: 4, delete: 'cores' }, { delete: "you can't use '-cores' and '-delete cores' at the same time" }],
    [{ delete: 'tty', revert: 'tty' }, { delete: "you can't use '-delete tty' and '-revert tty' at the same time" }],
  ])('%o names each faulty parameter with 400', async (parameters, errors) => {
    const pve = await pveLab({ offContract: true });
    const before = structuredClone(pve.world.guests.get(200)!.config);
    const answer = await ask(pve, 'PUT', config, parameters, admin);
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual({ data: null, errors, message: 'Parameter verification failed.\n' });
    expect(pve.world.guests.get(200)!.config).toEqual(before);
  });

  it('names all faulty parameters at once', async () => {
    const pve = await pveLab({ offContract: true });
    const answer = await ask(pve, 'PUT', config, { memory: 'x', cores: 0, ram: 1 });
    expect(Object.keys(answer.json.errors ?? {})).toEqual(['memory', 'cores', 'ram']);
  });

  it('says which lock is held, before it looks at the digest', async () => {
    const pve = await pveLab();
    pve.world.guests.get(200)!.config.lock = 'backup';
    const answer = await ask(pve, 'PUT', config, { memory: 3072, digest: 'a'.repeat(40) });
    expect(answer).toMatchObject({ status: 500, json: { message: 'CT is locked (backup)\n' } });
  });

  it('answers in PVE’s words where there is no such container', async () => {
    const pve = await pveLab();
    const answer = await ask(pve, 'GET', '/nodes/pve1/lxc/203/config');
    expect(answer.status).toBe(500);
    expect(answer.message).toBe("Configuration file 'nodes/pve1/lxc/203.conf' does not exist");
  });
});

describe('a stopped container', () => {
  it('takes every option at once', async () => {
    const pve = await pveLab({ world: (world, now) => memoryShort(world, now) });
    await ask(pve, 'POST', '/nodes/pve1/lxc/200/status/stop');
    await ask(pve, 'PUT', config, { tty: 4, hostname: 'pg' }, admin);
    expect((await ask(pve, 'GET', config, { current: 1 })).record).toMatchObject({ tty: 4, hostname: 'pg' });
  });
});
