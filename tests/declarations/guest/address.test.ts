import { describe, expect, it } from 'vitest';
import { printFault } from '../../../src/core/fault.ts';
import { hostOf, readGuests, sharedAddresses } from '../../../src/declarations/guest/index.ts';
import { declared } from './examples.ts';

const at = (name: string, address: string | undefined, more: { [field: string]: unknown } = {}) => {
  const { bridge = 'vmbr0', ...rest } = more;
  const network = { bridge: String(bridge), ...(address === undefined ? {} : { address }) };
  return { ...declared(), ...{ name, file: `guests/${name}.yaml`, network }, ...rest };
};
const pairs = (...guests: ReturnType<typeof at>[]) =>
  sharedAddresses(guests).map(({ address, one, other }) => `${one.name} ${other.name} ${address}`);

describe('guests of one address', () => {
  it('are found whatever the length of the network and the way IPv6 is written, each beside the first of them', () => {
    expect(
      pairs(at('a', '10.0.0.5/24'), at('b', '10.0.0.6/24'), at('c', '10.0.0.5/16'), at('d', '10.0.0.5/24')),
    ).toEqual(['c a 10.0.0.5', 'd a 10.0.0.5']);
    expect(pairs(at('a', 'fd00::0:1/64'), at('b', 'FD00::1/48'))).toEqual(['b a FD00::1']);
    expect([hostOf('fd00:0::1/64'), hostOf('10.0.0.5/24')]).toEqual(['[fd00::1]', '10.0.0.5']);
  });

  it('are none on another bridge or cluster, by DHCP, or where one is declared stopped', () => {
    const one = at('a', '10.0.0.5/24');
    expect(pairs(one, at('b', '10.0.0.5/24', { bridge: 'vmbr1' }))).toEqual([]);
    expect(pairs(one, at('b', '10.0.0.5/24', { cluster: 'away' }))).toEqual([]);
    expect(pairs(one, at('b', '10.0.0.5/24', { started: false }))).toEqual([]);
    expect(pairs(at('a', undefined), at('b', undefined))).toEqual([]);
  });

  it('are warned of by file and line, and both stay trusted', () => {
    const file = (name: string, vmid: number) =>
      [
        `name: ${name}\ncluster: home\nnode: pve1\nvmid: ${vmid}\ntype: lxc\ncores: 2\nmemory: 2048\nswap: 512`,
        'disk: { storage: local-lvm, size: 32 }\nnetwork: { bridge: vmbr0, address: 192.168.1.20/24 }\n',
      ].join('\n');
    const read = readGuests(
      new Map([
        ['guests/postgres.yaml', file('postgres', 200)],
        ['guests/web.yaml', file('web', 210)],
      ]),
    );
    expect(read.faults).toEqual([]);
    expect(read.guests.map(({ name }) => name)).toEqual(['postgres', 'web']);
    expect(read.warnings.map(printFault)).toEqual([
      expect.stringMatching(
        /^guests\/web\.yaml:10:36 network\.address: 192\.168\.1\.20 is also the address of guests\/postgres\.yaml, on the same bridge vmbr0; give one/,
      ),
    ]);
  });
});
