import { GiB, type Guest, memoryShort, type World } from '../simulators/pve/index.ts';
import { noteSize } from '../simulators/pve/world.ts';

const day = 86_400_000;

/** A container `short-N` (vmid 1000 + N) that is out of memory as postgres is in scenario *memory*. */
export function shortGuest(world: World, now: number, index: number): Guest {
  const postgres = world.guests.get(200);
  if (postgres === undefined) throw new Error('the home lab has no guest 200');
  const { load, loadBefore, loadSince } = postgres;
  memoryShort(world, now);
  const vmid = 1000 + index;
  const short: Guest = {
    ...postgres,
    vmid,
    config: {
      ...postgres.config,
      hostname: `short-${index}`,
      net0: String(postgres.config['net0']).replace(/ip=[^,]+/, `ip=${addressOf(index)}`),
    },
    pending: {},
    pendingDelete: [],
    snapshots: new Map(),
    sizes: [],
  };
  // Postgres itself is left as it was.
  Object.assign(postgres, { load, loadBefore, loadSince });
  noteSize(world, short, now - 30 * day);
  return short;
}

/** The address that the guest is declared with. */
export function addressOf(index: number): string {
  return `10.0.${Math.floor(index / 200)}.${(index % 200) + 10}/16`;
}

/** The home lab on a node that has room, with this many containers more, each out of memory in its own right. */
export function crowded(world: World, now: number, amount: number): World {
  const node = world.nodes.get('pve1');
  if (node !== undefined) Object.assign(node, { memory: 1024 * GiB, cpus: 128 });
  for (let index = 0; index < amount; index += 1) {
    const guest: Guest = shortGuest(world, now, index);
    world.guests.set(guest.vmid, guest);
  }
  return world;
}

/** The file that declares it, made of the template's own for postgres. */
export function shortFile(postgres: string, index: number): string {
  return postgres
    .replaceAll('postgres', `short-${index}`)
    .replace(/^vmid: .*$/m, `vmid: ${1000 + index}`)
    .replace('192.168.1.20/24', addressOf(index));
}
