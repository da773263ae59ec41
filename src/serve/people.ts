import { GitmendError } from '../core/errors.ts';
import { isAccountName } from '../forges/local/index.ts';
import { isTeam, sameAccount } from '../policy/index.ts';
import type { Role, Store } from '../store/index.ts';

/** A person with the token that opens the page and git, in the clear for the only time. */
export interface NewPerson {
  name: string;
  role: Role;
  token: string;
}

/** What adding a person did. */
export interface AddedPerson extends NewPerson {
  /** There was a token of this name, and it is void now. */
  replaced: boolean;
}

/**
 * Adds a person, or gives one who is there a new token; the old one and every session of it end. Throws USAGE for a name
 * that is no account, or is gitmend's own.
 */
export async function addPerson(
  accounts: Store['accounts'],
  name: string,
  role: Role,
  bot: string,
): Promise<AddedPerson> {
  demandPerson(name, bot);
  const replaced = (await accounts.list()).some((known) => known.name === name);
  return { name, role, token: await accounts.create({ name, role }), replaced };
}

/** For whoever added a person: the token, and what it opens. `approvers` are those of gitmend.yaml. */
export function printAdded({ name, role, token, replaced }: AddedPerson, approvers: readonly string[]): string {
  const named = approvers.some((entry) => sameAccount(entry, name));
  const unnamed = role === 'approver' && !named;
  return [
    `${name}${unnamed ? '' : ` (${role})`} opens the page and git with this token, which is shown only now:`,
    `  ${token}`,
    ...(replaced ? [`The token that ${name} had before is void now, and every session of it has ended.`] : []),
    ...(unnamed
      ? [`gitmend.yaml must name ${name}, or a team that ${name} is in, under approvers: only then do approvals count.`]
      : []),
  ].join('\n\n');
}

function demandPerson(name: string, bot: string): void {
  if (!isAccountName(name))
    throw new GitmendError('USAGE', `--add-person: ${JSON.stringify(name.slice(0, 80))} is no account name`);
  if (name.toLowerCase() === bot.toLowerCase())
    throw new GitmendError('USAGE', `--add-person: ${name} is the account that gitmend itself writes as`);
}

/**
 * At the very first start somebody must be able to log in: the first approver of gitmend.yaml that is a person. A team is
 * nobody who could; where only teams are named, nobody is made.
 */
export async function firstPerson(
  accounts: Store['accounts'],
  approvers: readonly string[],
  bot: string,
): Promise<NewPerson | undefined> {
  const name = approvers.find((entry) => !isTeam(entry));
  if (name === undefined || (await accounts.list()).length > 0) return undefined;
  demandPerson(name, bot);
  const token = await accounts.createFirst({ name, role: 'approver' });
  return token === undefined ? undefined : { name, role: 'approver', token };
}
