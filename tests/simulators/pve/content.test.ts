import { describe, expect, it } from 'vitest';
import { homeTokens, type Pve } from '../../../simulators/pve/index.ts';
import { ask, type PveAnswer } from '../../support/pve-client.ts';
import { pveLab } from '../../support/pve-lab.ts';

const debian = 'debian-13-standard_13.1-2_amd64.tar.zst';
const url = `http://download.proxmox.com/images/system/${debian}`;
const wanted = { content: 'vztmpl', filename: debian, url };

const send = (
  pve: Pve,
  method: string,
  path: string,
  values: Record<string, string | number> = {},
): Promise<PveAnswer> => ask(pve, method, `/nodes/pve1/${path}`, values, { token: homeTokens.admin });

const download = (pve: Pve, values: object, storage = 'local'): Promise<PveAnswer> =>
  send(pve, 'POST', `storage/${storage}/download-url`, { ...wanted, ...values });

async function endOf(pve: Pve, { json }: PveAnswer): Promise<unknown> {
  const upid = encodeURIComponent(String(json.data));
  return (await send(pve, 'GET', `tasks/${upid}/status`)).record.exitstatus;
}

describe('a file that a node downloads', () => {
  it('is there when its task has ended', async () => {
    const pve = await pveLab({ taskSeconds: 60 });
    const { json } = await download(pve, {});
    expect(json.data).toMatch(new RegExp(`^UPID:pve1:.*:download:${debian}:terraform@pve!admin:$`));
    expect((await send(pve, 'GET', 'storage/local/content')).list).toEqual([]);
    pve.advance(60);
    expect((await send(pve, 'GET', 'storage/local/content', { content: 'vztmpl' })).list).toMatchObject([
      { volid: `local:vztmpl/${debian}`, content: 'vztmpl', format: 'tzst', size: 129_710_398 },
    ]);
  });

  it.each([
    ['is there already', {}, "refusing to override existing file '/var/lib/vz/template/vztmpl/"],
    ['is not out there', { url: `${url}.gone`, filename: 'gone.tar.zst' }, 'download failed: 404 Not Found'],
    [
      'has another checksum',
      { filename: 'other.tar.gz', checksum: 'ab', 'checksum-algorithm': 'sha256' },
      'checksum mismatch: got',
    ],
  ])('and that %s ends its task with the reason', async (_, values, reason) => {
    const pve = await pveLab();
    await download(pve, {});
    expect(await endOf(pve, await download(pve, values))).toContain(reason);
    expect([...pve.world.storages.get('local')!.files.keys()]).toEqual([`vztmpl/${debian}`]);
  });

  it.each([
    ['local-lvm', {}, "can't upload to storage type 'lvmthin', not a file based storage!"],
    [
      'local',
      { content: 'import', filename: 'disk.qcow2' },
      "storage 'local' is not configured for content-type 'import'",
    ],
    ['tape', {}, "storage 'tape' does not exist"],
  ])('does not go to %s with %o', async (storage, values, message) => {
    const pve = await pveLab();
    expect(await download(pve, values, storage)).toMatchObject({ status: 500, message });
  });

  it('is named as its kind is', async () => {
    const pve = await pveLab();
    expect(await download(pve, { filename: 'debian.exe' })).toMatchObject({
      status: 400,
      json: { errors: { filename: 'wrong file extension' } },
    });
  });

  it('goes when it is deleted, by a task', async () => {
    const pve = await pveLab();
    await download(pve, {});
    const path = `storage/local/content/${encodeURIComponent(`local:vztmpl/${debian}`)}`;
    expect(await endOf(pve, await send(pve, 'DELETE', path))).toBe('OK');
    expect(await endOf(pve, await send(pve, 'DELETE', path))).toContain('No such file or directory');
  });

  it('is asked for beforehand: name, size and kind', async () => {
    const pve = await pveLab();
    expect((await send(pve, 'GET', 'query-url-metadata', { url })).record).toEqual({
      ...{ filename: debian, size: 129_710_398, mimetype: 'application/octet-stream' },
    });
    expect((await send(pve, 'GET', 'query-url-metadata', { url: `${url}.gone` })).message).toBe(
      "invalid server response: '404 Not Found'",
    );
  });

  it('needs the right to reach out beside that on the storage', async () => {
    const pve = await pveLab();
    const { acl } = pve.world.tokens.get('gitmend@pve!write')!;
    const path = '/nodes/pve1/storage/local/download-url';
    expect((await ask(pve, 'POST', path, wanted)).message).toBe(
      'Permission check failed (/storage/local, Datastore.AllocateTemplate)',
    );
    acl['/storage/local'] = ['Datastore.AllocateTemplate'];
    expect((await ask(pve, 'POST', path, wanted)).message).toBe('Permission check failed');
    acl['/nodes/pve1'] = ['Sys.AccessNetwork'];
    expect((await ask(pve, 'POST', path, wanted)).status).toBe(200);
  });
});

describe('a storage’s content', () => {
  it('has the volumes of guests for who may change them', async () => {
    const pve = await pveLab();
    const path = '/nodes/pve1/storage/local-lvm/content';
    const { list } = await ask(pve, 'GET', path, { vmid: 203 });
    expect(list).toEqual([
      { volid: 'local-lvm:vm-203-disk-0', vmid: 203, size: 32 * 1024 ** 3, content: 'images', format: 'raw' },
    ]);
    expect((await ask(pve, 'GET', path, { content: 'rootdir' })).list).toHaveLength(4);
    expect((await ask(pve, 'GET', path, {}, { token: homeTokens.read })).list).toEqual([]);
  });
});
