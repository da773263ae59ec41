import { describe, expect, it } from 'vitest';
import { saidOf, placesOf, tasks } from './examples.ts';

const site = 'playbooks/site.yaml';

it('a plain repository is taken', () => {
  expect(saidOf({})).toEqual([]);
});

describe('what runs although nothing shall be changed is refused by its name', () => {
  it.each([
    ['check_mode: false', '- name: Look\n  ansible.builtin.command: id\n  check_mode: false', 'runs-in-check', 5],
    ['check_mode: "no"', '- ansible.builtin.command: id\n  check_mode: "no"', 'runs-in-check', 4],
    ['check_mode in a variable', '- ansible.builtin.command: id\n  check_mode: "{{ dry }}"', 'runs-in-check', 4],
    ['check_mode of a block', '- block:\n    - ansible.builtin.command: id\n  check_mode: false', 'runs-in-check', 5],
    ['lookup pipe', `- ansible.builtin.debug: { msg: "{{ lookup('pipe', 'id') }}" }`, 'runs-in-check', 3],
    ['lookup url', `- ansible.builtin.debug: { msg: "{{ lookup('url', 'http://x') }}" }`, 'runs-in-check', 3],
    ['lookup password', `- ansible.builtin.debug: { msg: "{{ lookup('password', '/tmp/x') }}" }`, 'runs-in-check', 3],
    ['lookup env', `- ansible.builtin.debug: { msg: "{{ lookup('env', 'HOME') }}" }`, 'runs-in-check', 3],
    [
      'lookup file outside',
      `- ansible.builtin.debug: { msg: "{{ lookup('file', '/etc/shadow') }}" }`,
      'runs-in-check',
      3,
    ],
    ['lookup file hidden', `- ansible.builtin.debug: { msg: "{{ lookup('file', path) }}" }`, 'runs-in-check', 3],
    ['lookup of a collection', `- ansible.builtin.debug: { msg: "{{ lookup('a.b.c') }}" }`, 'runs-in-check', 3],
    ['lookup in a variable', '- ansible.builtin.debug: { msg: "{{ lookup(kind) }}" }', 'runs-in-check', 3],
    ['lookup in a condition', `- ansible.builtin.debug: {}\n  when: lookup('pipe', 'id') == 'x'`, 'runs-in-check', 4],
    ['lookup in an assertion', `- ansible.builtin.assert: { that: ["lookup('pipe', 'id')"] }`, 'runs-in-check', 3],
    [
      'lookup behind a filter',
      `- ansible.builtin.debug: { msg: "{{ 1 | int ~ query('pipe', 'id') }}" }`,
      'runs-in-check',
      3,
    ],
    ['with_lines', '- ansible.builtin.debug: {}\n  with_lines: id', 'runs-in-check', 4],
    ['with_pipe', '- ansible.builtin.debug: {}\n  with_pipe: id', 'runs-in-check', 4],
    ['with_file outside', '- ansible.builtin.debug: {}\n  with_file: [/etc/shadow]', 'runs-in-check', 4],
    ['the filter fileglob', '- ansible.builtin.debug: { msg: "{{ \'/etc/*\' | fileglob }}" }', 'runs-in-check', 3],
    [
      'the filter expandvars',
      '- ansible.builtin.debug: { msg: "{{ x | ansible.builtin.expandvars }}" }',
      'runs-in-check',
      3,
    ],
  ])('%s', (_, text, kind, line) => {
    expect(placesOf(saidOf(tasks(text)))).toEqual([`${kind} ${site}:${line}`]);
  });

  it('a lookup that only rearranges, reads the tree or a named variable is taken', () => {
    const text = [
      `- ansible.builtin.debug: { msg: "{{ lookup('vars', 'port') }}" }`,
      `- ansible.builtin.debug: { msg: "{{ lookup('file', 'motd.txt') }}" }`,
      `- ansible.builtin.debug: { msg: "{{ lookup('env', 'SMTP_PASSWORD') }}" }`,
      '- ansible.builtin.debug: { msg: "{{ item.key }}" }\n  with_dict: "{{ users }}"',
    ].join('\n');
    expect(saidOf(tasks(text), { environment: ['SMTP_PASSWORD'] })).toEqual([]);
  });

  it('templates are looked through', () => {
    const files = {
      'playbooks/templates/a.j2': `one\n{% set x = lookup('pipe', 'id') %}\n`,
      'roles/r/templates/b': `{{ q('pipe', 'id') }}`,
    };
    expect(placesOf(saidOf(files))).toEqual([
      'runs-in-check playbooks/templates/a.j2:2',
      'runs-in-check roles/r/templates/b:1',
    ]);
    expect(placesOf(saidOf({ 'playbooks/templates/a.j2': "#jinja2: variable_start_string: '[['\n[[ x ]]\n" }))).toEqual(
      ['hidden playbooks/templates/a.j2:1'],
    );
  });
});

describe('what acts elsewhere than on the host is refused by its name', () => {
  it.each([
    ['delegate_to: localhost', '- ansible.builtin.command: id\n  delegate_to: localhost', 'runs-here', 4],
    ['delegate_to: 127.0.0.1', '- ansible.builtin.command: id\n  delegate_to: 127.0.0.1', 'runs-here', 4],
    ['delegate_to another', '- ansible.builtin.command: id\n  delegate_to: two', 'hidden', 4],
    ['delegate_to a variable', '- ansible.builtin.command: id\n  delegate_to: "{{ x }}"', 'hidden', 4],
    ['local_action', '- local_action: ansible.builtin.command id', 'runs-here', 3],
    ['connection: local', '- ansible.builtin.command: id\n  connection: local', 'runs-here', 4],
    ['connection in a variable', '- ansible.builtin.command: id\n  connection: "{{ x }}"', 'runs-here', 4],
    ['fetch', '- ansible.builtin.fetch: { src: /etc/x, dest: /tmp }', 'runs-here', 3],
    ['add_host', '- ansible.builtin.add_host: { name: x, ansible_connection: local }', 'hidden', 3],
    ['copy of a file outside', '- ansible.builtin.copy: { src: /etc/shadow, dest: /tmp/x }', 'runs-here', 3],
    ['copy of a hidden file', '- ansible.builtin.copy: { src: "{{ x }}", dest: /tmp/x }', 'hidden', 3],
    ['copy as one text', '- ansible.builtin.copy: src={{ x }} dest=/tmp/x', 'hidden', 3],
    ['template upwards', '- ansible.builtin.template: { src: ../../../etc/shadow, dest: /tmp/x }', 'runs-here', 3],
    ['unarchive', '- ansible.builtin.unarchive: { src: "{{ x }}", dest: /tmp/x }', 'hidden', 3],
    ['script', '- ansible.builtin.script: /tmp/x.sh', 'runs-here', 3],
    ['set_fact of the connection', '- ansible.builtin.set_fact: { ansible_connection: local }', 'variable', 3],
    ['vars of the connection', '- ansible.builtin.debug: {}\n  vars:\n    ansible_connection: local', 'variable', 5],
  ])('%s', (_, text, kind, line) => {
    expect(placesOf(saidOf(tasks(text)))).toEqual([`${kind} ${site}:${line}`]);
  });

  it.each([
    ['hosts: localhost', '- hosts: localhost\n', 'runs-here', 1],
    ['hosts in a list', '- hosts: [web, localhost]\n', 'runs-here', 1],
    ['hosts in a variable', '- hosts: "{{ where }}"\n', 'hidden', 1],
    ['connection of the play', '- hosts: web\n  connection: local\n', 'runs-here', 2],
    ['vars of the play', '- hosts: web\n  vars: { ansible_connection: local }\n', 'variable', 2],
    ['vars_prompt', '- hosts: web\n  vars_prompt: [{ name: x }]\n', 'asks', 2],
    ['vars_files in a variable', '- hosts: web\n  vars_files: ["{{ x }}.yaml"]\n', 'hidden', 2],
    ['the debugger as strategy', '- hosts: web\n  strategy: debug\n', 'asks', 2],
    ['become_user in a variable', '- hosts: web\n  become_user: "{{ x }}"\n', 'hidden', 2],
    ['collections', '- hosts: web\n  collections: [community.general]\n', 'collection', 2],
    ['check_mode of the play', '- hosts: web\n  check_mode: false\n', 'runs-in-check', 2],
    ['an unknown word', '- hosts: web\n  evil: 1\n', 'unreadable', 2],
    ['no hosts', '- tasks: []\n', 'unreadable', 1],
    ['another playbook in a variable', '- import_playbook: "{{ x }}.yaml"\n', 'hidden', 1],
    ['no list', 'hosts: web\n', 'unreadable', 0],
  ])('%s', (_, text, kind, line) => {
    expect(placesOf(saidOf({ [site]: text }))).toEqual([`${kind} ${site}:${line}`]);
  });
});

describe('what only a run would tell is refused by its name', () => {
  it.each([
    ['a module in a variable', '- action: "{{ module }} x=1"', 'hidden', 3],
    ['arguments in a variable', '- ansible.builtin.copy: "{{ all }}"', 'hidden', 3],
    ['args in a variable', '- ansible.builtin.copy: {}\n  args: "{{ all }}"', 'hidden', 3],
    ['tasks in a variable', '- ansible.builtin.include_tasks: "{{ x }}.yaml"', 'hidden', 3],
    ['tasks that are not there', '- ansible.builtin.include_tasks: more.yaml', 'unreadable', 3],
    ['a role in a variable', '- ansible.builtin.include_role: { name: "{{ x }}" }', 'hidden', 3],
    ['a role that is not there', '- ansible.builtin.import_role: { name: absent }', 'unreadable', 3],
    ['a role upwards', '- ansible.builtin.import_role: { name: ../../x }', 'unreadable', 3],
    ['a role of a collection', '- ansible.builtin.import_role: { name: a.b.c }', 'collection', 3],
    ['variables in a variable', '- ansible.builtin.include_vars: "{{ x }}.yaml"', 'hidden', 3],
    ['variables of a folder', '- ansible.builtin.include_vars: { dir: vars }', 'hidden', 3],
    ['a condition in a variable', '- ansible.builtin.debug: {}\n  when: "{{ cond }}"', 'hidden', 4],
    ['an assertion in a variable', '- ansible.builtin.assert: { that: "{{ cond }}" }', 'hidden', 3],
    ['debug of a variable', '- ansible.builtin.debug: { var: "{{ x }}" }', 'hidden', 3],
    ['no_log in a variable', '- ansible.builtin.debug: {}\n  no_log: "{{ x }}"', 'hidden', 4],
    ['an environment in a variable', '- ansible.builtin.debug: {}\n  environment: "{{ x }}"', 'hidden', 4],
    ['the debugger', '- ansible.builtin.debug: {}\n  debugger: always', 'asks', 4],
    ['another inventory', '- ansible.builtin.meta: refresh_inventory', 'hidden', 3],
    ['no module', '- name: x', 'unreadable', 3],
    ['two modules', '- ansible.builtin.debug: {}\n  ansible.builtin.copy: {}', 'unreadable', 3],
    ['a module of a collection', '- community.general.timezone: { name: Etc/UTC }', 'collection', 3],
    ['a module by half its name', '- timezone: { name: Etc/UTC }', 'collection', 3],
  ])('%s', (_, text, kind, line) => {
    expect(placesOf(saidOf(tasks(text)))).toEqual([`${kind} ${site}:${line}`]);
  });

  it('a collection that gitmend.yaml names may be used', () => {
    const text =
      '- community.general.timezone: { name: Etc/UTC }\n- ansible.builtin.import_role: { name: community.general.x }';
    expect(saidOf(tasks(text), { collections: ['community.general'] })).toEqual([]);
  });
});

describe('what a playbook brings in is read as well', () => {
  const bad = '- ansible.builtin.command: id\n  check_mode: false\n';

  it.each([
    [
      'included tasks',
      { 'playbooks/more.yaml': bad },
      '- ansible.builtin.include_tasks: more.yaml',
      'playbooks/more.yaml',
    ],
    [
      'imported tasks',
      { 'playbooks/tasks/more.yml': bad },
      '- ansible.builtin.import_tasks: { file: more.yml }',
      'playbooks/tasks/more.yml',
    ],
    [
      'a role',
      { 'roles/r/tasks/main.yaml': bad },
      '- ansible.builtin.include_role: { name: r }',
      'roles/r/tasks/main.yaml',
    ],
    [
      'a handler of a role',
      { 'roles/r/handlers/main.yml': bad },
      '- ansible.builtin.include_role: { name: r }',
      'roles/r/handlers/main.yml',
    ],
    [
      'tasks of a role that something else includes',
      { 'roles/r/tasks/other.yaml': bad },
      '- ansible.builtin.import_role: { name: r }',
      'roles/r/tasks/other.yaml',
    ],
    [
      'a role that a role depends on',
      { 'roles/r/meta/main.yaml': 'dependencies: [s]\n', 'roles/s/tasks/main.yaml': bad },
      '- ansible.builtin.import_role: { name: r }',
      'roles/s/tasks/main.yaml',
    ],
    ['a rescue', {}, '- block: []\n  rescue:\n    - ansible.builtin.command: id\n      check_mode: false', site],
  ])('%s', (_, files: { [path: string]: string }, text, file) => {
    expect(saidOf({ ...files, ...tasks(text) })).toMatchObject([{ kind: 'runs-in-check', file: `ansible/${file}` }]);
  });

  it('another playbook, and tasks that include each other', () => {
    const files = {
      [site]: '- import_playbook: other.yaml\n',
      'playbooks/other.yaml': '- hosts: web\n  roles: [r]\n',
      'roles/r/tasks/main.yaml': '- ansible.builtin.include_tasks: a.yaml\n',
      'roles/r/tasks/a.yaml': `- ansible.builtin.include_tasks: main.yaml\n${bad}`,
    };
    expect(placesOf(saidOf(files))).toEqual(['runs-in-check roles/r/tasks/a.yaml:3']);
  });

  it('files of variables, wherever the playbook finds them', () => {
    const evil = 'ansible_connection: local\n';
    const files = {
      [site]: '- hosts: web\n  vars_files: [own.yaml]\n  roles: [{ role: r, vars: { ansible_connection: local } }]\n',
      'playbooks/vars/own.yaml': evil,
      'roles/r/defaults/main.yaml': evil,
      'host_vars/one.yaml': evil,
      'playbooks/group_vars/web/x.yaml': evil,
    };
    expect(placesOf(saidOf(files))).toEqual([
      'variable host_vars/one.yaml:1',
      'variable playbooks/group_vars/web/x.yaml:1',
      `variable ${site}:3`,
      'variable playbooks/vars/own.yaml:1',
      'variable roles/r/defaults/main.yaml:1',
    ]);
  });
});

describe('code and settings of the tree', () => {
  it.each([
    'library/evil.py',
    'playbooks/library/copy.py',
    'filter_plugins/evil.py',
    'playbooks/action_plugins/copy.py',
    'roles/r/lookup_plugins/x.py',
    'roles/r/module_utils/x.py',
    'vars_plugins/x.py',
    'callback_plugins/x.py',
    'collections/ansible_collections/a/b/plugins/modules/x.py',
    'playbooks/collections/x',
  ])('%s is code that Ansible would load', (path) => {
    expect(saidOf({ [path]: '' })).toMatchObject([{ kind: 'own-code', file: `ansible/${path}` }]);
  });

  it.each([
    ['vault_password_file = x', 'vaultPassword'],
    ['private_key_file = x', 'sshKey'],
    ['host_key_checking = False', 'Take the line out'],
    ['callback_plugins = ./x', 'Take the line out'],
    ['library = ./x', 'Take the line out'],
    ['inventory = /etc/ansible/hosts', 'Take the line out'],
    ['callbacks_enabled: profile_tasks', 'Take the line out'],
    ['hash_behaviour = merge', 'Take the line out'],
  ])('ansible.cfg: %s is refused', (line, next) => {
    const said = saidOf({ 'ansible.cfg': `[defaults]\n# words\n${line}\n` }).filter(({ kind }) => kind === 'setting');
    expect(said).toMatchObject([{ kind: 'setting', line: 3 }]);
    expect(said[0]?.next).toContain(next);
  });

  it('settings of other sections are refused too', () => {
    const text = '[ssh_connection]\nssh_args = -o ProxyCommand=id\n[privilege_escalation]\nbecome_method=sudo\n';
    expect(placesOf(saidOf({ 'ansible.cfg': text }))).toEqual(['setting ansible.cfg:2']);
  });
});
