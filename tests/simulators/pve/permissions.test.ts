import { describe, expect, it } from 'vitest';
import { homeTokens } from '../../../simulators/pve/index.ts';
import type { Token } from '../../../simulators/pve/index.ts';
import { ask } from '../../support/pve-client.ts';
import { labTime, pveLab } from '../../support/pve-lab.ts';

const config = '/nodes/pve1/lxc/200/config';

const tokenWith = (acl: Token['acl']): Token => ({ id: 'test@pve!t', secret: 's3cret-s3cret', acl });
const credential = 'test@pve!t=s3cret-s3cret';

describe('a login', () => {
  it.each([
    ['without a token', ''],
    ['with another scheme', 'x'],
  ])('%s is 401 without a body', async (_title, token) => {
    const pve = await pveLab();
    const headers = token === '' ? {} : { Authorization: 'Bearer abc' };
    const answer = await ask(pve, 'GET', '/version', {}, { token: '', headers });
    expect(answer).toMatchObject({ status: 401, message: 'No ticket', body: '' });
  });

  it.each([
    ['an unknown token', 'nobody@pve!x=1b9d6bcd'],
    ['a wrong secret', homeTokens.read.replace('1b9d', '0000')],
    ['no secret', 'gitmend@pve!read'],
  ])('with %s is 401 and does not say which', async (_title, token) => {
    const pve = await pveLab();
    const answer = await ask(pve, 'GET', '/version', {}, { token });
    expect(answer).toMatchObject({ status: 401, message: 'Authentication failed!', body: '' });
  });

  it('with an expired token is 401', async () => {
    const pve = await pveLab();
    pve.world.tokens.get('gitmend@pve!read')!.expire = labTime / 1000 - 1;
    expect((await ask(pve, 'GET', '/version', {}, { token: homeTokens.read })).status).toBe(401);
  });

  it('keeps the secret out of the log', async () => {
    const pve = await pveLab();
    await ask(pve, 'GET', '/version', {}, { token: homeTokens.read });
    expect(pve.requests[0]).toMatchObject({ token: 'gitmend@pve!read', status: 200 });
    expect(JSON.stringify(pve.requests)).not.toContain('1b9d6bcd');
  });
});

describe('a missing privilege', () => {
  it('is 403, naming what would have let the request in', async () => {
    const pve = await pveLab();
    const answer = await ask(pve, 'PUT', config, { memory: 3072 }, { token: homeTokens.read });
    const wanted = 'VM.Config.Disk|VM.Config.CPU|VM.Config.Memory|VM.Config.Network|VM.Config.Options';
    expect(answer).toMatchObject({ status: 403, message: `Permission check failed (/vms/200, ${wanted})` });
    expect(answer.json).toEqual({ data: null, message: `Permission check failed (/vms/200, ${wanted})\n` });
  });

  it('is named by itself where only one of two keys may be changed, and then nothing is', async () => {
    const pve = await pveLab();
    pve.world.tokens.set('test@pve!t', tokenWith({ '/': ['VM.Audit', 'VM.Config.CPU'] }));
    const answer = await ask(pve, 'PUT', config, { cores: 4, memory: 3072 }, { token: credential });
    expect(answer.json.message).toBe('Permission check failed (/vms/200, VM.Config.Memory)\n');
    expect(pve.world.guests.get(200)!.config).toMatchObject({ cores: 2, memory: 2048 });
  });

  it('is found before a faulty parameter is', async () => {
    const pve = await pveLab({ offContract: true });
    expect((await ask(pve, 'PUT', config, { memory: 'x' }, { token: homeTokens.read })).status).toBe(403);
  });

  it.each([
    ['POST', '/nodes/pve1/lxc/200/status/reboot', 'VM.PowerMgmt'],
    ['POST', '/nodes/pve1/lxc/200/snapshot', 'VM.Snapshot'],
    ['DELETE', '/nodes/pve1/lxc/200', 'VM.Allocate'],
    ['GET', '/nodes/pve1/status', 'Sys.Audit'],
    ['GET', '/cluster/status', 'Sys.Audit'],
  ])('%s %s asks for %s', async (method, path, privilege) => {
    const pve = await pveLab({ offContract: true });
    pve.world.tokens.set('test@pve!t', tokenWith({}));
    const answer = await ask(pve, method, path, {}, { token: credential });
    expect(answer.status).toBe(403);
    expect(answer.json.message).toContain(privilege);
  });
});

describe('what only root may change', () => {
  it.each([
    ['lxc/200', { hookscript: 'local:snippets/x.sh' }, 403, 'changing the hookscript is only allowed for root@pam'],
    ['lxc/200', { features: 'fuse=1' }, 403, 'changing feature flags (except nesting) is only allowed for root@pam'],
    ['lxc/200', { dev0: '/dev/dri/card0' }, 403, 'configuring device passthrough is only allowed for root@pam'],
    ['qemu/203', { args: '-S' }, 500, "only root can set 'args' config"],
  ])('%s %o is refused to every token', async (guest, parameters, status, message) => {
    const pve = await pveLab();
    const answer = await ask(pve, 'PUT', `/nodes/pve1/${guest}/config`, parameters, { token: homeTokens.admin });
    expect(answer.status).toBe(status);
    expect(answer.message).toContain(message);
  });
});

describe('what a token may not see', () => {
  it('is absent from the cluster’s resources', async () => {
    const pve = await pveLab();
    pve.world.tokens.set('test@pve!t', tokenWith({ '/vms/200': ['VM.Audit'] }));
    const { list } = await ask(pve, 'GET', '/cluster/resources', {}, { token: credential });
    expect(list.map(({ id }) => id)).toEqual(['lxc/200', 'node/pve1']);
    expect(list[1]).not.toHaveProperty('mem');
  });

  it('is absent from the node’s lists', async () => {
    const pve = await pveLab();
    pve.world.tokens.set('test@pve!t', tokenWith({ '/vms/204': ['VM.Audit'] }));
    const { list } = await ask(pve, 'GET', '/nodes/pve1/lxc', {}, { token: credential });
    expect(list.map(({ vmid }) => vmid)).toEqual([204]);
    expect((await ask(pve, 'GET', '/nodes/pve1/storage', {}, { token: credential })).list).toEqual([]);
  });

  it('is decided by the deepest path: an entry below replaces what it would inherit', async () => {
    const pve = await pveLab();
    pve.world.tokens.set('test@pve!t', tokenWith({ '/': ['VM.Audit'], '/vms/200': [] }));
    const { list } = await ask(pve, 'GET', '/cluster/resources', { type: 'vm' }, { token: credential });
    expect(list.map(({ vmid }) => vmid)).toEqual([201, 202, 203, 204]);
  });
});

describe('a token’s own permissions', () => {
  it('are told to it, by path', async () => {
    const pve = await pveLab();
    const { record } = await ask(pve, 'GET', '/access/permissions', {}, { token: homeTokens.read });
    expect(record['/vms']).toMatchObject({ 'VM.Audit': 1 });
    expect(record['/vms']).not.toHaveProperty('VM.Config.Memory');
  });

  it('are told of one path when asked', async () => {
    const pve = await pveLab();
    const { record } = await ask(pve, 'GET', '/access/permissions', { path: '/vms/200' });
    expect(Object.keys(record)).toEqual(['/vms/200']);
  });

  it('are empty for a token with no entry: privilege separation', async () => {
    const pve = await pveLab();
    pve.world.tokens.set('test@pve!t', tokenWith({}));
    expect((await ask(pve, 'GET', '/access/permissions', {}, { token: credential })).record).toEqual({});
  });

  it('of another are not told without Sys.Audit on /access', async () => {
    const pve = await pveLab();
    pve.world.tokens.set('test@pve!t', tokenWith({}));
    const answer = await ask(pve, 'GET', '/access/permissions', { userid: 'gitmend@pve!read' }, { token: credential });
    expect(answer.json.message).toBe('Permission check failed (/access, Sys.Audit)\n');
  });
});
