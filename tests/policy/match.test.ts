import { describe, expect, it } from 'vitest';
import { boundsFor } from '../../src/policy/index.ts';
import { people } from '../../src/policy/who.ts';
import { policies, postgres } from './fixtures.ts';

describe('the bounds of a target', () => {
  it('are those of the rule that decides about it', () => {
    const rules = policies(
      'rules: [{ name: a, when: { step: resize-guest, target: { tags: [database] } }, level: approve, bounds: { memory: { min: 1024, max: 8192 } } }]',
    );
    expect(boundsFor(rules, 'resize-guest', postgres)).toEqual({ memory: { min: 1024, max: 8192 } });
    expect(boundsFor(rules, 'resize-guest', { ...postgres, tags: [] })).toEqual({});
    expect(boundsFor(rules, 'restart-lxc', postgres)).toEqual({});
  });
});

describe('people, named', () => {
  it.each([
    [[], 'nobody'],
    [['ann'], 'ann'],
    [['ann', 'ben'], 'ann or ben'],
    [['ann', 'ben', 'cid'], 'ann, ben or cid'],
    [['a', 'b', 'c', 'd', 'e', 'f'], 'a, b, c, d or 2 more'],
  ])('%j are %s', (accounts, words) => {
    expect(people(accounts)).toBe(words);
  });
});
