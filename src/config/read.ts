import type { Config } from '../core/config.ts';
import type { Fault, Read } from '../core/fault.ts';
import { readYaml } from './read-yaml.ts';
import { configSchema } from './schema.ts';
import { shown } from './words.ts';
import type { YamlSource } from './yaml-source.ts';

/**
 * gitmend.yaml: its text → the trusted configuration (durations in seconds, credentials as names of environment
 * variables), or every fault at once. Reads nothing else: whether `ca` names a file that exists is `checkTree`'s.
 */
export function readConfig(text: string, file = 'gitmend.yaml'): Read<Config> {
  return readYaml(text, file, configSchema, betweenFields);
}

/** What no single field can tell. It looks at the raw value, so it speaks beside every other fault. */
function betweenFields(source: YamlSource): Fault[] {
  const clusters = listAt(source.value, 'clusters');
  return [
    ...clusters.flatMap((cluster, index) => trustFaults(source, cluster, index)),
    ...doubles(
      source,
      clusters.map((cluster, index) => ({ path: ['clusters', index, 'name'], value: fieldOf(cluster, 'name') })),
      'a cluster',
    ),
    ...doubles(source, exportersOf(clusters), 'an exporter'),
    ...doubles(
      source,
      listAt(source.value, 'approvers').map((value, index) => ({ path: ['approvers', index], value })),
      'an approver',
    ),
    ...forgeFaults(source),
  ];
}

/** Exactly one of `ca` and `fingerprint`: no switch turns verification off. */
function trustFaults(source: YamlSource, cluster: unknown, index: number): Fault[] {
  const has = ['ca', 'fingerprint'].filter((key) => fieldOf(cluster, key) !== undefined);
  const path = ['clusters', index];
  if (typeof cluster !== 'object' || cluster === null || has.length === 1) return [];
  if (has.length === 2) return [source.fault([...path, 'fingerprint'], 'stands beside ca', 'keep one of both')];
  return [
    source.fault(
      path,
      'says not how its certificate is known',
      'add ca: (a PEM in this repository) or fingerprint: (its SHA-256)',
    ),
  ];
}

interface Placed {
  path: PropertyKey[];
  value: unknown;
}

function exportersOf(clusters: readonly unknown[]): Placed[] {
  return clusters.flatMap((cluster, index) =>
    listAt(cluster, 'exporters').map((value, at) => ({ path: ['clusters', index, 'exporters', at], value })),
  );
}

/** Names that must tell one from the other. Case does not: forges and hosts ignore it. */
function doubles(source: YamlSource, placed: readonly Placed[], what: string): Fault[] {
  const first = new Map<string, Placed>();
  const faults: Fault[] = [];
  for (const entry of placed) {
    if (typeof entry.value !== 'string') continue;
    const key = entry.value.toLowerCase();
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, entry);
    else
      faults.push(
        source.fault(
          entry.path,
          `${shown(entry.value)} is already ${what} in line ${source.line(earlier.path)}`,
          'name each once',
        ),
      );
  }
  return faults;
}

function forgeFaults(source: YamlSource): Fault[] {
  const forge = fieldOf(source.value, 'forge');
  const has = (key: string): boolean => fieldOf(forge, key) !== undefined;
  const kind = fieldOf(forge, 'kind');
  if (kind === 'gitea' && !has('url'))
    return [source.fault(['forge', 'url'], 'is missing', 'a Gitea has no usual address: add url: https://…')];
  if (kind !== 'github' || has('token') !== has('app')) return [];
  if (has('app')) return [source.fault(['forge', 'app'], 'stands beside token', 'keep one of both')];
  const mend = 'add app: { id: …, key: env:NAME }, or token: env:NAME';
  return [source.fault(['forge'], 'says not who gitmend is there', mend)];
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as { [key: string]: unknown })[key]
    : undefined;
}

function listAt(value: unknown, key: string): readonly unknown[] {
  const list = fieldOf(value, key);
  return Array.isArray(list) ? list : [];
}
