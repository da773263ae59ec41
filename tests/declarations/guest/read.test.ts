import { describe, expect, it } from 'vitest';
import type { Config } from '../../../src/core/config.ts';
import { printFault } from '../../../src/core/fault.ts';
import { readGuest, readGuests } from '../../../src/declarations/guest/index.ts';
import { declared } from './examples.ts';

const postgres = `# guests/postgres.yaml            A person's comments stay where they are.
name: postgres
cluster: home
node: pve1
vmid: 200
type: lxc
cores: 2
memory: 2048      # MiB
swap: 512         # MiB
disk: { storage: local-lvm, size: 32 }      # GiB
network: { bridge: vmbr0, address: 192.168.1.20/24, gateway: 192.168.1.1 }
tags: [database]
carries: []       # forge, gitmend, prometheus, state: what this guest must not be stopped for lightly
`;
const homeassistant = postgres
  .replaceAll('postgres', 'homeassistant')
  .replace('200', '203')
  .replace('lxc', 'qemu')
  .replace('192.168.1.20', '192.168.1.23')
  .replace(/swap.*\n/, '');

const faultsOf = (text: string, file = 'guests/postgres.yaml'): string[] => {
  const read = readGuest(text, file);
  return (read.ok ? read.warnings : read.faults).map(printFault);
};
const changed = (from: string | RegExp, to: string): string => faultsOf(postgres.replace(from, to)).join('\n');
const config = { clusters: [{ name: 'home' }] } as unknown as Config;

describe("a guest's file", () => {
  it('becomes the trusted declaration', () => {
    expect(readGuest(postgres, 'guests/postgres.yaml')).toEqual({ ok: true, warnings: [], value: declared() });
  });

  it('of a virtual machine has no swap', () => {
    const read = readGuest(homeassistant, 'guests/homeassistant.yaml');
    expect(read.ok && 'swap' in read.value).toBe(false);
    expect(faultsOf(`${homeassistant}swap: 0\n`, 'guests/homeassistant.yaml')).toEqual([
      'guests/homeassistant.yaml:13:1 swap: is not a field of a virtual machine; remove it: its swap is inside',
    ]);
  });

  it('of a container says its swap, 0 for none', () => {
    expect(changed(/swap.*\n/, '')).toBe(
      'guests/postgres.yaml:2:1 swap: is missing; a container has one: write 512, or 0 for none',
    );
    expect(changed('swap: 512', 'swap: 0')).toBe('');
  });

  it('may leave tags, carries, address and gateway out', () => {
    const text = postgres
      .replace(/tags.*\ncarries.*\n/, '')
      .replace(', address: 192.168.1.20/24, gateway: 192.168.1.1', '');
    expect(readGuest(text, 'guests/postgres.yaml')).toMatchObject({
      ok: true,
      value: { tags: [], carries: [], network: { bridge: 'vmbr0' } },
    });
  });

  it('tells every fault at once', () => {
    const text = postgres
      .replace('vmid: 200', 'vmid: "200"')
      .replace('memory: 2048', 'memory: 2g')
      .replace('type: lxc', 'type: lcx')
      .replace('cores: 2', 'cores: 0')
      .replace('tags: [database]', 'tag: [database]');
    expect(faultsOf(text)).toEqual([
      'guests/postgres.yaml:5:7 vmid: "200" is a text, not a number; write 200 without quotes',
      'guests/postgres.yaml:6:7 type: lcx is not lxc or qemu; did you mean lxc?',
      'guests/postgres.yaml:7:8 cores: 0 is less than 1',
      'guests/postgres.yaml:8:9 memory: 2g is not a number of MiB; did you mean 2048?',
      'guests/postgres.yaml:12:1 tag: is not a known field; did you mean tags?',
    ]);
  });

  it('is named as its guest, or a warning says so', () => {
    expect(readGuest(postgres, 'guests/db.yaml').ok).toBe(true);
    expect(faultsOf(postgres, 'guests/db.yaml')).toEqual([
      'guests/db.yaml:2:7 name: postgres stands in guests/db.yaml; name the file guests/postgres.yaml',
    ]);
  });
});

describe('a value that is not what the field takes', () => {
  it.each([
    ['memory: 2048', 'memory: 2 GiB', '2 GiB is not a number of MiB; did you mean 2048?'],
    ['memory: 2048', 'memory: 0.5G', '0.5G is not a number of MiB; did you mean 512?'],
    ['memory: 2048', 'memory: 2048MB', '2048MB is not a number of MiB; did you mean 2048?'],
    ['memory: 2048', 'memory: "2048"', '2048 is not a number of MiB; did you mean 2048?'],
    ['memory: 2048', 'memory: 2048.5', '2048.5 is not a number of MiB'],
    ['memory: 2048', 'memory: lots', 'lots is not a number of MiB'],
    ['memory: 2048', 'memory: true', 'true is not a number of MiB'],
    ['memory: 2048', 'memory: 1k', '1k is not a number of MiB'],
    ['memory: 2048', 'memory: -1', '-1 MiB is less than 16 MiB'],
    ['memory: 2048', 'memory: 99999999', '99999999 MiB is more than 16777216 MiB'],
    ['memory: 2048', 'memory: 9007199254740993', 'is not a plain decimal number'],
    ['memory: 2048', 'memory:', 'memory: null is not a number of MiB'],
    ['size: 32', 'size: 32G', 'disk.size: 32G is not a number of GiB; did you mean 32?'],
    ['size: 32', 'size: 1t', '1t is not a number of GiB; did you mean 1024?'],
    ['vmid: 200', 'vmid: 99', 'vmid: 99 is less than 100'],
    ['vmid: 200', 'vmid: 1000000000', 'vmid: 1000000000 is more than 999999999'],
    [
      'name: postgres',
      'name: Postgres_DB',
      'Postgres_DB is not a host name of a-z, 0-9 and -; did you mean postgres-db?',
    ],
    ['name: postgres', 'name: "-"', 'is not a host name'],
    ['name: postgres', 'name: 7', 'name: 7 is a number, not a text; did you mean "7"?'],
    ['node: pve1', 'node: pve1.home.lan', 'write its short name, without the domain'],
    ['cluster: home', 'cluster: home/lxc', 'home/lxc is not a cluster of gitmend.yaml'],
    ['storage: local-lvm', 'storage: "/dev/sda"', '/dev/sda is not a storage'],
    ['bridge: vmbr0', 'bridge: "vmbr0;reboot"', 'is not a bridge; write vmbr0 or the like'],
    ['192.168.1.20/24', '192.168.1.20', '192.168.1.20 lacks the length of its network; did you mean 192.168.1.20/24?'],
    ['192.168.1.20/24', '"fd00::20"', 'fd00::20 lacks the length of its network; did you mean fd00::20/64?'],
    ['192.168.1.20/24', '192.168.1.20/33', '192.168.1.20/33 has no network of that length; write /0 to /32'],
    ['192.168.1.20/24', '192.168.1.256/24', 'is not an IP address; write 192.168.1.20/24, or leave it out for DHCP'],
    ['192.168.1.20/24', 'dhcp', 'dhcp is not an IP address; write 192.168.1.20/24, or leave it out for DHCP'],
    ['gateway: 192.168.1.1', 'gateway: 192.168.1.1/24', 'is not the address of a gateway; did you mean 192.168.1.1?'],
    ['gateway: 192.168.1.1', 'gateway: router', 'router is not an IP address'],
    ['tags: [database]', 'tags: [Data Base]', 'tags[0]: Data Base is not a tag'],
    ['tags: [database]', 'tags: database', 'tags: database is not a list; did you mean [database]?'],
    [
      'carries: []',
      'carries: [promethues]',
      'carries[0]: promethues is not forge, gitmend, prometheus or state; did you mean prometheus?',
    ],
    ['cores: 2', 'cores: two', 'cores: two is not a number'],
    ['disk: { storage: local-lvm, size: 32 }', 'disk: 32', 'disk: 32 is not a map'],
    ['cores: 2', '# cores', 'cores: is missing'],
  ])('%s → %s: %s', (from, to, fault) => {
    expect(changed(from, to)).toContain(fault);
  });
});

describe('the guests of a tree', () => {
  const tree = (files: { [path: string]: string }) => new Map(Object.entries(files));

  it('are read in the order of their files, and what is no guest is left alone', () => {
    const read = readGuests(
      tree({
        'guests/postgres.yaml': postgres,
        'guests/homeassistant.yaml': homeassistant,
        'guests/README.md': 'x',
        'gitmend.yaml': 'x',
      }),
      config,
    );
    expect(read.guests.map(({ name }) => name)).toEqual(['homeassistant', 'postgres']);
    expect([read.faults, read.warnings]).toEqual([[], []]);
  });

  it('cannot claim one vmid twice, nor one name, and neither claimant is trusted', () => {
    const read = readGuests(tree({ 'guests/old.yaml': postgres, 'guests/postgres.yaml': postgres }), config);
    expect(read.faults.map(printFault)).toEqual([
      'guests/old.yaml:2:7 name postgres is also declared in guests/postgres.yaml:2',
      'guests/old.yaml:5:7 vmid 200 is also declared in guests/postgres.yaml:5',
    ]);
    expect(read.guests).toEqual([]);
  });

  it('may use one vmid on two clusters', () => {
    const other = postgres.replaceAll('postgres', 'pg2').replace('cluster: home', 'cluster: away');
    expect(readGuests(tree({ 'guests/pg2.yaml': other, 'guests/postgres.yaml': postgres })).faults).toEqual([]);
  });

  it('are found twice even where another fault of the file hides the rest', () => {
    const broken = postgres.replace('memory: 2048', 'memory: 2g').replace('name: postgres', 'name: old');
    const read = readGuests(tree({ 'guests/old.yaml': broken, 'guests/postgres.yaml': postgres }), config);
    expect(read.faults.map(printFault)).toEqual([
      'guests/old.yaml:5:7 vmid 200 is also declared in guests/postgres.yaml:5',
      'guests/old.yaml:8:9 memory: 2g is not a number of MiB; did you mean 2048?',
    ]);
  });

  it('stand on a cluster that the configuration names', () => {
    const strayed = (cluster: string) =>
      readGuests(tree({ 'guests/postgres.yaml': postgres.replace('cluster: home', `cluster: ${cluster}`) }), config);
    expect(strayed('hmoe').faults.map(printFault)).toEqual([
      'guests/postgres.yaml:3:10 cluster: hmoe is not a cluster of gitmend.yaml; did you mean home?',
    ]);
    expect(strayed('office').faults.map(printFault)).toEqual([
      'guests/postgres.yaml:3:10 cluster: office is not a cluster of gitmend.yaml; gitmend.yaml names home',
    ]);
    expect(strayed('hmoe').guests).toEqual([]);
  });

  it('lie in guests/ itself and end in .yaml', () => {
    const read = readGuests(tree({ 'guests/web.yml': postgres, 'guests/lab/web.yaml': postgres }));
    expect(read.faults.map(printFault)).toEqual([
      'guests/lab/web.yaml is not read: a guest is guests/<name>.yaml; name it guests/web.yaml',
      'guests/web.yml is not read: a guest is guests/<name>.yaml; name it guests/web.yaml',
    ]);
  });

  it('are not lost with a file that cannot be read at all', () => {
    const read = readGuests(
      tree({
        'guests/broken.yaml': 'a: "',
        'guests/empty.yaml': '',
        'guests/list.yaml': '- a\n',
        'guests/postgres.yaml': postgres,
      }),
      config,
    );
    expect(read.guests.map(({ name }) => name)).toEqual(['postgres']);
    expect(new Set(read.faults.map(({ file }) => file))).toEqual(
      new Set(['guests/broken.yaml', 'guests/empty.yaml', 'guests/list.yaml']),
    );
  });
});
