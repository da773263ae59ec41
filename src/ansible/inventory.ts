import type { AnsibleObjection } from '../core/ansible.ts';
import type { Tree } from '../core/change-set.ts';
import { inventorySetting, settingsFile } from './settings.ts';
import { type Entry, unreadable, type Value } from './source.ts';
import { at, isNothing } from './values.ts';
import { objectionsToVariables } from './variables.ts';

/** A name that is one word to ssh, to a shell and to `--limit`. */
export const hostName = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$/;
const groupName = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$/;
const range = /\[(?:[0-9]{1,6}:[0-9]{1,6}(?::[0-9]{1,6})?|[a-z]:[a-z])\]/g;

/** Where the inventory lies: what `-i` is given, and its files; `undefined` where there is none. */
export function inventoryOf(tree: Tree): { path: string; files: string[] } | undefined {
  const own = inventorySetting(tree);
  const usual = ['inventory.yaml', 'inventory.yml', 'hosts.yaml', 'hosts.yml', 'inventory', 'hosts', 'inventory.ini'];
  for (const name of own === undefined ? usual : [own]) {
    const path = `ansible/${name}`;
    if (tree.has(path)) return { path, files: [path] };
    const files = [...tree.keys()].filter((one) => one.startsWith(`${path}/`) && !ignored(one.slice(path.length)));
    if (files.length > 0) return { path, files: files.sort() };
  }
  return undefined;
}

/** What Ansible leaves out of a folder of inventories: variables, hidden files, and endings that are none of its own. */
function ignored(inside: string): boolean {
  return (
    /\/(?:group_vars|host_vars)\//.test(inside) ||
    /\/\./.test(inside) ||
    /(?:~|\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry))$/.test(inside)
  );
}

/** Said where there is no inventory to read. */
export function withoutInventory(): AnsibleObjection {
  return unreadable(settingsFile, 0, 'names no inventory of this repository', 'Write ansible/inventory.yaml');
}

/** What of an inventory is no list of hosts in groups, or decides how Ansible runs. */
export function objectionsToInventory(file: string, text: string, value: Value | undefined): AnsibleObjection[] {
  if (text.startsWith('#!')) return [program(file, 'is a program, which would run to tell its hosts')];
  if (at(value, 'plugin') !== undefined) return [program(file, 'is made by a plugin, which runs to find its hosts')];
  const convert = 'ansible-inventory -i FILE --list --yaml --export prints it as YAML';
  if (value?.kind !== 'map') return [unreadable(file, 0, 'is no inventory in YAML', convert)];
  return value.entries.flatMap((entry) => group(file, entry));
}

function program(file: string, what: string): AnsibleObjection {
  const next = 'Write the hosts down: ansible-inventory --list --yaml --export prints them';
  return { kind: 'own-code', file, line: 1, name: '', why: `${file} ${what}`, next };
}

function group(file: string, { key, line, value }: Entry): AnsibleObjection[] {
  const name = groupName.test(key) ? [] : [unreadable(file, line, `names a group ${JSON.stringify(key)}`)];
  if (isNothing(value)) return name;
  if (value.kind !== 'map') return [...name, unreadable(file, line, `says of the group ${key} what is no map`)];
  return value.entries.reduce((all, part) => [...all, ...partOfGroup(file, part)], name);
}

function partOfGroup(file: string, { key, line, value }: Entry): AnsibleObjection[] {
  if (isNothing(value) && ['hosts', 'vars', 'children'].includes(key)) return [];
  if (value.kind !== 'map') return [unreadable(file, line, `has ${key}: where hosts:, vars: or children: hold a map`)];
  if (key === 'vars') return objectionsToVariables(file, value);
  if (key === 'children') return value.entries.flatMap((entry) => group(file, entry));
  if (key === 'hosts') return value.entries.flatMap((entry) => host(file, entry));
  return [unreadable(file, line, `has ${key}: in a group`, 'Known: hosts, vars, children')];
}

function host(file: string, { key, line, value }: Entry): AnsibleObjection[] {
  const plain = hostName.test(key.replace(range, '0'));
  const many = hostsNamed(key);
  const name = [
    ...(plain ? [] : [unreadable(file, line, `names a host ${JSON.stringify(key)}`, 'Write a plain name')]),
    ...(many > mostOfRange ? [unreadable(file, line, `names ${many} hosts by ${key}`, `At most ${mostOfRange}`)] : []),
  ];
  const map = value.kind === 'map' || isNothing(value);
  if (!map) return [...name, unreadable(file, line, `says of the host ${key} what is no map`)];
  return [...name, ...objectionsToVariables(file, value)];
}

/** Ansible makes a host of each, in memory, before it asks any. */
const mostOfRange = 1000;

/** How many hosts a name with ranges stands for: `web[01:20]` is 20. A range of letters is 26 at most. */
function hostsNamed(key: string): number {
  return (key.match(range) ?? []).reduce((all, text) => {
    const [from = 0, to = 0, step = 1] = (text.match(/\d+/g) ?? ['0', '25']).map(Number);
    return all * Math.max(1, Math.floor((to - from) / Math.max(1, step)) + 1);
  }, 1);
}
