import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { stepKinds } from '../../src/core/step.ts';
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

describe('the policies that a new repository begins with', () => {
  const text = readFileSync(join(import.meta.dirname, '../../policies/guests.yaml'), 'utf8');
  const { rules } = parse(text) as { rules: { level: string; when: { step: string | string[]; target?: unknown } }[] };

  it('ask for two people for whatever is done to a critical guest, of any kind', () => {
    const [first] = rules;
    expect(first).toMatchObject({ level: 'approve-2', when: { target: { tags: ['critical'] } } });
    expect([first?.when.step].flat().toSorted()).toEqual(
      stepKinds.filter((kind) => kind !== 'change-rules' && kind !== 'take-note').toSorted(),
    );
  });

  it('have a rule for every kind of what is done to a guest, a stack or a host', () => {
    const later = new Set(rules.slice(1).flatMap(({ when }) => when.step));
    expect([...later].toSorted()).toEqual(
      stepKinds.filter((kind) => kind !== 'change-rules' && kind !== 'take-note').toSorted(),
    );
  });
});
