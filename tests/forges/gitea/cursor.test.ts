import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { parseCursor, printCursor } from '../../../src/forges/gitea/cursor.ts';

const print = fc.stringMatching(/^[0-9a-f]{12}$/);
const cursor = fc.record({
  newest: fc.integer({ min: 0, max: 4e12 }),
  seen: fc.array(fc.tuple(fc.integer({ min: 1, max: 1e6 }), print)).map((entries) => new Map(entries)),
});

describe('a cursor', () => {
  test('is read back as it was printed', () => {
    fc.assert(
      fc.property(cursor, (one) => {
        expect(parseCursor(printCursor(one))).toEqual(one);
      }),
    );
  });

  test.each([undefined, '', 'x', '-1', '1e3', '5', '5/x', '5/1:abc', '5/1:0123456789ab,', '99999999999999999999/'])(
    '%j was never given',
    (text) => {
      expect(parseCursor(text)).toBeUndefined();
    },
  );
});
