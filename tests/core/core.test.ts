import { describe, expect, it } from 'vitest';
import { errorCatalogue, GitmendError, isGitmendError } from '../../src/core/errors.ts';
import { branchOf, fingerprintOf } from '../../src/core/fingerprint.ts';
import { canonical, digestOf, jsonIn } from '../../src/core/json.ts';
import { runId } from '../../src/core/run.ts';
import { lockedBy, parseGuestTarget } from '../../src/core/target.ts';

describe('a coded error', () => {
  const error = new GitmendError('PVE_LOCKED', 'lxc/200 is locked (backup)', { details: { status: 500 }, cause: 'x' });

  it('says what, why and the next command', () => {
    expect(error.print()).toBe(
      `PVE_LOCKED: lxc/200 is locked (backup)\n  why: ${errorCatalogue.PVE_LOCKED.means}\n  next: ${errorCatalogue.PVE_LOCKED.next}`,
    );
  });

  it('knows what to do about it, and is told from others by its code', () => {
    expect(error.action).toBe('wait');
    expect(error.details).toEqual({ status: 500 });
    expect([isGitmendError(error), isGitmendError(error, 'PVE_LOCKED'), isGitmendError(error, 'USAGE')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(isGitmendError(new Error('PVE_LOCKED'))).toBe(false);
  });
});

describe('identities', () => {
  it('tells memory and cores of one guest apart, and gives one branch to each', () => {
    const memory = fingerprintOf('resize-guest', 'home/lxc/200', 'memory');
    expect(memory).toMatch(/^[0-9a-f]{12}$/);
    expect(fingerprintOf('resize-guest', 'home/lxc/200', 'cores')).not.toBe(memory);
    expect(branchOf('resize-guest', 'postgres', memory)).toBe(`gitmend/resize-guest/postgres-${memory.slice(0, 6)}`);
  });

  it('makes the same run of the same merge and actions, whoever starts it', () => {
    const actions = digestOf(['a']);
    expect(runId('9f8e', actions)).toBe(runId('9f8e', actions));
    expect(runId('9f8e', actions)).not.toBe(runId('9f8f', actions));
    expect(runId('9f8e', actions)).toMatch(/^[0-9a-f]{40}$/);
  });

  it('locks a guest together with its cluster, and anything else by itself', () => {
    expect(lockedBy('home/lxc/200')).toEqual(['home', 'home/lxc/200']);
    expect(lockedBy('rules')).toEqual(['rules']);
    expect(parseGuestTarget('home/lxc/200 ')).toBeUndefined();
    expect(parseGuestTarget('home/lxc/0200')).toBeUndefined();
  });
});

describe('what a text holds as JSON', () => {
  it('is its value, and undefined where it is missing, empty or cut off', () => {
    expect(jsonIn('{"a":[1,null]}')).toEqual({ a: [1, null] });
    expect([undefined, '', '{"a":', 'a'].map(jsonIn)).toEqual([undefined, undefined, undefined, undefined]);
    expect(jsonIn('null')).toBeNull();
  });
});

describe('canonical JSON', () => {
  it('has one form for equal values and none for what is no JSON', () => {
    expect(canonical({ b: 1, a: [2, undefined] })).toBe(canonical({ a: [2, null], b: 1 }));
    expect(() => canonical(undefined)).toThrow(TypeError);
  });
});
