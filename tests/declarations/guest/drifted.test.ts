import { describe, expect, it } from 'vitest';
import {
  asIsLive,
  driftedValues,
  fieldsIn,
  observedOf,
  preStateOf,
  valuesAt,
} from '../../../src/declarations/guest/index.ts';
import { declared, declaredVm, live, liveVm, without } from './examples.ts';

const here = { bridge: 'vmbr0', address: '192.168.1.20/24', gateway: '192.168.1.1', addressing: 'static' } as const;

describe('what a file says otherwise than its guest is', () => {
  it('is nothing where it is so', () => {
    expect(driftedValues(declared(), live({ network: here }))).toEqual([]);
    expect(asIsLive(declared(), live({ network: here }))).toEqual(declared());
  });

  it('is told value by value, by its path in the file', () => {
    const now = live({
      node: 'pve2',
      running: { cores: 2, memory: 4096, swap: 512 },
      rootDisk: { storage: 'zfs', size: 40 },
      network: { bridge: 'vmbr1', addressing: 'dhcp' },
      status: 'stopped',
    });
    const guest = declared({ started: true, protection: true });
    const values = driftedValues(guest, now);
    expect(values.map(({ field, declared: was, live: is }) => [field, was, is])).toEqual([
      ['memory', 2048, 4096],
      ['node', 'pve1', 'pve2'],
      ['disk.storage', 'local-lvm', 'zfs'],
      ['disk.size', 32, 40],
      ['network.bridge', 'vmbr0', 'vmbr1'],
      ['network.address', '192.168.1.20/24', null],
      ['network.gateway', '192.168.1.1', null],
      ['started', true, false],
      ['protection', true, false],
    ]);
    expect(fieldsIn(values)).toEqual(['memory', 'node', 'disk', 'network', 'started', 'protection']);
    expect(driftedValues(guest, now, ['disk']).map(({ field }) => field)).toEqual(['disk.storage', 'disk.size']);
    expect(valuesAt(guest, ['disk', 'memory'])).toEqual({ memory: 2048, 'disk.storage': 'local-lvm', 'disk.size': 32 });
  });

  it('is not what the file does not manage', () => {
    expect(driftedValues(declared(), live({ status: 'stopped', protected: true }))).toEqual([]);
    expect(driftedValues(declaredVm(), liveVm())).toEqual([]);
  });

  it('is not what Proxmox VE does not tell: an address that is set inside, a disk that is not of whole GiB', () => {
    const inside = { bridge: 'vmbr0', addressing: 'inside' } as const;
    expect(driftedValues(declaredVm(), liveVm({ network: inside }))).toEqual([]);
    expect(driftedValues(declaredVm(), liveVm({ network: { ...inside, bridge: 'vmbr9' } }))).toMatchObject([
      { field: 'network.bridge', live: 'vmbr9' },
    ]);
    expect(driftedValues(declared(), live({ rootDisk: { storage: 'zfs', size: 8.5 } }))).toEqual([]);
    expect(driftedValues(declared(), without(live(), 'rootDisk'))).toEqual([]);
  });

  it('counts what waits for a restart as what will be', () => {
    expect(driftedValues(declaredVm(), liveVm({ pending: { memory: 6144 } }))).toEqual([
      { field: 'memory', declared: 2048, live: 6144, pending: true },
    ]);
    expect(driftedValues(declaredVm(), liveVm({ pending: { memory: 2048 } }))).toEqual([]);
  });
});

describe('the state that a request to bring back holds for', () => {
  it('is that of every plan, where it is about sizes', () => {
    expect(observedOf(live(), ['memory', 'cores'])).toBe(preStateOf(live()));
  });

  it('is otherwise for another disk, network or protection, where it is about more', () => {
    const states = [
      live(),
      live({ rootDisk: { storage: 'zfs', size: 32 } }),
      live({ network: here }),
      live({ network: { ...here, address: '192.168.1.21/24' } }),
      live({ protected: true }),
      live({ node: 'pve2' }),
    ].map((one) => observedOf(one, ['memory', 'disk']));
    expect(new Set(states).size).toBe(states.length);
  });
});
