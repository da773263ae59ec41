import { describe, expect, test } from 'vitest';
import { markerIn, markerText, withMarker } from '../../src/forges/markers.ts';

describe('markers', () => {
  test('a name becomes a hidden comment, which stays as it is', () => {
    expect(markerText('plan')).toBe('<!-- gitmend:plan -->');
    expect(markerText('<!-- gitmend:plan -->')).toBe('<!-- gitmend:plan -->');
  });

  test.each(['', 'a b', 'x-->', 'a--b', 'Plan', '<!-- gitmend:plan --> x', 'a\nb'])('%j is no name', (name) => {
    expect(() => markerText(name)).toThrow('cannot be the name of a marker');
  });

  test('what was written can be read back, and written again unchanged', () => {
    const text = withMarker('Plan\r\n<!-- gitmend:other -->', 'plan');
    expect(markerIn(text)).toBe('<!-- gitmend:plan -->');
    expect(withMarker(text, 'plan')).toBe(text);
  });

  test('the first marker on a line of its own names the text', () => {
    expect(markerIn('above\r\n<!-- gitmend:plan -->\r\nbelow\n<!-- gitmend:run -->')).toBe('<!-- gitmend:plan -->');
    expect(markerIn('quoted: <!-- gitmend:plan -->')).toBeUndefined();
    expect(markerIn('')).toBeUndefined();
  });
});
