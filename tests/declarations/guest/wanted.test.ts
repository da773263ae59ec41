import { describe, expect, it } from 'vitest';
import { rawOf, type RawGuest, wantedGuest, wantedValues } from '../../../src/declarations/guest/index.ts';

const whole: RawGuest = {
  ...{ name: 'web', cluster: 'home', node: 'pve1', vmid: 210, type: 'lxc', cores: 2, memory: 2048 },
  ...{ disk: { storage: 'local-lvm', size: 8 }, network: { bridge: 'vmbr0' } },
};
const faultsOf = (raw: RawGuest) => {
  const wanted = wantedGuest(raw, (field) => `--${field}`);
  return wanted.ok ? [] : wanted.faults;
};

describe('a guest that is asked for', () => {
  it('is said with units, and read as the numbers of its file', () => {
    const words = {
      memory: '2G',
      swap: '0',
      'disk.size': '1T',
      cores: '2',
      vmid: '300',
      tags: 'web, backup',
      node: 'pve1',
    };
    expect(wantedValues({ ...words, type: undefined })).toEqual({
      ...{ memory: 2048, swap: 0, disk: { size: 1024 }, cores: 2, vmid: 300, tags: ['web', 'backup'], node: 'pve1' },
    });
    expect(wantedValues({ memory: '512 MiB', 'disk.size': '8', 'disk.storage': 'local' })).toEqual({
      ...{ memory: 512, disk: { size: 8, storage: 'local' } },
    });
  });

  it('keeps what is no number as the word that it was, for whoever says what is wrong with it', () => {
    const words = { memory: '1.3K', 'disk.size': '8.5G', cores: 'two', vmid: '1e3' };
    expect(wantedValues(words)).toEqual({ memory: '1.3K', disk: { size: '8.5G' }, cores: 'two', vmid: '1e3' });
  });

  it('is one guest of several sayings, the later first, disk and network value by value', () => {
    const over = { memory: 1024, disk: { size: 20 }, tags: ['a'] };
    expect(rawOf({ ...whole, tags: ['b', 'c'] }, over)).toEqual({
      ...{ ...whole, memory: 1024, tags: ['a'], disk: { storage: 'local-lvm', size: 20 } },
    });
    expect(rawOf(whole, { network: { address: '192.168.1.3/24' } }).network).toEqual({
      ...{ bridge: 'vmbr0', address: '192.168.1.3/24' },
    });
  });

  it('has a file that is called after it, and as a container the swap that Proxmox VE gives it', () => {
    const wanted = wantedGuest(whole, String);
    expect(wanted).toMatchObject({ ok: true, guest: { file: 'guests/web.yaml', swap: 512, tags: [], carries: [] } });
    expect(wantedGuest({ ...whole, swap: 0 }, String)).toMatchObject({ guest: { swap: 0 } });
    expect(wantedGuest({ ...whole, type: 'qemu' }, String)).not.toMatchObject({ guest: { swap: 512 } });
  });

  it('is told everything at once, by how it is asked for and in the order of its file', () => {
    const wrong = { name: 'web', type: 'qemu', swap: 512, memory: '2x', vmid: 7, memry: 1, disk: { size: 0 } };
    expect(faultsOf(wrong)).toEqual([
      '--cluster: is missing',
      '--node: is missing',
      '--vmid: 7 is less than 100',
      '--cores: is missing',
      '--memory: 2x is not a number of MiB',
      '--swap: is not a field of a virtual machine; remove it: its swap is inside',
      '--disk.storage: is missing',
      '--disk.size: 0 GiB is less than 1 GiB',
      '--network.bridge: is missing',
      '--memry: is not a known field; did you mean memory?',
    ]);
    expect(faultsOf({ ...whole, disk: 'local' as never })).toEqual([
      expect.stringContaining('--disk: local is not a map'),
    ]);
  });
});
