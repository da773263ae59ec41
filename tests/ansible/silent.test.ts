import { describe, expect, it } from 'vitest';
import { leavingSilent, onlyAddsHosts } from '../../src/ansible/index.ts';
import { summaryOf } from '../../src/ansible/words.ts';
import type { AnsiblePlan, HostPlan } from '../../src/core/ansible.ts';

const inventory = `all:
  hosts:
    postgres: { ansible_host: 192.168.1.20 }
  children:
    web:
      hosts:
        nextcloud: { ansible_host: 192.168.1.21, ansible_user: ops }
      vars: { port: 80 }
`;
const file = 'ansible/inventory.yaml';
const tree = (text = inventory, more: { [path: string]: string } = {}) =>
  new Map(Object.entries({ [file]: text, 'ansible/playbooks/site.yaml': '- hosts: all\n', ...more }));
const edited = (from: string | RegExp, to: string, more = {}) =>
  onlyAddsHosts(tree(), tree(inventory.replace(from, to), more));
const wiki = 'wiki: { ansible_host: 192.168.1.30 }';

describe('a change that only adds hosts', () => {
  it.each([
    ['to all', 'postgres:', `${wiki}\n    postgres:`],
    ['to a group that is there', 'nextcloud:', `${wiki}\n        nextcloud:`],
    ['without an address', 'postgres:', 'wiki:\n    postgres:'],
    ['where a group had none', '  children:', `  vars: {}\n  children:`],
  ])('is one that names them %s', (what, from, to) => {
    expect(edited(from, to)).toBe(!what.startsWith('where'));
  });

  it('is a first inventory, and hosts where there were none', () => {
    const first = `all:\n  hosts:\n    ${wiki}\n`;
    const none = new Map([['ansible/playbooks/site.yaml', '- hosts: all\n']]);
    expect(onlyAddsHosts(none, tree(first))).toBe(true);
    for (const empty of ['all:\n  hosts: {}\n', 'all:\n  hosts:\n', 'all: {}\n'])
      expect(onlyAddsHosts(tree(empty), tree(first))).toBe(true);
  });

  it.each<[string, string | RegExp, string]>([
    ['moves another host', '192.168.1.20', '192.168.1.29'],
    ['takes one out', / {4}postgres:.*\n/, `    ${wiki}\n`],
    ['gives another host a group', 'nextcloud:', `postgres: {}\n        nextcloud:`],
    ['gives one that is new a variable', 'postgres:', 'wiki: { ansible_host: 192.168.1.30, role: db }\n    postgres:'],
    ['changes a variable of a group', 'port: 80', 'port: 81'],
    ['makes a group', '  children:', `  children:\n    new: { hosts: { ${wiki} } }`],
    ['names a range, which may hold one that is there', 'postgres:', 'post[a:z]res:\n    postgres:'],
    ['is no map', /[^]*/, '[]'],
    ['is no YAML', 'all:', 'all: {'],
    ['changes nothing', 'all:', 'all:'],
  ])('is none that %s', (_, from, to) => {
    expect(edited(from, to)).toBe(false);
  });

  it('is none beside another file, and none in a second inventory', () => {
    const added = inventory.replace('postgres:', `${wiki}\n    postgres:`);
    expect(onlyAddsHosts(tree(), tree(added, { 'ansible/group_vars/all.yaml': 'zone: UTC\n' }))).toBe(false);
    expect(onlyAddsHosts(tree(), tree(added, { 'ansible/playbooks/site.yaml': '- hosts: web\n' }))).toBe(false);
    const hosts = new Map([['ansible/hosts.yaml', inventory]]);
    expect(onlyAddsHosts(hosts, new Map([...hosts, [file, added]]))).toBe(false);
  });
});

describe('a plan without hosts that do not answer', () => {
  const host = (name: string, more: Partial<HostPlan> = {}): HostPlan => ({
    ...{ host: name, changes: [], unpredicted: [], unchanged: 1, ...more },
  });
  const plan = (...hosts: HostPlan[]): AnsiblePlan => ({
    ...{ playbook: 'ansible/playbooks/site.yaml', mode: 'check', hosts, withoutHosts: [], core: '2.14.18' },
    stale: 'sha256:1',
  });

  it('names them, and those that were left out before although they answer now', () => {
    const seen = plan(host('a'), host('b', { unreachable: 'no route' }), host('c'));
    expect(leavingSilent(seen)).toMatchObject({ hosts: [{ host: 'a' }, { host: 'c' }], silent: ['b'] });
    expect(leavingSilent(seen, ['c'])).toMatchObject({ hosts: [{ host: 'a' }], silent: ['b', 'c'] });
    expect(summaryOf(leavingSilent(seen))).toContain('2 hosts');
  });

  it('is the same where all answer; one that fails is none of them', () => {
    const seen = plan(host('a', { failed: { task: 'x', why: 'y' } }));
    expect(leavingSilent(seen, ['gone'])).toBe(seen);
  });
});
