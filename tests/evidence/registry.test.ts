import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { diagnoserOf, diagnosers } from '../../src/diagnosers/index.ts';
import { evidenceSources } from '../../src/evidence/index.ts';
import type { Signal } from '../../src/core/signal.ts';
import { doors } from '../../src/signals/index.ts';

const folders = (path: string): string[] =>
  readdirSync(join(import.meta.dirname, '../../src', path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

it.each([
  ['diagnosers', diagnosers],
  ['evidence', evidenceSources],
  ['signals', doors],
])('the registry of %s equals its folders', (path, registry) => {
  expect(Object.keys(registry).sort()).toEqual(folders(path));
});

it('every diagnoser is registered under its own family and takes only that', () => {
  for (const [family, diagnoser] of Object.entries(diagnosers)) {
    expect(diagnoser.family).toBe(family);
    expect(diagnoserOf({ family } as Signal)).toBe(diagnoser);
  }
  expect(diagnoserOf({ family: 'postgres' } as Signal)).toBeUndefined();
  expect(diagnoserOf({} as Signal)).toBeUndefined();
});
