import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Tree } from '../core/change-set.ts';
import { jsonIn } from '../core/json.ts';

const lockFile = 'stacks/package-lock.json';

/** Of npm's lock file (lockfileVersion 2 and 3, docs.npmjs.com/cli/configuring-npm/package-lock-json) what is compared. */
const lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
      devOptional: z.boolean().optional(),
      peer: z.boolean().optional(),
      inBundle: z.boolean().optional(),
      link: z.boolean().optional(),
    }),
  ),
});

const manifest = z.object({ version: z.string() });

/**
 * Why the modules of this machine are not those that the lock file of the stacks names, a line for each package, or
 * nothing where they are, or there is no lock file. Packages that an install may leave out (for development, optional,
 * peers) count only where they lie there; what lies inside another package comes with it. Only reads.
 */
export async function modulesDiffer(code: Tree, modules: string): Promise<string[]> {
  const text = code.get(lockFile);
  if (text === undefined) return [];
  const read = lock.safeParse(jsonIn(text));
  if (!read.success) return [`${lockFile} is no lock file of npm with a list of packages (lockfileVersion 2 or 3)`];
  const locked = Object.entries(read.data.packages).filter(([path]) => path !== '');
  const found = await Promise.all(
    locked.map(async ([path, wanted]) => {
      if (wanted.inBundle === true) return undefined;
      if (wanted.link === true) return `${path} is a link to a folder, which no other machine has`;
      const version = await versionAt(modules, path);
      const mayLack = [wanted.dev, wanted.optional, wanted.devOptional, wanted.peer].includes(true);
      if (version === undefined ? mayLack : version === wanted.version) return undefined;
      return `${nameOf(path)} ${wanted.version ?? 'without a version'}: ${version ?? 'nothing'} lies in ${modules}`;
    }),
  );
  return found.filter((line) => line !== undefined).toSorted();
}

/** Where Node finds it: in the folder of whoever asks for it, or in one above (an install may have lifted it). */
async function versionAt(modules: string, path: string): Promise<string | undefined> {
  const [first = '', ...parents] = path
    .split(/(?:^|\/)node_modules\//)
    .slice(1)
    .toReversed();
  if (!isPackageName(first) || !parents.every(isPackageName)) return undefined;
  for (let from = parents.toReversed(); ; from = from.slice(0, -1)) {
    const folder = [...from, first].join('/node_modules/');
    const text = await readFile(join(modules, folder, 'package.json'), 'utf8').catch(() => undefined);
    const read = text === undefined ? undefined : manifest.safeParse(jsonIn(text));
    if (read?.success === true) return read.data.version;
    if (from.length === 0) return undefined;
  }
}

/** The path is data of a repository: only names lead anywhere. */
function isPackageName(name: string): boolean {
  return /^(@[a-z0-9~][\w.~-]*\/)?[a-z0-9~_][\w.~-]*$/i.test(name);
}

function nameOf(path: string): string {
  return path.split('node_modules/').at(-1) ?? path;
}
