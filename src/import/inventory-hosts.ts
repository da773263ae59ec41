import { isMap, isNode, isScalar, parse, parseDocument, type YAMLMap } from 'yaml';
import { editYaml } from '../editors/yaml.ts';

/** A host that Ansible reaches, by its guest's name. */
export interface Host {
  name: string;
  address: string;
}

/** The text with these hosts behind those of `all`, one line each where it has lines. Throws CONFIG_INVALID. */
export function withHosts(text: string, hosts: readonly [Host, ...Host[]]): string {
  return emptyFilled(text, hosts) ?? appended(text, hosts[0], hosts);
}

function entry({ name, address }: Host): string {
  const key = /^[a-z][a-z0-9-]*$/.test(name) && parse(name) === name ? name : JSON.stringify(name);
  return `${key}: { ansible_host: ${inFlow(address)} }`;
}

/** `hosts: {}` or `hosts:` of `all` becomes a map over several lines; absent where it is not empty. */
function emptyFilled(text: string, hosts: readonly Host[]): string | undefined {
  const node = parseDocument(text, { logLevel: 'error' }).getIn(['all', 'hosts'], true);
  const empty = isMap(node) ? node.flow === true && node.items.length === 0 : isScalar(node) && node.value === null;
  if (!empty || !isNode(node)) return undefined;
  const [start = 0, end = 0] = node.range ?? [];
  const line = text.lastIndexOf('\n', start - 1) + 1;
  const indent = ' '.repeat(Math.max(text.slice(line).search(/\S/), 0) + 2);
  const lines = hosts.map((host) => `\n${indent}${entry(host)}`);
  return text.slice(0, start).trimEnd() + lines.join('') + text.slice(end);
}

// What one line of a map is found again by: the entries are written in its place.
const placeholder = 'gitmend-writes-here';

function appended(text: string, first: Host, hosts: readonly Host[]): string {
  const open = editYaml(text, [{ path: ['all', 'hosts', first.name], value: placeholder }]);
  const at = open.indexOf(placeholder);
  const line = open.lastIndexOf('\n', at) + 1;
  const isOwnLine = open.slice(line, at).trim() === `${entry(first).split(':')[0] ?? ''}:`;
  const between = isOwnLine ? `\n${' '.repeat(open.slice(line).search(/\S/))}` : ', ';
  const begin = isOwnLine ? line + open.slice(line).search(/\S/) : open.lastIndexOf(first.name, at);
  return open.slice(0, begin) + hosts.map(entry).join(between) + open.slice(at + placeholder.length);
}

/** Every place where a host is named: `all.children.web.hosts.nextcloud`. */
export function placesIn(root: unknown): Map<string, string[][]> {
  const places = new Map<string, string[][]>();
  for (const group of isMap(root) ? groupsIn(root, []) : []) {
    const hosts: unknown = isMap(root) ? root.getIn([...group, 'hosts'], true) : undefined;
    for (const { key } of isMap(hosts) ? hosts.items : []) {
      const name = isScalar(key) ? String(key.value) : '';
      places.set(name, [...(places.get(name) ?? []), [...group, 'hosts', name]]);
    }
  }
  return places;
}

/** The groups of a level, each with those below it (`children`). */
function groupsIn(level: YAMLMap, path: string[]): string[][] {
  return level.items.flatMap(({ key, value }) => {
    const own = isScalar(key) ? [...path, String(key.value)] : undefined;
    if (own === undefined) return [];
    const children: unknown = isMap(value) ? value.get('children', true) : undefined;
    return [own, ...(isMap(children) ? groupsIn(children, [...own, 'children']) : [])];
  });
}

/** An address of IPv6 stands in quotes: a colon ends a key. */
export function inFlow(address: string): string {
  return address.includes(':') ? JSON.stringify(address) : address;
}
