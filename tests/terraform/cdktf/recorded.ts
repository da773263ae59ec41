import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '../../../src/core/json.ts';
import type { Files } from '../../support/deliver-lab.ts';
import { template } from '../../synth/examples.ts';
import { cdktfApp, type Edit, edits } from './app.ts';

/** What the real cdktf wrote, by write.ts: `begin` all of its folder, an edit the stacks that it makes otherwise. */
export const recordedIn = join(import.meta.dirname, 'recorded');

/** Of the code that was recorded. */
export const appDigest = digestOf({ app: cdktfApp, edits });

/** Texts of cdktf.out by path. */
export function recorded(which: 'begin' | Edit): { [path: string]: string } {
  const folder = join(recordedIn, which);
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  return Object.fromEntries(
    files
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name).slice(folder.length + 1))
      .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  );
}

/** The stacks as cdktf wrote them. */
export function recordedStacks(...applied: readonly Edit[]): { [stack: string]: unknown } {
  const texts = Object.assign({}, ...(['begin', ...applied] as const).map(recorded)) as { [path: string]: string };
  return Object.fromEntries(
    Object.entries(texts).flatMap(([path, text]): [string, unknown][] => {
      const [, name] = /^stacks\/([^/]+)\/cdk\.tf\.json$/.exec(path) ?? [];
      return name === undefined ? [] : [[name, JSON.parse(text) as unknown]];
    }),
  );
}

/** Stack code that writes these files into cdktf.out. */
export const writesFiles = (files: { [path: string]: string }): string => `
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
for (const [path, text] of Object.entries(${JSON.stringify(files)})) {
  mkdirSync(dirname('cdktf.out/' + path), { recursive: true });
  writeFileSync('cdktf.out/' + path, text);
}
`;

// In place of cdktf: which edits were made is read from the very files that cdktf's app consists of.
const player = (all: object) => `
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
const zone = '${edits.zone.from}';
const all: { [edit: string]: { [path: string]: string } } = ${JSON.stringify(all)};
const made = {
  zone: zone === '${edits.zone.to}',
  disk: readFileSync('${edits.disk.file}', 'utf8').includes('${edits.disk.to}'),
  banner: readFileSync('${edits.banner.file}', 'utf8').includes("'${edits.banner.to}'"),
};
const files = Object.assign({}, all['begin'], ...Object.entries(made).map(([edit, so]) => (so ? all[edit] : {})));
for (const [path, text] of Object.entries(files as { [path: string]: string })) {
  mkdirSync(dirname('cdktf.out/' + path), { recursive: true });
  writeFileSync('cdktf.out/' + path, text);
}
`;

/**
 * A repository with this app in place of the template's. It runs for real where `modules` says that cdktf is there;
 * otherwise its main file writes what was recorded.
 */
export function withCdktf(modules: string): Files {
  const own = [...template.keys()].filter((path) => path.startsWith('stacks/'));
  const all = Object.fromEntries((['begin', 'zone', 'disk', 'banner'] as const).map((one) => [one, recorded(one)]));
  return {
    ...Object.fromEntries(own.map((path) => [path, null])),
    ...cdktfApp,
    ...(modules === '' ? { 'stacks/main.ts': player(all) } : {}),
  };
}
