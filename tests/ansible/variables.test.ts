import { describe, expect, it } from 'vitest';
import { placesOf, saidOf } from './examples.ts';

// Somebody may change nothing but variables and the inventory, and wants to run something where gitmend looks.

const host = (words: string): { [path: string]: string } => ({
  'inventory.yaml': `all:\n  hosts:\n    one: ${words}\n`,
});
const variables = (text: string): { [path: string]: string } => ({ 'group_vars/all.yaml': text });

describe('a variable that decides how or where Ansible runs is refused by its name', () => {
  it.each([
    'ansible_connection: local',
    'ansible_connection: "{{ how }}"',
    'ansible_python_interpreter: /tmp/evil',
    'ansible_python_interpreter: "/usr/bin/python3 -c x"',
    'ansible_perl_interpreter: /tmp/evil',
    'ansible_ssh_common_args: -o ProxyCommand=id',
    'ansible_ssh_extra_args: -o ProxyCommand=id',
    'ansible_ssh_args: -o ProxyCommand=id',
    'ansible_ssh_executable: /tmp/evil',
    'ansible_ssh_host: -oProxyCommand=id',
    'ansible_host: -oProxyCommand=id',
    'ansible_host: "a b"',
    'ansible_user: "root -o ProxyCommand=id"',
    'ansible_port: "22 -o ProxyCommand=id"',
    'ansible_sftp_extra_args: -S /tmp/evil',
    'ansible_shell_executable: /tmp/evil',
    'ansible_shell_type: powershell',
    'ansible_become_exe: /tmp/evil',
    'ansible_become_flags: "-u root /tmp/evil"',
    'ansible_become_method: community.general.machinectl',
    'ansible_become_user: "root; id"',
    'ansible_remote_tmp: "$(id)"',
    'ansible_async_dir: "$(id)"',
    'ansible_ssh_private_key_file: /etc/shadow',
    'ansible_host_key_checking: false',
    'ansible_facts: { a: b }',
    '_ansible_check_mode: false',
    'hostvars: {}',
    'playbook_dir: /tmp',
    'omit: x',
  ])('%s', (line) => {
    const [name = ''] = line.split(':');
    expect(saidOf(variables(`${line}\n`))).toMatchObject([
      { kind: 'variable', file: 'ansible/group_vars/all.yaml', line: 1, name },
    ]);
    expect(saidOf(host(`{ ${line} }`))).toMatchObject([{ kind: 'variable', line: 3, name }]);
    expect(saidOf({ 'inventory.yaml': `all:\n  vars:\n    ${line}\n` })).toMatchObject([
      { kind: 'variable', line: 3, name },
    ]);
  });

  it.each([
    'ansible_host: db.home.lan',
    'ansible_host: fd00::20',
    'ansible_port: 2222',
    'ansible_user: ops',
    'ansible_connection: ssh',
    'ansible_python_interpreter: auto',
    'ansible_python_interpreter: /usr/bin/python3.12',
    'ansible_become: true',
    'ansible_become_password: "{{ sudo_password }}"',
  ])('%s may be set', (line) => {
    expect(saidOf(variables(`${line}\n`))).toEqual([]);
  });
});

describe('a value under review may name variables, and nothing else', () => {
  it.each([
    `"{{ lookup('pipe', 'id') }}"`,
    `"{{ query('pipe', 'id') }}"`,
    `"{{ q('pipe', 'id') }}"`,
    `"{% set x = lookup('pipe', 'id') %}"`,
    `"{{ lookup('ansible.builtin.pipe', 'id') }}"`,
    `"{{ lookup('pi' ~ 'pe', 'id') }}"`,
    `"{{ lookup(name, 'id') }}"`,
    `"{{ '' if false else lookup('file', '/etc/passwd') }}"`,
    `!unsafe "{{ lookup('pipe', 'id') }}"`,
    `"{{ lookup('pipe', '}}') }}"`,
  ])('%s runs something, and is refused for that', (value) => {
    expect(placesOf(saidOf(variables(`safe: 1\nevil: ${value}\n`)))).toEqual(['runs-in-check group_vars/all.yaml:2']);
  });

  it.each([
    `"{{ ''.__class__.__mro__ }}"`,
    `"{{ cycler.__init__.__globals__.os.popen('id').read() }}"`,
    `"{{ name | attr('__class__') }}"`,
    `"{{ name['__class__'] }}"`,
    `"{{ name[other] }}"`,
    `"{{ secret[0] }}"`,
    `"{{ secret | b64encode }}"`,
    `"{{ secret | lower }}"`,
    `"{{ a ~ b }}"`,
    `"{{ f() }}"`,
    `"{{ name | default(f()) }}"`,
    `"{# hidden #}"`,
    `"{% raw %}x{% endraw %}"`,
    `"{{ brace }}{ lookup"`,
    `"{"`,
    `"text {"`,
    `"lookup('pipe', 'id')"`,
    `"#jinja2: variable_start_string: '[['\\n[[ evil ]]"`,
    `"{{ 7 }}"`,
    `"{{ name"`,
    `"{{ name | default('a"`,
  ])('%s is more than a name', (value) => {
    const kinds = saidOf(variables(`safe: 1\nevil: [ { deep: ${value} } ]\n`)).map(({ kind, line }) => [kind, line]);
    const reaches = value.includes('__') ? 'runs-in-check' : 'template';
    expect([...new Set(kinds.map(String))]).toEqual([`${reaches},2`]);
  });

  it.each([
    '"{{ site.name }}"',
    `"{{ hostvars['one']['port'] }}"`,
    `"{{ groups['web'][0] }}:{{ port }}"`,
    '"{{ port | default(80) | int }}"',
    `"{{ name | default('plain') }}"`,
    '"{{ name | default(other) }}"',
    `'{"json": [1, 2]}'`,
    '"$HOME is no template"',
  ])('%s is taken', (value) => {
    expect(saidOf(variables(`good: ${value}\n`))).toEqual([]);
  });

  it('a template that was approved in the same file stays', () => {
    expect(saidOf(variables('banner: "{{ inventory_hostname }} listens"\n'))).toEqual([]);
    const rich = `x: "{{ groups['web'] | map('upper') | list }}"\n`;
    expect(placesOf(saidOf(variables(rich)))).toEqual(['template group_vars/all.yaml:1']);
  });

  it('a name that is a template is refused', () => {
    expect(placesOf(saidOf(variables('"{{ x }}": 1\n')))).toEqual(['hidden group_vars/all.yaml:1']);
  });
});

describe('a file that two readers could read differently is refused', () => {
  it.each([
    ['a line end that only Python sees', 'safe: 1 # words\u2028ansible_connection: local\n'],
    ['a next line character', 'safe: "1"\u0085ansible_connection: local\n'],
    ['a lonely carriage return', 'safe: 1 # words\ransible_connection: local\n'],
    ['two documents', 'safe: 1\n---\nansible_connection: local\n'],
    ['a key twice', 'safe: 1\nsafe: 2\n'],
    ['a tag of Python', 'safe: !!python/object/apply:os.system [id]\n'],
    ['a tag of its own', 'safe: !evil 1\n'],
    ['no map', '- a\n'],
    ['a key that is a list', '? [a]\n: 1\n'],
    ['broken YAML', 'safe: [\n'],
  ])('%s', (_, text) => {
    expect(saidOf(variables(text)).map(({ kind }) => kind)).toContain('unreadable');
  });

  it('what a merge key or an alias brings in is judged too', () => {
    const text = 'base: &base\n  ansible_connection: local\n<<: *base\n';
    expect(saidOf(variables(text))).toMatchObject([{ kind: 'variable', name: 'ansible_connection', line: 2 }]);
  });

  it('a key that hides behind an escape is read', () => {
    expect(saidOf(variables('"ansible\\u005fconnection": local\n'))).toMatchObject([{ name: 'ansible_connection' }]);
  });
});

describe('an inventory is hosts in groups', () => {
  it.each([
    ['a program', '#!/bin/sh\nid\n', 'own-code'],
    ['a plugin', 'plugin: amazon.aws.aws_ec2\n', 'own-code'],
    ['the old form', '[web]\none ansible_connection=local\n', 'unreadable'],
    ['a host that is an option of ssh', 'all:\n  hosts:\n    "-oProxyCommand=id": {}\n', 'unreadable'],
    ['a host that is a pattern', 'all:\n  hosts:\n    "one:!two": {}\n', 'unreadable'],
    ['a host in a template', 'all:\n  hosts:\n    "{{ x }}": {}\n', 'unreadable'],
    ['a word of its own', 'all:\n  host: {}\n', 'unreadable'],
    ['a list', 'all:\n  hosts: [one]\n', 'unreadable'],
    ['a range of a million', 'all:\n  hosts:\n    "web[000000:999999]": {}\n', 'unreadable'],
    ['ranges that multiply', 'all:\n  hosts:\n    "r[1:40]-[a:z]": {}\n', 'unreadable'],
  ])('%s is refused', (_, text, kind) => {
    expect(saidOf({ 'inventory.yaml': text }).map((one) => one.kind)).toContain(kind);
  });

  it('a range may name a thousand hosts', () => {
    expect(saidOf({ 'inventory.yaml': 'all:\n  hosts:\n    "web[1:1000]": {}\n' })).toEqual([]);
    expect(saidOf({ 'inventory.yaml': 'all:\n  hosts:\n    "web[0:9999:10]": {}\n' })).toEqual([]);
    expect(saidOf({ 'inventory.yaml': 'all:\n  hosts:\n    "web[1:1001]": {}\n' })).toHaveLength(1);
  });

  it('ranges and nested groups are taken', () => {
    const text =
      'all:\n  children:\n    web:\n      children:\n        far:\n          hosts:\n            "web[01:03].lan":\n';
    expect(saidOf({ 'inventory.yaml': text })).toEqual([]);
  });

  it('every file of a folder of inventories is judged', () => {
    const files = {
      'ansible.cfg': '[defaults]\ninventory = hosts.d\n',
      'hosts.d/a.yaml': 'all:\n',
      'hosts.d/b': '#!/bin/sh\n',
    };
    expect(placesOf(saidOf(files))).toEqual(['own-code hosts.d/b:1']);
  });
});
