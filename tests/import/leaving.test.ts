import { describe, expect, it } from 'vitest';
import type { DeclaredGuest } from '../../src/core/declared-guest.ts';
import { leaving } from '../../src/import/index.ts';

const frigate: DeclaredGuest = {
  ...{ file: 'guests/frigate.yaml', name: 'frigate', cluster: 'home', node: 'pve1', vmid: 202, type: 'lxc' },
  ...{ cores: 4, memory: 4096, swap: 512, disk: { storage: 'local-lvm', size: 64 }, tags: [], carries: [] },
  network: { bridge: 'vmbr0', address: '192.168.1.2/24' },
};
const inventory =
  'all:\n  hosts:\n    frigate: { ansible_host: 192.168.1.2 }\n    web: { ansible_host: 192.168.1.22 }\n';
const scrapes = (targets: string) =>
  `scrape_configs:\n  - job_name: node\n    static_configs:\n      - targets: ${targets} # all\n`;
const of = (files: { [path: string]: string }, watched = false) =>
  leaving(new Map(Object.entries({ 'guests/frigate.yaml': 'name: frigate\n', ...files })), [frigate], { watched });

describe('a guest that leaves the repository', () => {
  it('goes out of the inventory and of the targets, by its name and by its address, and nobody else does', () => {
    const targets =
      '["192.168.1.2:9100", "192.168.1.22:9100", "frigate.home.lan:9100", "frigate-2:9100", "[fd00::2]:9100"]';
    const { edits, taken, named } = of({
      'ansible/inventory.yaml': inventory,
      'prometheus/prometheus.yaml': scrapes(targets),
    });
    expect(edits.get('ansible/inventory.yaml')).toBe('all:\n  hosts:\n    web: { ansible_host: 192.168.1.22 }\n');
    expect(edits.get('prometheus/prometheus.yaml')).toBe(
      scrapes('["192.168.1.22:9100", "frigate-2:9100", "[fd00::2]:9100"]'),
    );
    expect(taken).toEqual([
      { file: 'ansible/inventory.yaml', what: ['frigate'] },
      { file: 'prometheus/prometheus.yaml', what: ['192.168.1.2:9100', 'frigate.home.lan:9100'] },
    ]);
    expect(named).toEqual([]);
  });

  it('stays in an inventory that playbooks are checked with, which is said by its lines', () => {
    const { edits, named } = of({ 'ansible/inventory.yaml': inventory }, true);
    expect([...edits]).toEqual([]);
    expect(named).toEqual([{ file: 'ansible/inventory.yaml', lines: [3] }]);
  });

  it('is said to be named where a file cannot be edited, or is none of gitmend’s', () => {
    const block = 'scrape_configs:\n  - static_configs:\n      - targets:\n          - 192.168.1.2:9100\n';
    const { edits, named } = of({
      'prometheus/prometheus.yaml': block,
      'prometheus/broken.yaml': 'scrape_configs: [',
      'dns/home.lan.yaml':
        'records:\n  - { name: frigate, value: 192.168.1.2 }\n  - { name: frigate2, value: 192.168.1.21 }\n',
      'compose/media/compose.yaml': 'image: my-frigate:1\n# frigate: gone soon\n',
      'operations/1.yaml': 'target: home/lxc/202 # frigate\n',
    });
    expect([...edits]).toEqual([]);
    expect(named).toEqual([
      { file: 'prometheus/prometheus.yaml', lines: [4] },
      { file: 'dns/home.lan.yaml', lines: [2] },
      { file: 'compose/media/compose.yaml', lines: [2] },
    ]);
  });

  it('makes no inventory where there is none', () => {
    expect(of({})).toEqual({ edits: new Map(), taken: [], named: [] });
  });
});
