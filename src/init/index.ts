import { checkTree } from '../check/index.ts';
import { type ProxmoxClient, proxmoxClient } from '../clients/proxmox/index.ts';
import type { Clock } from '../core/clock.ts';
import { GitmendError } from '../core/errors.ts';
import { type Fault, printFault } from '../core/fault.ts';
import { findGuests, type FoundGuests } from '../import/index.ts';
import type { Answers } from './answers.ts';
import { newTree, type Template } from './tree.ts';
import { type Writing, writeRepository } from './write.ts';

export { type Answers, variables } from './answers.ts';
export type { Template } from './tree.ts';

export interface Beginning extends Pick<Writing, 'directory' | 'origin'> {
  answers: Answers;
  template: Template;
  /** A read token of the cluster, where its guests shall be declared as they are. */
  token?: string;
  clock: Clock;
}

export interface Begun extends FoundGuests {
  files: number;
  /** What `gitmend check` would say; none of it is a fault. */
  warnings: Fault[];
}

/**
 * Makes a new infrastructure repository: reads the guests, if it may, puts the answers into the template, checks the
 * whole as `gitmend check` does, and only then writes it, all or nothing. Throws CONFIG_INVALID with every fault of the
 * answers, USAGE where the place is taken, and what reading the cluster throws.
 */
export async function beginRepository({ answers, template, token, clock, ...where }: Beginning): Promise<Begun> {
  const empty: FoundGuests = { guests: [], leftOut: [] };
  const found = token === undefined ? empty : await findGuests(clientOf(answers, token, clock));
  const tree = newTree(template, answers, found.guests);
  const { faults, warnings } = checkTree(tree);
  if (faults.length > 0) throw new GitmendError('CONFIG_INVALID', faults.map(printFault).join('\n'));
  const [by = 'maintainer'] = answers.people;
  await writeRepository({ ...where, files: tree, by, clock });
  return { ...found, files: tree.size, warnings };
}

function clientOf({ cluster }: Answers, token: string, clock: Clock): ProxmoxClient {
  const { name, endpoint, ca, fingerprint } = cluster;
  return proxmoxClient({
    cluster: name,
    endpoint,
    token,
    clock,
    ...(ca && { ca }),
    ...(fingerprint && { fingerprint }),
  });
}
