import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Synthesized } from './index.ts';

/** Syntheses by digest of code and data. The same code on the same data gives the same stacks. */
export interface SynthesisCache {
  get(key: string): Synthesized | undefined;
  set(key: string, value: Synthesized): void;
}

const most = 64;

/** Keeps syntheses in a private folder, the newest 64 of them, so that the next command need not run the code again. */
export function diskCache(folder: string): SynthesisCache {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fileOf = (key: string) => join(folder, `${key.replace(/[^0-9a-z]/g, '')}.json`);
  return {
    get(key) {
      try {
        return JSON.parse(readFileSync(fileOf(key), 'utf8')) as Synthesized;
      } catch {
        // Not there, or not whole: it is made again.
        return undefined;
      }
    },
    set(key, value) {
      const file = fileOf(key);
      const fresh = `${file}.${process.pid}`;
      writeFileSync(fresh, JSON.stringify(value), { mode: 0o600 });
      renameSync(fresh, file);
      prune(folder);
    },
  };
}

function prune(folder: string): void {
  const files = readdirSync(folder).map((name) => join(folder, name));
  if (files.length <= most) return;
  const age = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  for (const file of files.toSorted((a, b) => age(b) - age(a)).slice(most)) rmSync(file, { force: true });
}
