import { describe, expect, it } from 'vitest';
import { loginLimiter } from '../../src/web/limiter.ts';

function limiter() {
  let now = 1_000_000;
  return { ...loginLimiter(() => now), pass: (seconds: number) => (now += seconds * 1000) };
}

describe('wrong tokens', () => {
  it('block their address after ten, for as long as the oldest of them counts', () => {
    const one = limiter();
    for (let times = 0; times < 9; times += 1) one.failed('a');
    expect(one.blocked('a')).toBe(0);
    one.failed('a');
    expect(one.blocked('a')).toBe(300);
    one.pass(300);
    expect(one.blocked('a')).toBe(0);
  });

  it('of one address block no other', () => {
    const one = limiter();
    for (let times = 0; times < 20; times += 1) one.failed('a');
    expect(one.blocked('b')).toBe(0);
  });

  it('are forgotten with a right one', () => {
    const one = limiter();
    for (let times = 0; times < 9; times += 1) one.failed('a');
    one.succeeded('a');
    one.failed('a');
    expect(one.blocked('a')).toBe(0);
  });

  it('are remembered of ten thousand addresses, and of the one before them no longer', () => {
    const one = limiter();
    for (let times = 0; times < 10; times += 1) one.failed('first');
    for (let address = 1; address < 10_000; address += 1) one.failed(String(address));
    expect(one.blocked('first')).toBe(300);
    one.failed('one more');
    expect(one.blocked('first')).toBe(0);
  });

  it('of many addresses do not fill the memory', () => {
    const one = limiter();
    for (let address = 0; address < 30_000; address += 1) one.failed(String(address));
    for (let times = 0; times < 10; times += 1) one.failed('last');
    expect(one.blocked('last')).toBeGreaterThan(0);
  });
});
