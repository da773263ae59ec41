import { die } from '../errors.ts';
import type { Call, Permission, Route } from '../lab.ts';
import { route } from '../lab.ts';
import { choice, flag, required, text } from '../parameters.ts';
import { demand, demandPermModify, may } from '../permissions.ts';
import type { Pool } from '../resources.ts';
import { poolOf } from '../resources.ts';
import { splitList } from '../update.ts';
import { guestResource, storageResource } from './cluster.ts';

const poolid = { poolid: required(text()) };
const allocate: Permission = { path: '/pool/{poolid}', privileges: ['Pool.Allocate'] };
const change = { ...poolid, comment: text(), vms: text(), storage: text(), delete: flag(), 'allow-move': flag() };

/** Pools, of which the paths with the name in them are deprecated (pve-manager `PVE::API2::Pool`). */
export const poolRoutes: Route[] = [
  route('GET', '/pools', 'all', { poolid: text(), type: choice('qemu', 'lxc', 'storage') }, list),
  route('POST', '/pools', allocate, { ...poolid, comment: text() }, create),
  route('PUT', '/pools', allocate, change, update),
  route('DELETE', '/pools', allocate, poolid, remove),
];

// All that one may see, without members; or the one that is named, with them.
function list({ lab, token, values }: Call): unknown {
  if (values.poolid !== undefined) {
    const name = String(values.poolid);
    demand(token, `/pool/${name}`, ['Pool.Audit']);
    const pool = poolNamed(lab.world.pools, name);
    return [{ poolid: name, ...commentOf(pool), members: members(lab, pool, values.type) }];
  }
  const seen = [...lab.world.pools].filter(([name]) => may(token, `/pool/${name}`, 'Pool.Audit'));
  return seen.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, pool]) => ({ poolid: name, ...commentOf(pool) }));
}

const commentOf = ({ comment }: Pool): { comment?: string } => (comment === undefined ? {} : { comment });

// A guest that is gone is left out (`next if !$vmdata`).
function members(lab: Call['lab'], pool: Pool, type: string | number | undefined): object[] {
  const guests = [...pool.vms].flatMap((vmid) => lab.world.guests.get(vmid) ?? []);
  const stores = [...pool.storages].flatMap((name) => lab.world.storages.get(name) ?? []);
  const [node = ''] = lab.world.nodes.keys();
  return [
    ...guests.filter((guest) => type === undefined || type === guest.type).map((guest) => guestResource(lab, guest)),
    ...(type === undefined || type === 'storage' ? stores.map((store) => storageResource(store, node)) : []),
  ];
}

function create({ lab: { world }, values }: Call): null {
  const name = String(values.poolid);
  if (world.pools.has(name)) die(`create pool failed: pool '${name}' already exists`);
  const comment = String(values.comment ?? '');
  world.pools.set(name, { vms: new Set(), storages: new Set(), ...(comment === '' ? {} : { comment }) });
  return null;
}

// Everything is checked on a copy, because PVE writes user.cfg at the end or not at all.
function update({ lab: { world }, token, values }: Call): null {
  const name = String(values.poolid);
  const pools = new Map([...world.pools].map(([key, pool]) => [key, copyOf(pool)]));
  const pool = poolNamed(pools, name, 'update pools failed: ');
  if (values.comment !== undefined) pool.comment = String(values.comment);
  for (const vmid of splitList(values.vms).map(Number)) {
    demandPermModify(token, `/vms/${vmid}`);
    if (values.delete === 1) takeOut(pool.vms, vmid, `VM ${vmid}`);
    else putIn({ ...world, pools }, pool, vmid, token, values['allow-move'] === 1);
  }
  for (const storage of splitList(values.storage)) {
    demandPermModify(token, `/storage/${storage}`);
    if (values.delete === 1) takeOut(pool.storages, storage, `Storage '${storage}'`);
    else if (pool.storages.has(storage)) die(`update pools failed: Storage '${storage}' is already a pool member`);
    else pool.storages.add(storage);
  }
  world.pools = pools;
  return null;
}

function takeOut<T>(members: Set<T>, member: T, words: string): void {
  if (!members.delete(member)) die(`update pools failed: ${words} is not a pool member`);
}

function putIn(world: Call['lab']['world'], pool: Pool, vmid: number, token: Call['token'], moves: boolean): void {
  if (pool.vms.has(vmid)) die(`update pools failed: VM ${vmid} is already a pool member`);
  const other = poolOf(world, vmid);
  if (other !== undefined) {
    if (!moves) {
      die(`update pools failed: VM ${vmid} belongs already to pool '${other}' and 'allow-move' is not set`);
    }
    demand(token, `/pool/${other}`, ['Pool.Allocate']);
    world.pools.get(other)?.vms.delete(vmid);
  }
  pool.vms.add(vmid);
}

// Only an empty one; guests that are gone do not count.
function remove({ lab: { world }, values }: Call): null {
  const name = String(values.poolid);
  const pool = poolNamed(world.pools, name, 'delete pool failed: ');
  const guest = [...pool.vms].find((vmid) => world.guests.has(vmid));
  if (guest !== undefined) die(`delete pool failed: pool '${name}' is not empty (contains VM ${guest})`);
  const [storage] = pool.storages;
  if (storage !== undefined) die(`delete pool failed: pool '${name}' is not empty (contains storage '${storage}')`);
  world.pools.delete(name);
  return null;
}

function poolNamed(pools: ReadonlyMap<string, Pool>, name: string, doing = ''): Pool {
  return pools.get(name) ?? die(`${doing}pool '${name}' does not exist`);
}

const copyOf = (pool: Pool): Pool => ({ ...pool, vms: new Set(pool.vms), storages: new Set(pool.storages) });
