import { describe, expect, it } from 'vitest';
import { linkText } from '../../src/core/change-set.ts';
import { placesOf, saidOf, tasks } from './examples.ts';

const show = (expression: string) => tasks(`- ansible.builtin.debug:\n    msg: >-\n      {{ ${expression} }}`);
const kinds = (files: { [path: string]: string }, allowed = {}) => saidOf(files, allowed).map(({ kind }) => kind);

describe('each word of a lookup is judged', () => {
  it.each([
    `lookup('file', 'motd.txt', '/etc/shadow')`,
    `lookup('file', 'motd.txt', path)`,
    `lookup('file', 'motd' ~ path)`,
    `lookup('file', ['motd.txt', '/etc/shadow'])`,
    `query('file', 'motd.txt', '../../../key')`,
    `q('file', 'motd.txt', '/etc/shadow')`,
    `lookup('ansible.builtin.fileglob', 'a/*', '/root/*', wantlist=True)`,
    `lookup('first_found', 'motd.txt,/etc/shadow')`,
    `lookup('first_found', 'motd.txt', paths='/etc')`,
    `lookup('first_found', {'files': ['shadow'], 'paths': ['/etc']})`,
    `lookup('template', 'motd.j2', variable_start_string='[[')`,
    `lookup('file', 'motd.txt', _terms=more)`,
    `lookup('env', 'SMTP_PASSWORD', 'HOME')`,
    `lookup('file')`,
    `lookup('pi' 'pe', 'id')`,
    `lookup('file' if plain else kind, 'motd.txt')`,
    `lookup(['pipe'][0], 'id')`,
    `lookup('to' + 'String', 'id')`,
    `lookup('constructor', 'id')`,
    `(lookup)('pipe', 'id')`,
    `[query, 1][0]('pipe', 'id')`,
    `(q)('pipe', 'id')`,
    `['/etc/*'] | map('fileglob')`,
    `['/etc/*'] | map(how)`,
    `['x'] | map('ansible.builtin.expandvars')`,
    `''.__class__`,
    `port['__class__']`,
    `port | some.thing.shell`,
  ])('%s', (expression) => {
    expect(kinds(show(expression), { environment: ['SMTP_PASSWORD'] })).toContain('runs-in-check');
  });

  it.each([
    `lookup('file', 'motd.txt', 'more.txt')`,
    `lookup('file', 'motd.txt', errors='ignore', rstrip=False)`,
    `query('fileglob', 'a/*', 'b/*')`,
    `lookup('env', 'SMTP_PASSWORD', default='')`,
    `lookup('dict', {'a': 1, 'b': {'c': [2, 3]}})`,
    `groups['web'] | map('extract', 'x') | map(attribute='name') | list`,
    `port | known.filters.upper`,
    `words(q=1)`,
  ])('%s is taken', (expression) => {
    expect(saidOf(show(expression), { environment: ['SMTP_PASSWORD'], collections: ['known.filters'] })).toEqual([]);
  });

  it.each([
    [`with_file: [motd.txt, /etc/shadow]`, 1],
    [`with_file: [motd.txt, "{{ path }}"]`, 1],
    [`with_first_found: [{ files: [shadow], paths: [/etc] }]`, 1],
    [`with_ansible.builtin.fileglob: [a/*, /root/*]`, 1],
    [`with_constructor: [a]`, 1],
    [`with_file: [motd.txt, more.txt]`, 0],
  ])('%s', (loop, objections) => {
    expect(saidOf(tasks(`- ansible.builtin.debug: {}\n  ${loop}`))).toHaveLength(objections);
  });
});

describe('a symbolic link is refused by its name', () => {
  it.each([
    'group_vars/all.yaml',
    'host_vars/one',
    'inventory.yaml',
    'files/motd',
    'roles/a/tasks/main.yaml',
    'group_vars',
  ])('%s', (path) => {
    expect(placesOf(saidOf({ [path]: linkText('/etc/shadow') }))).toContain(`unreadable ${path}:0`);
  });
});
