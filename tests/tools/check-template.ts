// `npm run check:template`: what infra/ and policies/ make together is a repository without faults.
import { join } from 'node:path';
import { checkTree, printCheck, readTreeFromDisk } from '../../src/check/index.ts';
import type { Tree } from '../../src/core/change-set.ts';

const root = join(import.meta.dirname, '..', '..');

/** The template as `gitmend init` lays it out: infra/ is the root, policies/ a folder in it. */
export function templateTree(): Tree {
  const policies = [...readTreeFromDisk(join(root, 'policies'))].map(
    ([path, text]) => [`policies/${path}`, text] as const,
  );
  return new Map([...readTreeFromDisk(join(root, 'infra')), ...policies]);
}

if (import.meta.main) {
  const checked = checkTree(templateTree());
  process.stdout.write(printCheck(checked));
  process.exitCode = checked.faults.length === 0 ? 0 : 1;
}
