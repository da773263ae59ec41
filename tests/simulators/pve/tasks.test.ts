import { describe, expect, it } from 'vitest';
import type { Pve, Token } from '../../../simulators/pve/index.ts';
import { homeTokens } from '../../../simulators/pve/index.ts';
import type { PveAnswer } from '../../support/pve-client.ts';
import { ask } from '../../support/pve-client.ts';
import { pveLab } from '../../support/pve-lab.ts';

const power = (pve: Pve, verb: string, guest = 'lxc/200') => ask(pve, 'POST', `/nodes/pve1/${guest}/status/${verb}`);
const task = (answer: PveAnswer, part: string) =>
  `/nodes/pve1/tasks/${encodeURIComponent(String(answer.json.data))}/${part}`;

describe('a task', () => {
  it('answers with its UPID at once and takes effect when it ends', async () => {
    const pve = await pveLab({ taskSeconds: 5 });
    const started = await power(pve, 'reboot');
    expect(started.json.data).toMatch(
      /^UPID:pve1:[0-9A-F]{8}:[0-9A-F]{8}:[0-9A-F]{8}:vzreboot:200:gitmend@pve!write:$/,
    );
    expect((await ask(pve, 'GET', task(started, 'status'))).record).toMatchObject({
      status: 'running',
      type: 'vzreboot',
    });
    pve.advance(5);
    const { record } = await ask(pve, 'GET', task(started, 'status'));
    expect(record).toMatchObject({
      status: 'stopped',
      exitstatus: 'OK',
      user: 'gitmend@pve',
      tokenid: 'write',
      id: '200',
    });
    expect((await ask(pve, 'GET', '/nodes/pve1/lxc/200/status/current')).record.uptime).toBe(0);
  });

  it('has a log that counts from 1', async () => {
    const pve = await pveLab({ taskSeconds: 5 });
    const started = await power(pve, 'stop');
    expect((await ask(pve, 'GET', task(started, 'log'))).list).toEqual([{ n: 1, t: 'no content' }]);
    pve.advance(5);
    const log = await ask(pve, 'GET', task(started, 'log'));
    expect(log.list).toEqual([{ n: 1, t: 'TASK OK' }]);
    expect(log.json.total).toBe(1);
  });

  it('says in status and log why it failed', async () => {
    const pve = await pveLab();
    pve.world.guests.get(200)!.config.lock = 'backup';
    const started = await power(pve, 'stop');
    expect(started.status).toBe(200);
    expect((await ask(pve, 'GET', task(started, 'status'))).record.exitstatus).toBe('CT is locked (backup)');
    expect((await ask(pve, 'GET', task(started, 'log'))).list).toEqual([
      { n: 1, t: 'TASK ERROR: CT is locked (backup)' },
    ]);
  });

  it('is listed for the cluster and for its node, newest first', async () => {
    const pve = await pveLab();
    await power(pve, 'stop');
    await power(pve, 'start');
    const cluster = await ask(pve, 'GET', '/cluster/tasks');
    expect(cluster.list.map(({ type }) => type)).toEqual(['vzstart', 'vzstop']);
    const node = await ask(pve, 'GET', '/nodes/pve1/tasks', { vmid: 200, limit: 1 });
    expect(node.list.map(({ type, status }) => [type, status])).toEqual([['vzstart', 'OK']]);
    expect(node.json.total).toBe(2);
  });

  it('that still runs is listed among the active ones only', async () => {
    const pve = await pveLab({ taskSeconds: 5 });
    await power(pve, 'stop');
    expect((await ask(pve, 'GET', '/nodes/pve1/tasks')).list).toEqual([]);
    expect((await ask(pve, 'GET', '/nodes/pve1/tasks', { source: 'active' })).list).toHaveLength(1);
  });

  it('is nobody else’s business without Sys.Audit', async () => {
    const pve = await pveLab();
    const stranger: Token = { id: 'test@pve!t', secret: 's3cret', acl: {} };
    pve.world.tokens.set(stranger.id, stranger);
    const started = await power(pve, 'stop');
    const token = 'test@pve!t=s3cret';
    expect((await ask(pve, 'GET', task(started, 'status'), {}, { token })).status).toBe(403);
    expect((await ask(pve, 'GET', '/cluster/tasks', {}, { token })).list).toEqual([]);
  });

  it.each([
    ['UPID:nonsense', 'unable to parse worker upid'],
    ['UPID:pve1:0000000A:0000000A:0000000A:vzstop:200:gitmend@pve!write:', 'no such task'],
  ])('%s is 400', async (upid, reason) => {
    const pve = await pveLab();
    const answer = await ask(pve, 'GET', `/nodes/pve1/tasks/${encodeURIComponent(upid)}/status`);
    expect(answer).toMatchObject({ status: 400, json: { errors: { upid: reason } } });
  });
});

describe('power', () => {
  it.each([
    ['start', 'lxc/200', 'CT 200 already running\n'],
    ['reboot', 'lxc/201', 'VM 201 not running\n'],
    ['stop', 'lxc/201', 'CT 201 not running\n'],
    ['reboot', 'qemu/203', 'VM 203 not running\n'],
  ])('%s of %s in the wrong state is refused before any task', async (verb, guest, message) => {
    const pve = await pveLab();
    for (const vmid of [201, 203]) pve.world.guests.get(vmid)!.status = 'stopped';
    expect(await power(pve, verb, guest)).toMatchObject({ status: 500, json: { message } });
    expect(pve.world.tasks.size).toBe(0);
  });

  it('lets a VM’s task find out that it runs already', async () => {
    const pve = await pveLab();
    const started = await power(pve, 'start', 'qemu/203');
    expect((await ask(pve, 'GET', task(started, 'status'))).record.exitstatus).toBe('VM 203 already running');
  });

  it('finds nothing wrong with stopping a stopped VM', async () => {
    const pve = await pveLab();
    await power(pve, 'stop', 'qemu/203');
    const again = await power(pve, 'shutdown', 'qemu/203');
    expect((await ask(pve, 'GET', task(again, 'status'))).record.exitstatus).toBe('OK');
  });

  it('starts the clock of a guest anew', async () => {
    const pve = await pveLab();
    await power(pve, 'reboot');
    pve.advance(90);
    expect((await ask(pve, 'GET', '/nodes/pve1/lxc/200/status/current')).record.uptime).toBe(90);
  });
});

describe('a backup', () => {
  it('is a task of its node, by a token that may', async () => {
    const pve = await pveLab();
    const answer = await ask(pve, 'POST', '/nodes/pve1/vzdump', { vmid: 200, mode: 'snapshot', storage: 'local' });
    expect(answer.json.data).toMatch(/:vzdump:200:/);
    const refused = await ask(pve, 'POST', '/nodes/pve1/vzdump', { vmid: '200' }, { token: homeTokens.read });
    expect(refused.json.message).toBe('Permission check failed (/vms/200, VM.Backup)\n');
  });

  it('leaves an archive that only who may back up the guest sees and removes', async () => {
    const pve = await pveLab();
    await ask(pve, 'POST', '/nodes/pve1/vzdump', { vmid: 200, storage: 'local', compress: 'zstd' });
    const content = '/nodes/pve1/storage/local/content';
    const listed = async (token: string, vmid = 200) =>
      (await ask(pve, 'GET', content, { content: 'backup', vmid }, { token })).json.data as { volid: string }[];
    const [one] = await listed(homeTokens.write);
    expect(one).toMatchObject({ vmid: 200, subtype: 'lxc', content: 'backup', format: 'tzst' });
    expect(one?.volid).toMatch(/^local:backup\/vzdump-lxc-200-\d{4}_\d\d_\d\d-\d\d_\d\d_\d\d\.tar\.zst$/);
    expect([await listed(homeTokens.read), await listed(homeTokens.write, 201)]).toEqual([[], []]);
    await ask(pve, 'DELETE', `${content}/${encodeURIComponent(one?.volid ?? '')}`, {}, { token: homeTokens.write });
    expect(await listed(homeTokens.write)).toEqual([]);
  });

  it('of a locked guest fails', async () => {
    const pve = await pveLab();
    pve.world.guests.get(200)!.config.lock = 'migrate';
    const answer = await ask(pve, 'POST', '/nodes/pve1/vzdump', { vmid: '200' });
    expect((await ask(pve, 'GET', task(answer, 'status'))).record.exitstatus).toBe('job errors');
  });

  it.each([
    ['some guests', { vmid: '201,200' }],
    ['a pool', { pool: 'media' }],
    ['all but some', { exclude: '202,203,204' }],
  ])('of %s is one task with an empty id, whose log says of each what is in it', async (_, which) => {
    const pve = await pveLab();
    for (const vmid of [...pve.world.guests.keys()].filter((one) => one > 204)) pve.world.guests.delete(vmid);
    pve.world.pools.set('media', { vms: new Set([201, 200]), storages: new Set() });
    Object.assign(pve.world.guests.get(200)!.config, { mp0: 'local-lvm:vm-200-disk-1,mp=/media,size=5G' });
    pve.world.guests.get(201)!.config.lock = 'migrate';
    const answer = await ask(pve, 'POST', '/nodes/pve1/vzdump', { ...which, storage: 'local' });
    expect(answer.json.data).toMatch(/:vzdump::gitmend@pve!write:$/);
    expect((await ask(pve, 'GET', task(answer, 'status'))).record).toMatchObject({ id: '', exitstatus: 'job errors' });
    expect((await ask(pve, 'GET', task(answer, 'log'))).list.map(({ t }) => t).slice(1)).toEqual([
      'INFO: Starting Backup of VM 200 (lxc)',
      "INFO: including mount point rootfs ('/') in backup",
      "INFO: excluding volume mount point mp0 ('/media') from backup (disabled)",
      expect.stringMatching(/^INFO: creating vzdump archive '.*vzdump-lxc-200-/),
      'INFO: Finished Backup of VM 200 (00:00:00)',
      'INFO: Starting Backup of VM 201 (lxc)',
      'ERROR: Backup of VM 201 failed - CT is locked (migrate)',
      'INFO: Backup job finished with errors',
      'TASK ERROR: job errors',
    ]);
  });
});
