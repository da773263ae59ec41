import type { Tree } from '../core/change-set.ts';
import type { HostPlan, Reached } from '../core/ansible.ts';
import { hostGroups } from './groups.ts';
import { inventoryOf } from './inventory.ts';
import { readSource, type Value } from './source.ts';
import { kindOf } from './tree.ts';
import { at, textOf } from './values.ts';

/** What the files of a tree say of the way to one host, each value once. */
export interface Said {
  addresses: readonly string[];
  /** '' where none is said: SSH's own. */
  ports: readonly string[];
}

/**
 * An address as every reader writes it: `192.168.1.020`, `0xc0a80110` and `::ffff:192.168.1.16` are the `192.168.1.16` that
 * a connection goes to (inet_aton; RFC 5952), and a name has no capital letters.
 */
export function plainAddress(text: string): string {
  const url = `http://${text.includes(':') ? `[${text}]` : text}/`;
  const plain = URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : text.toLowerCase();
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(plain) ?? [];
  if (high === undefined || low === undefined) return plain;
  const [left, right] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [left >> 8, left & 255, right >> 8, right & 255].join('.');
}

/** Whether an address says by itself where it leads; a name is what somebody's DNS makes of it. */
export function isNumber(address: string): boolean {
  return /:|^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(address);
}

/** The way to each host of a tree's inventory, as its files say it. What is encrypted is not read. */
export function waysIn(tree: Tree): Map<string, Said> {
  const inventory = inventoryOf(tree);
  const read = (path: string): Value | undefined => readSource(path, tree.get(path) ?? '').value;
  const { hosts, vars } = hostGroups((inventory?.files ?? []).flatMap((path) => read(path) ?? []));
  const own = new Map<string, Value[]>();
  const ofGroup = new Map<string, Value[]>(vars);
  for (const path of tree.keys()) {
    const [, kind, name = ''] = folders.exec(path) ?? [];
    const value = kind === undefined || kindOf(path, tree) !== 'variables' ? undefined : read(path);
    const into = kind === 'host_vars' ? own : ofGroup;
    if (value !== undefined) into.set(name, [...(into.get(name) ?? []), value]);
  }
  return new Map(
    [...hosts].map(([host, { groups, inline }]) => {
      const near = [...inline, ...(own.get(host) ?? [])];
      const far = groups.flatMap((group) => ofGroup.get(group) ?? []);
      const said = (key: string) => valuesOf(near, key) ?? valuesOf(far, key) ?? [];
      const addresses = said('ansible_host').map(plainAddress);
      const ports = said('ansible_port').map((port) => port.replace(/^22$/, ''));
      return [
        host,
        {
          addresses: addresses.length === 0 ? [plainAddress(host)] : addresses,
          ports: ports.length === 0 ? [''] : ports,
        },
      ];
    }),
  );
}

const folders = /\/(group_vars|host_vars)\/([^/]+?)(?:\.(?:ya?ml|json))?(?:\/.*)?$/;

function valuesOf(values: readonly Value[], key: string): string[] | undefined {
  const found = values.flatMap((value) => textOf(at(value, key)) ?? []);
  return found.length === 0 ? undefined : [...new Set(found)];
}

/** Of each of these hosts where a check reached it; hosts of which an older plan does not say are left out. */
export function reachedBy(hosts: readonly Pick<HostPlan, 'host' | 'reached'>[]): { [host: string]: Reached } {
  return Object.fromEntries(hosts.flatMap(({ host, reached }) => (reached === undefined ? [] : [[host, reached]])));
}
