import { describe, expect, it } from 'vitest';
import { plainAddress, waysIn } from '../../src/ansible/addresses.ts';
import { placesOf, saidOf, tasks, treeWith } from './examples.ts';

/** The way to one host, as a tree's files say it. */
const way = (host: string, files: { [path: string]: string }) => waysIn(treeWith(files)).get(host);
const inventory = (text: string) => ({ 'inventory.yaml': text });

describe('an address', () => {
  it.each([
    ['192.168.1.20', '192.168.1.20'],
    ['192.168.1.024', '192.168.1.20'],
    ['0xC0A80114', '192.168.1.20'],
    ['3232235796', '192.168.1.20'],
    ['192.168.276', '192.168.1.20'],
    ['::ffff:192.168.1.20', '192.168.1.20'],
    ['FD00:0:0::20', 'fd00::20'],
    ['Postgres.LAN', 'postgres.lan'],
    ['web_1', 'web_1'],
    [':::', ':::'],
  ])('%s is %s', (text, plain) => {
    expect(plainAddress(text)).toBe(plain);
  });
});

describe('the way to a host, as files say it', () => {
  it('is its own name where they say nothing, and the address of its line or of its variables', () => {
    expect(way('one', inventory('all: { hosts: { one: } }\n'))).toEqual({ addresses: ['one'], ports: [''] });
    expect(way('one', inventory('all: { hosts: { one: { ansible_host: 10.0.0.1, ansible_port: 22 } } }\n'))).toEqual({
      ...{ addresses: ['10.0.0.1'], ports: [''] },
    });
    const both = { ...inventory('all: { hosts: { one: { ansible_host: 10.0.0.1 } } }\n') };
    expect(way('one', { ...both, 'host_vars/one/way.yaml': 'ansible_host: 10.0.0.2\nansible_port: 2222\n' })).toEqual({
      ...{ addresses: ['10.0.0.1', '10.0.0.2'], ports: ['2222'] },
    });
  });

  it('is that of its groups, however far above, and of no other', () => {
    const nested = `all:
  children:
    racks: { children: { web: }, vars: { ansible_port: 2201 } }
    web: { hosts: { "web[01:02]": } }
    db: { hosts: { db: } }
`;
    const files = { ...inventory(nested), 'group_vars/web.yaml': 'ansible_host: 10.0.0.9\n' };
    expect(way('web02', files)).toEqual({ addresses: ['10.0.0.9'], ports: ['2201'] });
    expect(way('db', files)).toEqual({ addresses: ['db'], ports: [''] });
    expect(way('db', { ...files, 'group_vars/all.yaml': 'ansible_port: 2200\n' })?.ports).toEqual(['2200']);
    expect([...waysIn(treeWith(inventory('all: { hosts: { "n[a:c]-[1:3:2]": } }\n'))).keys()]).toEqual([
      ...['na-1', 'na-3', 'nb-1', 'nb-3', 'nc-1', 'nc-3'],
    ]);
  });
});

describe('what would lead a play to another host than its plan names', () => {
  it.each([
    ['- ansible.builtin.ping:\n  vars: { ansible_host: 192.168.1.20 }', 'variable'],
    ['- ansible.builtin.ping:\n  vars: { ansible_port: 2222 }', 'variable'],
    ['- ansible.builtin.set_fact: { ansible_host: 192.168.1.20 }', 'variable'],
    ['- ansible.builtin.set_fact: { "{{ name }}": 192.168.1.20 }', 'hidden'],
    ['- ansible.builtin.ping:\n  loop: "{{ others }}"\n  loop_control: { loop_var: ansible_host }', 'hidden'],
    ['- ansible.builtin.ping:\n  loop: "{{ others }}"\n  loop_control: { index_var: ansible_port }', 'hidden'],
    ['- ansible.builtin.slurp: { src: /etc/where }\n  register: ansible_host', 'hidden'],
  ])('%s', (text, kind) => {
    expect(saidOf(tasks(text)).map((one) => one.kind)).toEqual([kind]);
  });

  it('is refused in variables that a play loads, and taken with the hosts', () => {
    const loads = { 'playbooks/site.yaml': '- hosts: web\n  vars_files: [way.yaml]\n' };
    const way = 'ansible_host: 192.168.1.20\n';
    expect(placesOf(saidOf({ ...loads, 'playbooks/vars/way.yaml': way }))).toEqual([
      'variable playbooks/vars/way.yaml:1',
    ]);
    expect(saidOf({ 'host_vars/one.yaml': way })).toEqual([]);
  });

  it('is judged beside the inventory too, wherever that lies', () => {
    const elsewhere = {
      'ansible.cfg': '[defaults]\ninventory = homes/one/hosts.yaml\n',
      'homes/one/hosts.yaml': 'all: { hosts: { one: } }\n',
      'homes/one/group_vars/all.yaml': `x: "{{ lookup('pipe', 'id') }}"\n`,
    };
    expect(placesOf(saidOf(elsewhere))).toEqual(['runs-in-check homes/one/group_vars/all.yaml:1']);
    const folder = { ...elsewhere, 'ansible.cfg': '[defaults]\ninventory = homes/one\n' };
    expect(placesOf(saidOf(folder))).toEqual(['runs-in-check homes/one/group_vars/all.yaml:1']);
  });
});
