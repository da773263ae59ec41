import type { ApiAnswer, Exchange } from './exchange.ts';

/** How a request went, as far as asking again is concerned. */
export type Verdict =
  | { kind: 'answered'; answer: ApiAnswer }
  /** The forge did not do it and says so: any request may be sent again after that many milliseconds. */
  | { kind: 'put-off'; wait: number; why: string }
  /** Nobody knows whether it was done: a read may be sent again, a write must be looked up. */
  | { kind: 'unknown'; wait: number; why: string };

/** Milliseconds: nobody is kept waiting longer by one request, whatever the forge asks for. */
export const longestWait = 60_000;

/**
 * Judges one exchange. `attempt` counts from 1. 429, 503 with Retry-After and GitHub's secondary limits (403 with
 * Retry-After, or with no quota left) were not carried out; any other 5xx and a broken connection may have been.
 */
export function judge(result: Exchange, attempt: number, now: number): Verdict {
  const wait = Math.min(longestWait, 250 * 2 ** (attempt - 1));
  if (!result.ok) return { kind: 'unknown', wait, why: result.reason };
  const { status, headers } = result.answer;
  const asked = askedWait(headers, now);
  const limited = status === 429 || ((status === 503 || status === 403) && asked !== undefined);
  if (limited) return { kind: 'put-off', wait: asked ?? wait, why: `it answered ${status}: too many requests` };
  if (status >= 500) return { kind: 'unknown', wait, why: `it answered ${status}` };
  return { kind: 'answered', answer: result.answer };
}

/** Retry-After in seconds or as a date; else when GitHub's quota comes back, if there is none left. Milliseconds; `now` is the forge's. */
function askedWait(headers: Headers, now: number): number | undefined {
  const after = headers.get('retry-after');
  if (after !== null) {
    const until = /^\d{1,6}$/.test(after) ? now + Number(after) * 1000 : Date.parse(after);
    return Number.isNaN(until) ? undefined : Math.max(0, until - now);
  }
  return quotaWait(headers, now);
}

/**
 * Milliseconds until GitHub's quota of requests comes back, if an answer, even a good one, says that there is none left.
 * `undefined` for a quota of another kind (`search`, `graphql`), which is nobody else's.
 */
export function quotaWait(headers: Headers, now: number): number | undefined {
  const reset = headers.get('x-ratelimit-reset');
  const resource = headers.get('x-ratelimit-resource') ?? 'core';
  if (headers.get('x-ratelimit-remaining') !== '0' || resource !== 'core') return undefined;
  return reset !== null && /^\d{1,12}$/.test(reset) ? Math.max(0, Number(reset) * 1000 - now) : undefined;
}
