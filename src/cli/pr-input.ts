import { GitmendError } from '../core/errors.ts';
import { branchNameFault } from '../forges/branch-name.ts';
import { isAccountName } from '../forges/local/index.ts';

// Each takes one word of a command line and returns what it means, or throws USAGE with what would have been right.

/** `42` or `#42`. */
export function numberOf(text: string): number {
  if (/^#?[1-9]\d{0,8}$/.test(text)) return Number(text.replace('#', ''));
  throw usage(`${JSON.stringify(text)} is not the number of a pull request; gitmend pr list shows them`);
}

export function branchOf(name: string): string {
  const fault = branchNameFault(name);
  if (fault === undefined) return name;
  throw usage(`branch ${JSON.stringify(name)} cannot be used: ${fault}`);
}

export function commitOf(text: string): string {
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text)) return text;
  throw usage(`${JSON.stringify(text)} is not a whole commit id; gitmend pr show prints it`);
}

export function accountOf(text: string): string {
  if (isAccountName(text)) return text;
  throw usage(`${JSON.stringify(text)} cannot be an account; name another one with --as`);
}

export function textOf(text: string): string {
  if (text.trim() !== '') return text;
  throw usage('an empty text says nothing');
}

/** A parser for one of the words. */
export function oneOf<T extends string>(...known: readonly T[]): (text: string) => T {
  return (text) => {
    const found = known.find((one) => one === text);
    if (found === undefined) throw usage(`${JSON.stringify(text)} is none of ${known.join(', ')}`);
    return found;
  };
}

/** `GITMEND_ACCOUNT`, or the name of the operating system's user. */
export function defaultAccount(env: { [name: string]: string | undefined }, user: () => string): string {
  return accountOf(env['GITMEND_ACCOUNT'] ?? user());
}

function usage(message: string): GitmendError {
  return new GitmendError('USAGE', message);
}
