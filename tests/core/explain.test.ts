import { describe, expect, it } from 'vitest';
import { codedError, errorCatalogue, GitmendError } from '../../src/core/errors.ts';
import { correlationIn, correlationOf } from '../../src/core/correlation.ts';
import { explain } from '../../src/core/explain.ts';

describe('what a word means', () => {
  it('is found for every error, however it is written, with the next deed', () => {
    const { means, next } = errorCatalogue.PVE_LOCKED;
    expect(explain('pve_locked')).toEqual({ word: 'PVE_LOCKED', means, error: { action: 'wait', next } });
  });

  it('is found for an outcome, without one', () => {
    expect(explain('Not-Verified')).toEqual({ word: 'not-verified', means: expect.stringMatching(/\S/) });
  });

  it.each(['', 'toString', '__proto__', 'CONSTRUCTOR', 'no-such-word'])('is not made up for %j', (word) => {
    expect(explain(word)).toBeUndefined();
  });
});

describe('the coded error behind anything thrown', () => {
  it('is itself where it has a code', () => {
    const coded = new GitmendError('USAGE', 'x');
    expect(codedError(coded)).toBe(coded);
  });

  it.each([
    [new Error('broken'), 'broken'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
  ])('is a fault of gitmend for what nobody thought of: %s', (thrown, message) => {
    const coded = codedError(thrown);
    expect(coded).toMatchObject({ code: 'INTERNAL', message });
    expect(coded.cause).toBe(thrown);
  });
});

describe('the word that follows a fault', () => {
  const alert = { fingerprint: 'a1', startsAt: '2026-11-20T03:34:00Z' };

  it('is the same for every way to write the moment, and another for another alert or moment', () => {
    const word = correlationOf(alert);
    expect(word).toMatch(/^[0-9a-f]{12}$/);
    expect(correlationOf({ ...alert, startsAt: '2026-11-20T04:34:00.000+01:00' })).toBe(word);
    expect(correlationOf({ ...alert, fingerprint: 'a2' })).not.toBe(word);
    expect(correlationOf({ ...alert, startsAt: '2026-11-20T03:34:01Z' })).not.toBe(word);
    expect(correlationOf({ ...alert, startsAt: 'never' })).not.toBe(word);
  });

  it('takes a fingerprint that is no text of Unicode', () => {
    expect(correlationOf({ ...alert, fingerprint: '\ud800' })).toMatch(/^[0-9a-f]{12}$/);
  });

  it('is left out of a line where there is no signal', () => {
    expect([correlationIn(undefined), correlationIn(alert)]).toEqual([{}, { correlation: correlationOf(alert) }]);
  });
});
