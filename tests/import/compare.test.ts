import { describe, expect, it } from 'vitest';
import { differencesOf } from '../../src/import/compare.ts';
import { declared, found } from './examples.ts';

const fields = (...sides: Parameters<typeof differencesOf>) => {
  const edits = differencesOf(...sides);
  return typeof edits === 'string' ? edits : edits.map(({ field, from, to }) => [field, from, to]);
};

describe('a file against what is in the cluster', () => {
  it('has no difference where both say the same', () => {
    expect(differencesOf(declared(), found())).toEqual([]);
  });

  it('differs field by field', () => {
    const live = found({ node: 'pve2', cores: 4, memory: 2048, swap: 0, disk: { storage: 'tank', size: 9 } });
    expect(fields(declared(), live)).toEqual([
      ['node', 'pve1', 'pve2'],
      ['cores', 2, 4],
      ['memory', 1024, 2048],
      ['swap', 512, 0],
      ['disk.storage', 'local-lvm', 'tank'],
      ['disk.size', 8, 9],
    ]);
  });

  it('loses an address that DHCP gives now, and keeps one that only the guest itself knows', () => {
    const network = { bridge: 'vmbr1' };
    expect(fields(declared(), found({ network, addressing: 'dhcp' }))).toEqual([
      ['network.bridge', 'vmbr0', 'vmbr1'],
      ['network.address', '192.168.1.30/24', undefined],
      ['network.gateway', '192.168.1.1', undefined],
    ]);
    expect(fields(declared(), found({ network: { bridge: 'vmbr0' }, addressing: 'inside' }))).toEqual([]);
  });

  it('gets tags and never loses one: they decide who approves', () => {
    expect(fields(declared({ tags: ['critical', 'web'] }), found({ tags: ['web', 'backup'] }))).toEqual([
      ['tags', ['critical', 'web'], ['critical', 'web', 'backup']],
    ]);
    expect(fields(declared({ tags: ['critical'] }), found())).toEqual([]);
  });

  it('leaves what Terraform must leave, and says it once', () => {
    expect(fields(declared(), found({ leave: ['disk'] }))).toEqual([['leave', [], ['disk']]]);
    expect(fields(declared({ leave: ['disk', 'name'] }), found({ leave: ['disk'] }))).toEqual([]);
  });

  it('is held against nothing where the guest is called otherwise: a vmid may be given again', () => {
    expect(fields(declared(), found({ called: 'mail', memory: 9 }))).toBe(
      'is called mail in Proxmox VE, so it may be another guest: rename one of them, or remove guests/web.yaml',
    );
    expect(fields(declared(), found({ called: 'WEB.home.lan' }))).toEqual([]);
  });
});
