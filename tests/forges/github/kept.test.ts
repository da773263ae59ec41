import { expect, test } from 'vitest';
import { z } from 'zod';
import { keptAnswers } from '../../../src/forges/github/kept.ts';

test('of the answers that are kept the one that was not used for longest goes first', () => {
  const [schema, kept] = [z.string(), keptAnswers()];
  const keep = (url: string) => kept.keep(url, { etag: 'W/"1"', schema, value: url, more: false });
  const there = (url: string) => kept.of(url, schema)?.value === url;
  for (let count = 0; count < 300; count += 1) keep(`/${count}`);
  expect(there('/0')).toBe(true);
  keep('/300');
  expect([there('/0'), there('/1'), there('/2'), there('/300')]).toEqual([true, false, true, true]);
  expect(kept.of('/0', z.string())).toBeUndefined();
});
