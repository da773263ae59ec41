import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The project's root. */
export const root = join(import.meta.dirname, '..', '..');

/** The text of a file of the project. */
export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** The names of the folders in a folder of the project, sorted. */
export function folders(path: string): string[] {
  return entries(path).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

/** The names of the TypeScript files beside an `index.ts`, without their ending, sorted. */
export function modules(path: string): string[] {
  return entries(path).flatMap(({ name }) =>
    name.endsWith('.ts') && name !== 'index.ts' ? [name.slice(0, -'.ts'.length)] : [],
  );
}

/** What is, or is about to be, committed: every file that git does not ignore. */
export function committed(): string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const listed = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\0');
  const gone = new Set(
    execFileSync('git', ['ls-files', '-z', '--deleted'], { cwd: root, encoding: 'utf8' }).split('\0'),
  );
  return listed.filter((path) => path !== '' && !gone.has(path));
}

/** The first cell of every row of the Markdown tables in a text, where it holds nothing but `code`. */
export function namedRows(text: string): string[] {
  return [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name);
}

function entries(path: string) {
  return readdirSync(join(root, path), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
}
