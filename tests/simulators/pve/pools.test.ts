import { describe, expect, it } from 'vitest';
import { homeTokens, type Pve } from '../../../simulators/pve/index.ts';
import { ask, type PveAnswer } from '../../support/pve-client.ts';
import { pveLab } from '../../support/pve-lab.ts';

const asAdmin = { token: homeTokens.admin };

const send = (pve: Pve, method: string, values: Record<string, string | number>): Promise<PveAnswer> =>
  ask(pve, method, '/pools', values, asAdmin);

async function labWithPools(...pools: string[]): Promise<Pve> {
  const pve = await pveLab();
  for (const poolid of pools) await send(pve, 'POST', { poolid });
  return pve;
}

const membersOf = async (pve: Pve, poolid: string): Promise<unknown[]> => {
  const { list } = await send(pve, 'GET', { poolid });
  return (list[0]?.members as { id: string }[]).map(({ id }) => id);
};

describe('a pool', () => {
  it('is made once, with its comment, and listed without its members', async () => {
    const pve = await labWithPools('lab');
    expect((await send(pve, 'POST', { poolid: 'media', comment: 'films' })).status).toBe(200);
    expect((await send(pve, 'GET', {})).list).toEqual([{ poolid: 'lab' }, { poolid: 'media', comment: 'films' }]);
    expect(await send(pve, 'POST', { poolid: 'media' })).toMatchObject({
      status: 500,
      json: { message: "create pool failed: pool 'media' already exists\n" },
    });
  });

  it('takes guests and storages in, and is empty again before it goes', async () => {
    const pve = await labWithPools('media');
    await send(pve, 'PUT', { poolid: 'media', vms: '201,203', storage: 'local' });
    expect(await membersOf(pve, 'media')).toEqual(['lxc/201', 'qemu/203', 'storage/pve1/local']);
    expect((await send(pve, 'DELETE', { poolid: 'media' })).message).toBe(
      "delete pool failed: pool 'media' is not empty (contains VM 201)",
    );
    await send(pve, 'PUT', { poolid: 'media', vms: '201,203', storage: 'local', delete: 1 });
    expect((await send(pve, 'DELETE', { poolid: 'media' })).status).toBe(200);
    expect((await send(pve, 'GET', { poolid: 'media' })).message).toBe("pool 'media' does not exist");
  });

  it('shows only the kind of members that is asked for', async () => {
    const pve = await labWithPools('media');
    await send(pve, 'PUT', { poolid: 'media', vms: '201,203', storage: 'local' });
    const { list } = await send(pve, 'GET', { poolid: 'media', type: 'qemu' });
    expect(list[0]?.members).toMatchObject([{ id: 'qemu/203', pool: 'media' }]);
  });

  it('gives a guest to another pool only where the move is said', async () => {
    const pve = await labWithPools('lab', 'media');
    await send(pve, 'PUT', { poolid: 'lab', vms: 201 });
    expect((await send(pve, 'PUT', { poolid: 'media', vms: 201 })).message).toBe(
      "update pools failed: VM 201 belongs already to pool 'lab' and 'allow-move' is not set",
    );
    await send(pve, 'PUT', { poolid: 'media', vms: 201, 'allow-move': 1 });
    expect([await membersOf(pve, 'lab'), await membersOf(pve, 'media')]).toEqual([[], ['lxc/201']]);
  });

  it('is left as it is where one member of several is refused', async () => {
    const pve = await labWithPools('media');
    await send(pve, 'PUT', { poolid: 'media', vms: 203 });
    expect((await send(pve, 'PUT', { poolid: 'media', vms: '201,203' })).message).toBe(
      'update pools failed: VM 203 is already a pool member',
    );
    expect(await membersOf(pve, 'media')).toEqual(['qemu/203']);
  });

  it('is shown among the resources, and with its guests', async () => {
    const pve = await labWithPools('media');
    await send(pve, 'PUT', { poolid: 'media', vms: 201 });
    const { list } = await ask(pve, 'GET', '/cluster/resources', {}, asAdmin);
    expect(list.filter(({ pool }) => pool === 'media').map(({ id }) => id)).toEqual(['lxc/201', '/pool/media']);
  });

  it('loses a guest that is destroyed', async () => {
    const pve = await labWithPools('media');
    await send(pve, 'PUT', { poolid: 'media', vms: 201 });
    pve.world.guests.get(201)!.status = 'stopped';
    await ask(pve, 'DELETE', '/nodes/pve1/lxc/201', {}, asAdmin);
    expect(pve.world.pools.get('media')?.vms).toEqual(new Set());
  });

  it('is made by who may allocate it, and filled by who may allocate its members', async () => {
    const pve = await pveLab();
    expect(await ask(pve, 'POST', '/pools', { poolid: 'media' })).toMatchObject({
      status: 403,
      message: 'Permission check failed (/pool/media, Pool.Allocate)',
    });
    await send(pve, 'POST', { poolid: 'media' });
    pve.world.tokens.get('gitmend@pve!write')!.acl['/pool/media'] = ['Pool.Allocate'];
    expect((await ask(pve, 'PUT', '/pools', { poolid: 'media', vms: 201 })).message).toBe(
      'Permission check failed (/vms/201, Permissions.Modify|VM.Allocate)',
    );
  });
});
