import type { Value } from './source.ts';
import { at } from './values.ts';

/** A host of an inventory: what its own lines set, and every group that it is in, however far above. */
export interface HostGroups {
  groups: string[];
  inline: Value[];
}

interface Found {
  hosts: Map<string, HostGroups>;
  /** Variables of groups. */
  vars: Map<string, Value[]>;
  parents: Map<string, Set<string>>;
}

/** The hosts of an inventory's files, which were read as YAML. What is no group or host is left to the judgement of them. */
export function hostGroups(files: readonly Value[]): Pick<Found, 'hosts' | 'vars'> {
  const found: Found = { hosts: new Map(), vars: new Map(), parents: new Map() };
  for (const file of files) groupsOf(found, file, undefined);
  for (const host of found.hosts.values()) host.groups = above(host.groups, found.parents);
  return found;
}

function groupsOf(found: Found, value: Value | undefined, parent: string | undefined): void {
  for (const { key, value: inside } of value?.kind === 'map' ? value.entries : []) {
    const parents = found.parents.get(key) ?? new Set<string>();
    if (parent !== undefined) parents.add(parent);
    found.parents.set(key, parents);
    const vars = at(inside, 'vars');
    if (vars !== undefined) found.vars.set(key, [...(found.vars.get(key) ?? []), vars]);
    const hosts = at(inside, 'hosts');
    for (const entry of hosts?.kind === 'map' ? hosts.entries : [])
      for (const name of namesOfRange(entry.key)) addHost(found, name, key, entry.value);
    groupsOf(found, at(inside, 'children'), key);
  }
}

function addHost({ hosts }: Found, name: string, group: string, inline: Value): void {
  const host = hosts.get(name) ?? { groups: [], inline: [] };
  host.groups.push(group);
  host.inline.push(inline);
  hosts.set(name, host);
}

/** `all` holds every group. */
function above(groups: readonly string[], parents: Found['parents']): string[] {
  const all = new Set(['all']);
  const add = (group: string): void => {
    if (all.has(group) && group !== 'all') return;
    all.add(group);
    for (const one of parents.get(group) ?? []) add(one);
  };
  for (const group of groups) if (group !== 'all') add(group);
  return [...all];
}

const range = /\[(?:([0-9]{1,6}):([0-9]{1,6})(?::([0-9]{1,6}))?|([a-z]):([a-z]))\]/;
/** As many as an inventory may name by one line. */
const most = 1000;

/** `web[01:03]` → web01, web02, web03; a plain name is itself. */
export function namesOfRange(key: string): string[] {
  const found = range.exec(key);
  if (found === null) return [key];
  const [whole, from = '', to = '', step = '1', first, last] = found;
  const begin = key.slice(0, found.index);
  const rest = key.slice(found.index + whole.length);
  const middle =
    first === undefined || last === undefined
      ? count(Number(from), Number(to), Number(step)).map((n) => String(n).padStart(from.length, '0'))
      : count(first.charCodeAt(0), last.charCodeAt(0), 1).map((code) => String.fromCharCode(code));
  return middle.flatMap((one) => namesOfRange(begin + one + rest)).slice(0, most);
}

function count(from: number, to: number, step: number): number[] {
  const length = Math.min(most, Math.max(0, Math.floor((to - from) / Math.max(1, step)) + 1));
  return Array.from({ length }, (_, at) => from + at * Math.max(1, step));
}
