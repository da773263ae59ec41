import { describe, expect, it } from 'vitest';
import { didYouMean, kindOf, oneOf, shown } from '../../src/config/words.ts';

describe('what a message shows of outside text', () => {
  it('is one line without anything invisible', () => {
    expect(shown('a\nb\u001b[31mc\u202Ed')).toBe('a?b?[31mc?d');
  });

  it('is at most 60 characters, cut between characters', () => {
    const cut = shown('😀'.repeat(100));
    expect(Array.from(cut)).toHaveLength(60);
    expect(cut.endsWith('😀…')).toBe(true);
  });

  it('is JSON for what is no text', () => {
    expect([shown(2), shown([1, 'a']), shown({ a: null }), shown(undefined)]).toEqual([
      '2',
      '[1,"a"]',
      '{"a":null}',
      '',
    ]);
  });
});

describe('did you mean', () => {
  it.each([
    ['memroy', 'did you mean memory?'],
    ['Memory', 'did you mean memory?'],
    ['momery', 'did you mean memory?'],
    ['core', 'did you mean cores?'],
    ['swap2', 'did you mean swap?'],
    ['entirely', ''],
    ['x'.repeat(500), ''],
  ])('answers %s with “%s”', (word, answer) => {
    expect(didYouMean(word, ['cores', 'memory', 'swap'])).toBe(answer);
  });

  it('has no answer where nothing is known', () => {
    expect(didYouMean('memory', [])).toBe('');
  });
});

describe('words', () => {
  it('name the kinds of YAML values', () => {
    expect([null, undefined, [], {}, 'a', 1, true].map(kindOf)).toEqual([
      'empty',
      'empty',
      'a list',
      'a map',
      'a text',
      'a number',
      'a switch',
    ]);
  });

  it('join alternatives', () => {
    expect([oneOf([]), oneOf(['a']), oneOf(['a', 'b']), oneOf(['a', 'b', 'c'])]).toEqual([
      '',
      'a',
      'a or b',
      'a, b or c',
    ]);
  });
});
