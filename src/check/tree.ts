import { inOrder } from '../config/read-yaml.ts';
import { readConfig } from '../config/read.ts';
import type { Tree } from '../core/change-set.ts';
import type { Config } from '../core/config.ts';
import type { Fault, Read } from '../core/fault.ts';
import { readGuests } from '../declarations/guest/index.ts';
import { operationFiles, readOperation } from '../declarations/operation/index.ts';
import { readPolicies } from '../policy/index.ts';
import type { LeftOut } from './disk.ts';
import { looseYamlFaults } from './loose-yaml.ts';
import { secretFaults } from './secret-files.ts';

/** Everything wrong in an infrastructure repository, in reading order. */
export interface Checked {
  faults: Fault[];
  warnings: Fault[];
}

/** Where files decide: what is there and cannot be read as one would be missed without a word. */
const decides = /^(?:gitmend\.yaml|policies|guests|operations|(?:policies|guests|operations)\/[^/]+\.ya?ml)$/;

/**
 * Every fault of every file at once: gitmend.yaml, policies, guests, operations, and whether the other YAML files are
 * YAML at all; of what is on disk and in no tree (`leftOut`), what should decide. Pure: it runs no code and reads nothing
 * but these.
 */
export function checkTree(tree: Tree, leftOut: readonly LeftOut[] = []): Checked {
  const { config, found: configFaults } = configOf(tree);
  const guests = readGuests(tree, config);
  const found = [
    ...configFaults,
    ...(config === undefined ? [] : authorityFaults(config, tree)),
    ...spoken(readPolicies(tree)),
    ...guests.faults,
    ...guests.warnings,
    ...operationFaults(tree),
    ...looseYamlFaults(tree),
    ...secretFaults(tree),
    ...leftOutFaults(leftOut),
  ];
  return {
    faults: inOrder(found.filter(({ severity }) => severity === 'fault')),
    warnings: inOrder(found.filter(({ severity }) => severity === 'warning')),
  };
}

function configOf(tree: Tree): { config?: Config; found: Fault[] } {
  const text = tree.get('gitmend.yaml');
  if (text === undefined) {
    return { found: [whole('gitmend.yaml', 'is missing', 'take the one of the template', 'fault')] };
  }
  const read = readConfig(text);
  return read.ok ? { config: read.value, found: read.warnings } : { found: read.faults };
}

/** A CA that is not there yet is the usual state of a new repository: nothing is trusted, so nothing is reached. */
function authorityFaults({ clusters }: Config, tree: Tree): Fault[] {
  return clusters.flatMap(({ name, ca }) => {
    if (ca === undefined) return [];
    const text = tree.get(ca);
    if (text === undefined) {
      const mend = `copy /etc/pve/pve-root-ca.pem of ${name} there; until then nothing of this cluster is reached`;
      return [whole(ca, 'is not in this repository yet', mend, 'warning')];
    }
    return text.includes('-----BEGIN CERTIFICATE-----')
      ? []
      : [whole(ca, 'holds no certificate in PEM', 'begin it with -----BEGIN CERTIFICATE-----', 'fault')];
  });
}

function operationFaults(tree: Tree): Fault[] {
  const files = [...tree.keys()].filter((path) => operationFiles.test(path));
  return files.flatMap((path) => spoken(readOperation(tree.get(path) ?? '', path)));
}

function leftOutFaults(leftOut: readonly LeftOut[]): Fault[] {
  return leftOut
    .filter(({ path, why }) => decides.test(path) && (why !== 'a folder' || path.includes('.')))
    .map(({ path, why }) => whole(path, `is ${why}, so it says nothing here`, 'make it a plain text file', 'fault'));
}

function spoken(read: Read<unknown>): Fault[] {
  return read.ok ? read.warnings : read.faults;
}

function whole(file: string, problem: string, mend: string, severity: Fault['severity']): Fault {
  return { file, line: 0, column: 0, field: '', problem, mend, severity };
}
