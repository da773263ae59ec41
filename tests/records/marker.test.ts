import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMarker, printMarker } from '../../src/records/marker.ts';
import { hostileText, runs } from './hostile.ts';

describe('a hidden marker', () => {
  it('is one line of printable ASCII that no text inside can end', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const marker = printMarker('pr', { [text]: text, list: [text, -1.5e-7] });
        expect(marker).toMatch(/^<!-- gitmend:pr [ -~]+ -->$/);
        expect(marker.slice(4, -3)).not.toMatch(/--|[<>]/);
        expect(parseMarker(`before\n${marker}\r\nafter`, 'pr')).toEqual({ [text]: text, list: [text, -1.5e-7] });
      }),
      runs(500),
    );
  });

  it('is found by its kind only', () => {
    expect(parseMarker(printMarker('pr', {}), 'plan')).toBeUndefined();
    expect(parseMarker(printMarker('pr', {}), 'p')).toBeUndefined();
  });
});
