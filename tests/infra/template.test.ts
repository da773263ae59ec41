import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkTree, printCheck } from '../../src/check/index.ts';
import { readConfig } from '../../src/config/read.ts';
import { stepKinds } from '../../src/core/step.ts';
import { readGuests } from '../../src/declarations/guest/index.ts';
import { readPolicies } from '../../src/policy/index.ts';
import { root } from '../synth/examples.ts';
import { templateTree } from '../tools/check-template.ts';

const tree = templateTree();

describe('the template of the infrastructure repository', () => {
  it('has no fault, and lacks only the certificate that its owner has', () => {
    expect(printCheck(checkTree(tree))).toBe(
      'certs/pve-root-ca.pem warning: is not in this repository yet; copy /etc/pve/pve-root-ca.pem of home there; until then nothing of this cluster is reached\n' +
        'No faults, 1 warning.\n',
    );
  });

  it('is a small home lab: one node, five guests', () => {
    const { guests } = readGuests(tree);
    const lines = guests.map(({ vmid, name, type, cores, memory, swap, disk, tags, carries }) => [vmid, name, type, cores, memory, swap, disk.size, tags, carries]);
    expect(lines.sort(([a], [b]) => Number(a) - Number(b))).toEqual([
      [200, 'postgres', 'lxc', 2, 2048, 512, 32, ['database'], []],
      [201, 'nextcloud', 'lxc', 2, 4096, 512, 64, ['web'], []],
      [202, 'frigate', 'lxc', 2, 4096, 0, 32, ['camera'], []],
      [203, 'homeassistant', 'qemu', 2, 4096, undefined, 32, ['home'], []],
      [204, 'gitea', 'lxc', 2, 2048, 512, 32, ['git'], ['forge']],
    ]);
    expect(new Set(guests.map(({ cluster, node, network }) => [cluster, node, network.bridge, network.gateway].join(' ')))).toEqual(
      new Set(['home pve1 vmbr0 192.168.1.1']),
    );
  });

  it('takes its commented examples too', () => {
    const text = (tree.get('gitmend.yaml') ?? '').replace(/^forge: .*$/m, '').replace(/^# (forge: .*gitea|prometheus:|alertmanager:|notify:)/gm, '$1');
    expect(readConfig(text)).toMatchObject({ ok: true, value: { forge: { kind: 'gitea' }, notify: [{ kind: 'ntfy' }], alertmanager: { doorToken: { env: 'GITMEND_ALERT_TOKEN' } } } });
  });

  it('decides every kind of step that this version takes', () => {
    const read = readPolicies(tree);
    const decided = read.ok ? read.value.rules.flatMap(({ when }) => when.step) : [];
    expect(new Set(decided)).toEqual(new Set(stepKinds));
  });

  it('locks the same versions as gitmend itself, without addresses to download from', () => {
    const lock = JSON.parse(tree.get('stacks/package-lock.json') ?? '{}') as { packages: { [path: string]: { version?: string; resolved?: string } } };
    const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: { [name: string]: string } };
    for (const name of ['cdktn', 'constructs', 'yaml']) {
      expect(lock.packages[`node_modules/${name}`]?.version).toBe(own.dependencies[name]);
    }
    expect(Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });

  it('has a place for everything that the README names', () => {
    const readme = tree.get('README.md') ?? '';
    const named = [...readme.matchAll(/`((?:\.?[a-z]+\/)+)`/g)].map(([, folder]) => folder ?? '');
    expect(named.length).toBeGreaterThan(5);
    for (const folder of named) expect([...tree.keys()].some((path) => path.startsWith(folder)), folder).toBe(true);
  });

  it('has an alert for the story of the demo', () => {
    expect(tree.get('prometheus/rules/guests.yaml')).toContain('alert: LxcMemoryHigh');
  });
});
