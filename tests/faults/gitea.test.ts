import { expect, test } from 'vitest';
import { faultCases } from './faults.ts';
import { faultLab } from './lab.ts';

test.each(faultCases)('gitea: $name: one right end', { timeout: 240_000 }, async ({ begin, play, ends }) => {
  const lab = await faultLab('gitea', begin);
  await play(lab);
  expect(await lab.ending()).toEqual(ends);
  expect([...new Set(lab.forge.undescribed())]).toEqual([]);
});
