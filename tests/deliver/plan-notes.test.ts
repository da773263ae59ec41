import { describe, expect, it } from 'vitest';
import { printGuestTarget } from '../../src/core/target.ts';
import { readGuests } from '../../src/declarations/guest/index.ts';
import type { Declared } from '../../src/deliver/declared.ts';
import { differenceOf } from '../../src/deliver/difference.ts';
import { quietNotes } from '../../src/deliver/plan-notes.ts';

const guest = (name: string, vmid: number, more = '') =>
  `name: ${name}\ncluster: home\nnode: pve1\nvmid: ${vmid}\ntype: lxc\ncores: 2\nmemory: 2048\nswap: 512\ndisk: { storage: local-lvm, size: 32 }\nnetwork: { bridge: vmbr0 }\n${more}`;

function declared(files: { [name: string]: string }): Declared {
  const tree = new Map(Object.entries(files).map(([name, text]) => [`guests/${name}.yaml`, text]));
  const guests = new Map(readGuests(tree).guests.map((one) => [printGuestTarget(one), one]));
  return { commit: 'c', tree, guests } as unknown as Declared;
}

function notes(before: Declared, after: Declared, steps: string[] = []): string[] {
  const asked = { before, after, steps: steps.map((target) => ({ target })) };
  return quietNotes(differenceOf(before, after), asked);
}

describe('what a merge only takes note of', () => {
  const before = declared({ web: guest('web', 210), db: guest('db', 211, 'tags: [a]\n') });

  it('is named by guest, from what and to what, with units, and places in short', () => {
    const after = declared({
      web: guest('web', 210)
        .replace('2048', '4096')
        .replace('size: 32', 'size: 48')
        .replace('{ bridge: vmbr0 }', '{ bridge: vmbr1, address: 192.168.1.9/24, gateway: 192.168.1.1 }'),
      db: guest('db', 211).replace('storage: local-lvm', 'storage: zfs'),
    });
    expect(notes(before, after)).toEqual([
      'Only noted: db disk 32 GiB on local-lvm → 32 GiB on zfs, tags a → none',
      'Only noted: web memory 2048 → 4096 MiB, disk 32 → 48 GiB, network vmbr0 by DHCP → vmbr1 192.168.1.9/24',
    ]);
  });

  it('is a guest that is declared as it is, or gone, and none that has a step', () => {
    const other = declared({ web: guest('web', 210), old: guest('old', 212) });
    expect(notes(before, other)).toEqual(['Only noted, declared as they are: old', 'Only noted, gone already: db']);
    expect(notes(before, other, ['home/lxc/211', 'home/lxc/212'])).toEqual([]);
  });

  it('is counted where it is more than a comment should list', () => {
    const many = Object.fromEntries(
      Array.from({ length: 11 }, (_, at) => [`g${at + 10}`, guest(`g${at + 10}`, 300 + at)]),
    );
    const larger = Object.fromEntries(Object.entries(many).map(([name, text]) => [name, text.replace('2048', '4096')]));
    expect(notes(declared(many), declared(larger)).slice(-2)).toEqual([
      'Only noted: g17 memory 2048 → 4096 MiB',
      'Only noted: 3 more guests',
    ]);
    expect(notes(declared({}), declared(many))).toEqual([
      'Only noted, declared as they are: g10, g11, g12, g13, g14, g15, g16, g17 and 3 more',
    ]);
  });
});
