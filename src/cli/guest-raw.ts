import { readFile } from 'node:fs/promises';
import { openYaml } from '../config/yaml-source.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import { GitmendError } from '../core/errors.ts';
import { printFault } from '../core/fault.ts';
import { type RawGuest, rawOf, wantedValues } from '../declarations/guest/index.ts';

/** Each flag that says a field of a guest's file, and the field. */
const fieldOf = {
  ...{ cluster: 'cluster', node: 'node', vmid: 'vmid', type: 'type', cores: 'cores', memory: 'memory', swap: 'swap' },
  ...{ tags: 'tags', disk: 'disk.size', storage: 'disk.storage' },
  ...{ bridge: 'network.bridge', address: 'network.address', gateway: 'network.gateway' },
} as const;

/** Those flags, as they were typed. */
export type SaidFlags = { [flag in keyof typeof fieldOf]?: string };

/** A field of a guest's file as it is asked for: `disk.size` → `--disk`. What no flag says keeps its own name. */
export function flagOf(field: string): string {
  if (field === 'name') return 'NAME';
  if (field === 'clone' || field === 'clone.from') return '--clone';
  const known = Object.entries(fieldOf).find(([, path]) => field === path || field.startsWith(`${path}[`));
  return known === undefined ? field : `--${known[0]}`;
}

/** What was asked for, as its file would say it: flags go before the file's values, and those before the other guest's. */
export function rawGuest(name: string, flags: SaidFlags, file: RawGuest, like: DeclaredGuest | undefined): RawGuest {
  const typed = Object.entries(flags).map(([flag, word]) => [fieldOf[flag as keyof SaidFlags], word] as const);
  const said = rawOf(file, { ...wantedValues(Object.fromEntries(typed)), name });
  return like === undefined ? said : rawOf(asLike(like, said), said);
}

/** What another guest lends: no address and no id, and what belongs to them or to its type only with the same. */
function asLike({ cluster, node, type, cores, memory, swap, disk, network, tags }: DeclaredGuest, said: RawGuest) {
  const { bridge, gateway } = network;
  const sameType = said['type'] === undefined || said['type'] === type;
  return {
    ...{ cluster, node, type, cores, memory, disk, tags },
    ...(swap !== undefined && sameType ? { swap } : {}),
    network: { bridge, ...(gateway !== undefined && said.network?.['address'] !== undefined ? { gateway } : {}) },
  };
}

/** Values of a YAML file in the words of guests/<name>.yaml; none without one. Throws USAGE where it cannot be read. */
export async function fromFile(path: string | undefined): Promise<RawGuest> {
  if (path === undefined) return {};
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new GitmendError('USAGE', `--from: ${path} cannot be read`, { cause: error });
  });
  const { source, faults } = openYaml(text, path);
  const wrong = faults.map((fault) => `--from ${printFault(fault)}`);
  const value = source?.value;
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (wrong.length > 0 || !isMap) throw new GitmendError('USAGE', wrong.join('\n') || `--from: ${path} is no map`);
  return value as RawGuest;
}
