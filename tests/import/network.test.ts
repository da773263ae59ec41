import { describe, expect, it } from 'vitest';
import { guestFile } from '../../src/import/guest-file.ts';
import { readNetwork } from '../../src/clients/proxmox/index.ts';
import { readGuests } from '../../src/declarations/guest/index.ts';

describe('net0', () => {
  const mac = 'bc:24:11:00:00:14';
  it.each([
    [
      'name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:14,ip=192.168.1.20/24,gw=192.168.1.1,type=veth',
      undefined,
      { network: { bridge: 'vmbr0', address: '192.168.1.20/24', gateway: '192.168.1.1' }, addressing: 'static', mac },
    ],
    [
      'name=eth0,bridge=vmbr0,ip=dhcp,gw=192.168.1.1',
      undefined,
      { network: { bridge: 'vmbr0' }, addressing: 'dhcp', mac: '' },
    ],
    ['name=eth0,bridge=vmbr0,ip=manual', undefined, { network: { bridge: 'vmbr0' }, addressing: 'inside', mac: '' }],
    [
      'name=eth0,bridge=vmbr0,ip6=fd00::5/64,gw6=fd00::1',
      undefined,
      { network: { bridge: 'vmbr0', address: 'fd00::5/64', gateway: 'fd00::1' }, addressing: 'static', mac: '' },
    ],
    [
      'virtio=BC:24:11:00:00:14,bridge=vmbr1,firewall=1',
      undefined,
      { network: { bridge: 'vmbr1' }, addressing: 'inside', mac },
    ],
    [
      'virtio=BC:24:11:00:00:14,bridge=vmbr1',
      'ip=10.0.0.5/8',
      { network: { bridge: 'vmbr1', address: '10.0.0.5/8' }, addressing: 'static', mac },
    ],
    ['virtio=BC:24:11:00:00:14,bridge=a b', undefined, undefined],
    ['virtio=BC:24:11:00:00:14', undefined, undefined],
    [undefined, undefined, undefined],
    [7, undefined, undefined],
  ])('%j with ipconfig0 %j is %j', (net0, ipconfig0, network) => {
    expect(readNetwork({ net0, ipconfig0 })).toEqual(network);
  });
});

it('a word that YAML takes for something else is declared as the word', () => {
  const guest = {
    ...{ name: 'on', node: '1e3', vmid: 100, type: 'lxc' as const, cores: 1, memory: 512, swap: 0 },
    ...{ disk: { storage: 'null', size: 8 }, network: { bridge: 'vmbr0' }, tags: ['yes', '007', 'a'] },
  };
  const { guests, faults } = readGuests(new Map([['guests/on.yaml', guestFile(guest, 'no')]]), undefined);
  expect(faults).toEqual([]);
  expect(guests[0]).toMatchObject({ ...guest, cluster: 'no' });
});
