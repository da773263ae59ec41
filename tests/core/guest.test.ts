import { expect, it } from 'vitest';
import { liveValue, networkWords } from '../../src/core/guest.ts';
import { live, without } from '../declarations/guest/examples.ts';

it.each([
  ['memory', 2048],
  ['disk', 48],
  ['name', 'postgres'],
  ['node', 'pve1'],
  ['network', 'vmbr0, 10.0.0.5/24 via 10.0.0.1'],
])('%s of a live guest is said as steps say it', (field, said) => {
  const network = { bridge: 'vmbr0', address: '10.0.0.5/24', gateway: '10.0.0.1', addressing: 'static' } as const;
  expect(liveValue(live({ network, rootDisk: { storage: 'local-lvm', size: 48 } }), field)).toBe(said);
});

it('what a guest does not have, or nobody knows, is not made up', () => {
  const bare = without(without(live(), 'rootDisk'), 'network');
  expect([liveValue(bare, 'disk'), liveValue(bare, 'network')]).toEqual([undefined, undefined]);
  expect([networkWords({ bridge: 'vmbr0' }), networkWords({ bridge: 'vmbr0', address: '10.0.0.5/24' })]).toEqual([
    'vmbr0',
    'vmbr0, 10.0.0.5/24',
  ]);
});
