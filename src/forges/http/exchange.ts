import { setTimeout as after } from 'node:timers';

/** One request to a forge's API. */
export interface ApiCall {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: URL;
  headers: { readonly [name: string]: string };
  /** Sent as JSON. */
  body?: unknown;
}

/** What came back, whole. `json` is undefined where the body is none. */
export interface ApiAnswer {
  status: number;
  headers: Headers;
  json: unknown;
}

export type Exchange = { ok: true; answer: ApiAnswer } | { ok: false; reason: string };

export interface ExchangeLimits {
  /** Milliseconds for the request and its whole answer. */
  timeout: number;
  /** Bytes of a body. */
  largestAnswer: number;
}

export const usualLimits: ExchangeLimits = { timeout: 30_000, largestAnswer: 64 * 1024 * 1024 };

/**
 * Sends one request, once. Redirects are not followed: a token goes to the address that it was given for and to no other.
 * Where it fails, nobody knows whether the forge did what was asked.
 */
export async function exchange(call: ApiCall, limits: ExchangeLimits): Promise<Exchange> {
  const abort = new AbortController();
  const timer = after(() => abort.abort(), limits.timeout);
  try {
    const response = await fetch(call.url, {
      method: call.method,
      redirect: 'manual',
      signal: abort.signal,
      headers: { ...call.headers, ...(call.body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
    const text = await bounded(response, limits.largestAnswer);
    return { ok: true, answer: { status: response.status, headers: response.headers, json: parsed(text) } };
  } catch (error) {
    return { ok: false, reason: abort.signal.aborted ? 'it did not answer in time' : reasonOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

async function bounded(response: Response, largest: number): Promise<string> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > largest) throw new Error(`its answer is larger than ${largest} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/**
 * A `fetch` with the same limits, for a client that brings its own: the answer is whole or it is none, and no redirect is
 * followed.
 */
export function boundedFetch({ timeout, largestAnswer }: ExchangeLimits = usualLimits): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeout) });
    const text = await bounded(response, largestAnswer);
    const { status, headers } = response;
    return new Response(withoutBody.includes(status) ? null : text, { status, headers });
  };
}

/** Statuses whose answer has no body, which `Response` insists on. */
const withoutBody = [204, 205, 304];

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `fetch failed` says nothing; what caused it does. */
function reasonOf(error: unknown): string {
  const { message = '', cause } = error as { message?: string; cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}
