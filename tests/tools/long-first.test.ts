import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { long, placeOf } from './long-first.ts';

it('names files that are there, each place by one of them', () => {
  const files = globSync('tests/**/*.test.ts');
  const places = new Set(files.map((file) => placeOf(resolve(file))));
  expect([...places].toSorted((one, other) => one - other)).toEqual([...long.keys(), long.length]);
});

it('puts what is not named behind the rest', () => {
  expect(placeOf(resolve('tests/crash/kill.test.ts'))).toBe(0);
  expect(placeOf(resolve('tests/tools/long-first.test.ts'))).toBe(long.length);
});
