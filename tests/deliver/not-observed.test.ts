import { describe, expect, it } from 'vitest';
import { unseenOf, unseenThroughout } from '../../src/deliver/not-observed.ts';

describe('what no source shows', () => {
  const postgres = { name: 'postgres', notObserved: ['stalls', 'swapping in'] };
  it.each([
    ['no target', [], []],
    ['one', [postgres], ['stalls', 'swapping in']],
    ['two alike', [postgres, { ...postgres, name: 'gitea' }], ['stalls', 'swapping in']],
    [
      'two of which one shows more',
      [postgres, { name: 'frigate', notObserved: ['swapping in', 'memory in use'] }],
      ['stalls of postgres', 'swapping in', 'memory in use of frigate'],
    ],
    [
      'two of which one shows all',
      [{ name: 'gitea', notObserved: [] }, postgres],
      ['stalls of postgres', 'swapping in of postgres'],
    ],
  ])('is named once, and of which guest where they differ: %s', (_, targets, words) => {
    expect(unseenOf(targets)).toEqual(words);
  });
});

describe('what was not observed in a whole window', () => {
  const look = (notObserved?: string[], state: 'holds' | 'cannot-tell' = 'holds') => ({
    ...{ kind: 'look' as const, state, why: '', observed: {}, at: '2026-11-20T03:41:07Z' },
    ...(notObserved === undefined ? {} : { notObserved }),
  });
  it.each([
    ['no look', [], []],
    ['every look names it', [look(['kills', 'swap']), look(['kills', 'swap'])], ['kills', 'swap']],
    ['one look saw it', [look(['kills', 'swap']), look(['kills'])], ['kills']],
    ['looks of an older gitmend', [look(), look()], []],
    ['a look that saw everything', [look(['kills']), look()], []],
    ['a look that could not be made says nothing', [look(undefined, 'cannot-tell'), look(['kills'])], ['kills']],
    ['no look could be made', [look(undefined, 'cannot-tell')], []],
  ])('is what none of the looks saw: %s', (_, looks, words) => {
    expect(unseenThroughout(looks)).toEqual(words);
  });
});
