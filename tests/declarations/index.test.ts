import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { declarationOf, declarations } from '../../src/declarations/index.ts';

describe('the registry of declarations', () => {
  it('equals the folders of src/declarations', () => {
    const folder = join(import.meta.dirname, '../../src/declarations');
    const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(declarations.map(({ name }) => name)).toEqual(folders.map(({ name }) => name).sort());
  });

  it.each([
    ['guests/postgres.yaml', 'guest'],
    ['operations/01K9Z3V2Q4X5Y6Z7A8B9C0D1E2.yaml', 'operation'],
    ['stacks/main.ts', 'stack'],
    ['guests/lab/postgres.yaml', undefined],
    ['gitmend.yaml', undefined],
    ['notguests/a.yaml', undefined],
  ])('%s is declared by %s', (path, kind) => {
    expect(declarationOf(path)?.name).toBe(kind);
  });

  it('gives each file to at most one kind', () => {
    for (const path of ['guests/a.yaml', 'operations/a.yaml', 'stacks/a.yaml']) {
      expect(declarations.filter(({ files }) => files.test(path))).toHaveLength(1);
    }
  });
});
