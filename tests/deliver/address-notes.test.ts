import { expect, it } from 'vitest';
import { printGuestTarget } from '../../src/core/target.ts';
import { addressNotes } from '../../src/deliver/plan-notes.ts';
import { declared } from '../declarations/guest/examples.ts';

const tree = (...guests: [name: string, vmid: number, host: number][]) => ({
  guests: new Map(
    guests
      .map(([name, vmid, host]) =>
        declared({ name, vmid, network: { bridge: 'vmbr0', address: `192.168.1.${host}/24` } }),
      )
      .map((guest) => [printGuestTarget(guest), guest]),
  ),
});

it('a plan says of the addresses that it gives twice, and not of those that were given twice before', () => {
  const before = tree(['postgres', 200, 20], ['web', 210, 21], ['old', 220, 21]);
  const after = tree(['postgres', 200, 20], ['web', 210, 21], ['old', 220, 21], ['new', 230, 20]);
  expect(addressNotes(before, after)).toEqual([
    'new and postgres are both declared with 192.168.1.20 on vmbr0: one of them will not be reached, unless VLANs keep them apart',
  ]);
  expect(addressNotes(after, after)).toEqual([]);
});
