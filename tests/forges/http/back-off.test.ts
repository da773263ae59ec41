import { describe, expect, test } from 'vitest';
import { judge } from '../../../src/forges/http/back-off.ts';
import type { Exchange } from '../../../src/forges/http/exchange.ts';

const now = Date.UTC(2026, 10, 20, 3, 12);
const answered = (status: number, headers: { [name: string]: string } = {}): Exchange => ({
  ok: true,
  answer: { status, headers: new Headers(headers), json: undefined },
});

describe('what an exchange means for asking again', () => {
  test.each([200, 201, 204, 301, 400, 401, 403, 404, 405, 409, 422, 423])('%i is an answer', (status) => {
    expect(judge(answered(status), 1, now).kind).toBe('answered');
  });

  test.each([500, 502, 503, 504])('%i may have been carried out', (status) => {
    expect(judge(answered(status), 1, now)).toMatchObject({ kind: 'unknown', wait: 250 });
  });

  test('so may one whose connection broke', () => {
    expect(judge({ ok: false, reason: 'ECONNRESET' }, 1, now)).toMatchObject({ kind: 'unknown', why: 'ECONNRESET' });
  });

  test.each([
    [429, { 'Retry-After': '7' }, 7_000],
    [503, { 'Retry-After': '2' }, 2_000],
    [403, { 'Retry-After': '60' }, 60_000],
    [429, { 'Retry-After': 'Fri, 20 Nov 2026 03:12:30 GMT' }, 30_000],
    [429, { 'Retry-After': 'Fri, 20 Nov 2026 03:11:30 GMT' }, 0],
    [403, { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(now / 1000 + 40) }, 40_000],
    [429, {}, 250],
    [429, { 'Retry-After': 'soon' }, 250],
  ] as const)('%i with %j was not carried out, and is sent again after %i ms', (status, headers, wait) => {
    expect(judge(answered(status, headers), 1, now)).toMatchObject({ kind: 'put-off', wait });
  });

  test('a 403 with quota left is a refusal', () => {
    expect(judge(answered(403, { 'X-RateLimit-Remaining': '12' }), 1, now).kind).toBe('answered');
  });

  test('waits grow, and end at a minute', () => {
    const waits = [1, 2, 3, 12].map((attempt) => judge(answered(500), attempt, now));
    expect(waits).toMatchObject([{ wait: 250 }, { wait: 500 }, { wait: 1000 }, { wait: 60_000 }]);
  });
});
