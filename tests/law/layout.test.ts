import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { committed, folders, read } from './project.ts';

interface Rule {
  name: string;
  to: { path?: string };
}

const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as { forbidden: Rule[] };

it('every folder of src has its place among the rules of imports', () => {
  const entryPoint = new RegExp(
    forbidden.find(({ name }) => name === 'entry-points-are-imported-by-nobody')?.to.path ?? '(?!)',
  );
  const without = folders('src').filter(
    (folder) => !entryPoint.test(`src/${folder}/`) && !forbidden.some(({ name }) => name === `imports-of-${folder}`),
  );
  expect(without).toEqual([]);
});

it('the design names every folder of src in its source layout', () => {
  const layout = /^## Source layout$[\s\S]*?^```$([\s\S]*?)^```$/m.exec(read('docs/design.md'))?.[1] ?? '';
  const named = [...layout.matchAll(/^ {2}([a-z-]+)\//gm)].map(([, name = '']) => name);
  expect(folders('src').filter((folder) => !named.includes(folder))).toEqual([]);
});

it('no file of src has more than 300 lines', () => {
  const long = committed()
    .filter((path) => path.startsWith('src/') && path.endsWith('.ts'))
    .map((path) => ({ path, lines: read(path).split('\n').length - 1 }))
    .filter(({ lines }) => lines > 300);
  expect(long).toEqual([]);
});
