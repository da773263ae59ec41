import { describe, expect, it } from 'vitest';
import { type Guest, homeTokens, type World } from '../../simulators/pve/index.ts';
import { proxmoxClient } from '../../src/clients/proxmox/index.ts';
import { findGuests } from '../../src/import/index.ts';
import { pveLab } from '../support/pve-lab.ts';
import { testClock } from '../support/test-clock.ts';

type Change = Partial<Omit<Guest, 'config'>> & { config?: { [key: string]: string | number | undefined } };

type Failure = 'error-500' | 'error-596';

/** The home lab with these guests otherwise, as it is found. */
async function foundIn(
  changes: { [vmid: number]: Change },
  path?: RegExp,
  token: string = homeTokens.read,
  fault: Failure = 'error-500',
  declared: Parameters<typeof findGuests>[1] = [],
) {
  const pve = await pveLab({ world: (world) => changed(world, changes) });
  if (path !== undefined) pve.faults.inject({ fault, path, count: 9 });
  return findGuests(
    proxmoxClient({ cluster: 'home', endpoint: pve.endpoint, ca: pve.caPem, token, clock: testClock() }),
    declared,
  );
}

function changed(world: World, changes: { [vmid: number]: Change }): World {
  for (const [vmid, { config = {}, ...rest }] of Object.entries(changes)) {
    const guest = world.guests.get(Number(vmid));
    if (guest === undefined) continue;
    const all = Object.entries({ ...guest.config, ...config }).filter(([, value]) => value !== undefined);
    Object.assign(guest, rest, { config: Object.fromEntries(all) });
  }
  return world;
}

const left = async (changes: { [vmid: number]: Change }, path?: RegExp, fault?: Failure) =>
  (await foundIn(changes, path, homeTokens.read, fault)).leftOut.map(({ guest, why }) => `${guest}: ${why}`);

describe('a guest is left out by name', () => {
  it.each<[string, { [vmid: number]: Change }, string]>([
    [
      'where a declared value waits for its next restart',
      { 203: { pending: { memory: '8192', net0: 'virtio=BC:24:11:00:00:17,bridge=vmbr1' } } },
      'qemu/203 homeassistant: memory, net0 will be otherwise after its next restart',
    ],
    ['while it is being moved', { 200: { config: { lock: 'migrate' } } }, 'lxc/200 postgres: it is locked (migrate)'],
    [
      'with a disk of a part of a GiB',
      { 200: { config: { rootfs: 'local-lvm:vm-200-disk-0,size=8704M' } } },
      'lxc/200 postgres: it has no first disk of whole GiB on a storage',
    ],
    [
      'with a disk that is on no storage',
      { 200: { config: { rootfs: '/srv/postgres,size=8G' } } },
      'lxc/200 postgres: it has no first disk of whole GiB on a storage',
    ],
    [
      'with an address that is none',
      { 200: { config: { net0: 'name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:14,ip=192.168.1.999/24,type=veth' } } },
      'lxc/200 postgres: a file cannot say its network.address',
    ],
  ])('%s', async (_name, changes, line) => {
    expect(await left(changes)).toEqual([line]);
  });

  it('where another one has its name: the one that is declared keeps it, and otherwise the one with the lower id', async () => {
    const twins = { 200: { config: { hostname: 'twin.a.lan' } }, 202: { config: { hostname: 'TWIN' } } };
    expect(await left(twins)).toEqual(['lxc/202 TWIN: lxc/200 has the same name']);
    const { guests, leftOut } = await foundIn(twins, undefined, homeTokens.read, 'error-500', [
      { type: 'lxc', vmid: 202 },
    ]);
    expect(leftOut.map(({ guest, why }) => `${guest}: ${why}`)).toEqual([
      'lxc/200 twin.a.lan: lxc/202 has the same name',
    ]);
    expect(guests.map(({ vmid, name }) => [vmid, name])).toContainEqual([202, 'twin']);
  });

  it('where it cannot be read, and the others are found', async () => {
    const path = /\/lxc\/201\/config$/;
    expect(await left({}, path)).toEqual(['lxc/201 nextcloud: Proxmox VE does not tell what it is (PVE_FAILED)']);
    expect(await left({}, path, 'error-596')).toEqual(['lxc/201 nextcloud: its node pve1 does not answer']);
  });
});

describe('a guest is found', () => {
  it('where what waits for a restart is in no file, and while it is backed up', async () => {
    const { guests, leftOut } = await foundIn({
      200: { pending: { description: 'later' }, config: { lock: 'backup' } },
    });
    expect([guests.length, leftOut]).toEqual([5, []]);
  });

  it('by the first part of its name, in small letters; a machine’s own is left as it is', async () => {
    const { guests } = await foundIn({
      203: { config: { name: 'Home.Assistant' } },
      204: { config: { hostname: 'GIT.home.lan' } },
    });
    const named = guests.map(({ vmid, name, called, leave }) => [vmid, name, called, leave]);
    expect(named.slice(3)).toEqual([
      [203, 'home', 'Home.Assistant', ['name']],
      [204, 'git', 'GIT.home.lan', undefined],
    ]);
  });

  it('by the address of its own first card, never by one of the link or of another card', async () => {
    const addresses = [
      { name: 'docker0', mac: '02:42:00:00:00:01', address: '172.17.0.1/16' },
      { name: 'enp0s18', mac: 'bc:24:11:00:00:17', address: '169.254.1.1/16' },
      { name: 'enp0s18', mac: 'bc:24:11:00:00:17', address: '192.168.1.77/24' },
    ];
    const { guests } = await foundIn({ 203: { agent: { addresses } } });
    expect(guests.find(({ vmid }) => vmid === 203)?.reached).toEqual({ address: '192.168.1.77' });
    const none = await foundIn({ 203: { agent: { addresses: addresses.slice(0, 2) } } });
    expect(none.guests.find(({ vmid }) => vmid === 203)?.reached).toEqual({ why: 'its first card has no address' });
  });

  it('without an address where its agent does not answer', async () => {
    const { guests } = await foundIn({}, /network-get-interfaces$/);
    expect(guests.find(({ vmid }) => vmid === 203)?.reached).toEqual({
      why: 'its guest agent does not answer (PVE_FAILED)',
    });
  });

  it('without the tags that look like a secret, which are repeated nowhere', async () => {
    const tags = 'db;ghp_abcdefghijklmnop1234;password-hunter2';
    const { guests } = await foundIn({ 200: { config: { tags } } });
    expect(guests[0]?.tags).toEqual(['db']);
    expect(guests[0]?.undeclared).toContainEqual({
      key: 'tags',
      why: 'a tag looks like a secret, and is never written down',
    });
    expect(JSON.stringify(guests)).not.toMatch(/ghp_|hunter2/);
  });
});

it('a token that is refused stops everything', async () => {
  await expect(foundIn({}, undefined, 'gitmend@pve!read=00000000-0000-4000-8000-000000000000')).rejects.toMatchObject({
    code: 'PVE_UNAUTHENTICATED',
  });
});

describe('a virtual machine whose network cards have a gap', () => {
  const unplannable = async (vmid: number, config: { [key: string]: string }) =>
    (await foundIn({ [vmid]: { config } })).guests.find((one) => one.vmid === vmid)?.unplannable;
  const card = 'virtio=BC:24:11:00:00:17,bridge=vmbr1';

  it('is declared, and known as one that Terraform cannot take in', async () => {
    expect(await unplannable(203, { net2: card, net10: card })).toMatch(/have a gap \(net0, net2, net10\)/);
    expect(await unplannable(203, { net1: card, net2: card })).toBeUndefined();
    expect(await unplannable(200, { net2: 'name=eth2,bridge=vmbr1,type=veth' })).toBeUndefined();
  });
});
