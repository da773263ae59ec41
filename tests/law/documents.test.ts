import { readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCatalogue } from '../../src/core/errors.ts';
import { diagnosisOutcomes, findings, runOutcomes, stopReasons, waitingStates } from '../../src/core/outcome.ts';
import { generated, schemas, withGenerated } from '../tools/write-docs.ts';
import { committed, namedRows, read, root } from './project.ts';

describe('generated pages', () => {
  it.each(Object.keys(generated))('%s is as `npm run docs:write` writes it', (page) => {
    expect(read(page)).toBe(withGenerated(page, read(page)));
  });

  it.each(Object.keys(schemas))('%s is the schema that reads such files', (page) => {
    expect(read(page)).toBe(schemas[page]);
  });

  it('docs/errors.md has one row for every code of the catalogue, and no other', () => {
    const rows = namedRows(read('docs/errors.md')).filter((name) => /^[A-Z_]+$/.test(name));
    expect(rows).toEqual(Object.keys(errorCatalogue));
  });

  it('docs/outcomes.md has one row for every word of an outcome, and no other', () => {
    const words = [diagnosisOutcomes, runOutcomes, stopReasons, waitingStates, findings].flatMap(Object.keys);
    expect(namedRows(read('docs/outcomes.md'))).toEqual(words);
  });

  it('docs/outcomes.md says of every outcome of a diagnosis or run what to do about it', () => {
    const advice = read('docs/outcomes.md');
    const words = Object.keys({ ...diagnosisOutcomes, ...runOutcomes }).filter((word) => word !== 'proposed');
    for (const word of words) expect(advice).toContain(`- **${word}**`);
  });
});

describe('docs/dependencies.md', () => {
  type Manifest = { dependencies?: object; devDependencies?: object };
  const names = (path: string) => {
    const { dependencies, devDependencies } = JSON.parse(read(path)) as Manifest;
    return Object.keys({ ...dependencies, ...devDependencies });
  };

  it('has one line for every dependency of the project and of the stacks, and no other', () => {
    const wanted = new Set([...names('package.json'), ...names('infra/stacks/package.json')]);
    expect(namedRows(read('docs/dependencies.md')).toSorted()).toEqual([...wanted].toSorted());
  });

  it('names the licence that each one carries', () => {
    const page = read('docs/dependencies.md');
    for (const name of names('package.json')) {
      const { license } = JSON.parse(read(`node_modules/${name}/package.json`)) as { license: string };
      const line = page.split('\n').find((row) => row.startsWith(`| \`${name}\` |`)) ?? '';
      expect(line, name).toContain(`| ${license} |`);
    }
  });
});

describe('links', () => {
  const pages = committed().filter((path) => path.endsWith('.md') && !path.startsWith('tests/'));

  it.each(pages)('%s points only to files that are there', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)\s#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
    const missing = links.filter((link) => !isThere(normalize(join(dirname(page), link))));
    expect(missing).toEqual([]);
  });
});

function isThere(path: string): boolean {
  try {
    return readdirSync(join(root, dirname(path))).includes(path.split('/').filter(Boolean).at(-1) ?? '');
  } catch {
    return false;
  }
}
