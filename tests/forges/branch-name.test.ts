import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { branchNameFault, branchRef } from '../../src/forges/branch-name.ts';

const accepted = (ref: string): boolean => spawnSync('git', ['check-ref-format', ref]).status === 0;

describe('branch names', () => {
  test.each(['main', 'gitmend/resize-guest/postgres-3f9c1a', 'größer', 'a-b', 'x@y', 'v1.2', '日本', 'a/--force'])(
    '%s can be used',
    (name) => {
      expect(branchNameFault(name)).toBeUndefined();
      expect(branchRef(name)).toBe(`refs/heads/${name}`);
    },
  );

  test('every name that is let through is one that git takes', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.constantFrom(
        '.',
        '..',
        '/',
        '@',
        '@{',
        '.lock',
        '-',
        '~',
        '^',
        ':',
        '?',
        '*',
        '[',
        '\\',
        'HEAD',
        ' ',
        'a',
        'é',
      ),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const name = parts.join('');
        fc.pre(branchNameFault(name) === undefined);
        expect(accepted(`refs/heads/${name}`), JSON.stringify(name)).toBe(true);
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  test('the reason is said', () => {
    expect(() => branchRef('--exec=x')).toThrow('branch "--exec=x" cannot be used: it starts with "-", like an option');
  });
});
