import { expect, test } from 'vitest';
import { faultCases } from './faults.ts';
import { faultLab } from './lab.ts';
import type { Kind } from './stand-ins.ts';

/** Every case on one stand-in: it comes to the one right end, and nothing was asked that the forge does not describe. */
export function faultSuite(kind: Kind): void {
  for (const { name, begin, play, ends } of faultCases)
    test(`${kind}: ${name}: one right end`, { timeout: 240_000 }, async () => {
      const lab = await faultLab(kind, begin);
      await play(lab);
      expect(await lab.ending()).toEqual(ends);
      expect([...new Set(lab.forge.undescribed())]).toEqual([]);
    });
}
