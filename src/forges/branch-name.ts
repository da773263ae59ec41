import { GitmendError } from '../core/errors.ts';

/**
 * Why a branch name cannot be used, or undefined when it can. Stricter than `git check-ref-format --branch`: also no
 * name that reads as an option, as an object id, as HEAD or as a full ref, and nothing that hides on a screen.
 */
export function branchNameFault(name: string): string | undefined {
  return rules.find(([broken]) => broken(name))?.[1];
}

/** The full ref of a branch. Throws FORGE_REFUSED for an unsafe name, which is never passed to git. */
export function branchRef(name: string): string {
  const fault = branchNameFault(name);
  if (fault !== undefined) {
    throw new GitmendError('FORGE_REFUSED', `branch ${JSON.stringify(name.slice(0, 100))} cannot be used: ${fault}`);
  }
  return `refs/heads/${name}`;
}

// What git-check-ref-format(1) forbids, and what forges and people misread.
const rules: [(name: string) => boolean, string][] = [
  [(name) => name === '', 'it is empty'],
  [(name) => Buffer.byteLength(name) > 200, 'it is longer than 200 bytes'],
  [(name) => name.startsWith('-'), 'it starts with "-", like an option'],
  [(name) => /^(HEAD|@)$|^refs\//.test(name), 'it reads as a ref of its own'],
  [(name) => /^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(name), 'it reads as an object id'],
  [(name) => /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(name), 'it holds invisible or control characters'],
  [(name) => /[\s~^:?*[\\]/u.test(name), 'it holds a space or one of ~ ^ : ? * [ \\'],
  [(name) => /\.\.|@\{|\/\/|\/$|^\/|\.$/.test(name), 'it holds "..", "@{", "//", or begins or ends with "/" or "."'],
  [
    (name) => name.split('/').some((part) => part.startsWith('.') || part.endsWith('.lock')),
    'a part of it begins with "." or ends with ".lock"',
  ],
];
