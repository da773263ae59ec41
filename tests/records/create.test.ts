import { describe, expect, it } from 'vitest';
import type { DeclaredGuest } from '../../src/core/declared-guest.ts';
import { digestOfText } from '../../src/core/json.ts';
import { printCreate } from '../../src/records/create.ts';
import { parsePullRequest } from '../../src/records/pull-request.ts';
import { expectGolden } from './golden.ts';

const web: DeclaredGuest = {
  ...{ file: 'guests/web.yaml', name: 'web', cluster: 'home', node: 'pve1', vmid: 210, type: 'lxc' },
  ...{ cores: 2, memory: 2048, swap: 512, disk: { storage: 'local-lvm', size: 8 }, tags: ['web'], carries: [] },
  network: { bridge: 'vmbr0', address: '192.168.1.30/24', gateway: '192.168.1.1' },
};
const print = (guest: DeclaredGuest, text = 'a') =>
  printCreate({ guest, fingerprint: '1e899ced99fd', text: digestOfText(text) });

describe('the pull request that creates a guest', () => {
  it('reads well', () => {
    const { title, body } = print(web);
    expect(title).toBe('web: create lxc/210 on pve1');
    expectGolden('create.md', body);
  });

  it('names no swap of a virtual machine, and no tags where there are none', () => {
    const { swap, ...machine } = web;
    const { body } = print({ ...machine, type: 'qemu', tags: [], network: { bridge: 'vmbr0' } });
    expect(swap).toBe(512);
    expect(body).not.toMatch(/swap|tags/);
    expect(body).toContain('| network | vmbr0 |');
  });

  it('says which template it is cloned from', () => {
    expectGolden('create-clone.md', print({ ...web, clone: { from: 900 } }).body);
  });

  it('is another proposal for another file', () => {
    const proposed = ['a', 'b', 'a'].map((text) => parsePullRequest(print(web, text).body)?.proposed);
    expect(new Set(proposed).size).toBe(2);
    expect(parsePullRequest(print(web).body)).toMatchObject({ kind: 'create', remedy: 'create' });
  });
});
