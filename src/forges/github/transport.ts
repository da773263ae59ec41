import type { Octokit } from '@octokit/core';
import { boundedFetch, type Exchange } from '../http/exchange.ts';

export type Ask = Octokit['request'];

/** Milliseconds for a secondary limit that names no time: "wait for at least one minute" (rate-limits-for-the-rest-api). */
const secondaryWait = 60;

/** Octokit without a credential, on a fetch that ends: answers are bounded, redirects with a credential never followed. */
export async function openOctokit(baseUrl: string): Promise<Octokit> {
  const [{ Octokit }, fetch] = await Promise.all([import('@octokit/core'), Promise.resolve(boundedFetch())]);
  // Octokit prints to the console unless told; what there is to say goes through `tell`.
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  return new Octokit({ baseUrl, request: { fetch, redirect: 'manual' }, userAgent: 'gitmend', log });
}

/** One exchange as the discipline of all forges has it: Octokit throws what is an answer. */
export async function exchanged(
  ask: () => Promise<{ status: number; headers: object; data: unknown }>,
): Promise<Exchange> {
  try {
    return answered(await ask());
  } catch (error) {
    const { response, cause, message = '' } = error as Failed;
    if (response !== undefined) return answered(response);
    return { ok: false, reason: cause?.cause?.code ?? cause?.message ?? message };
  }
}

interface Failed {
  response?: { status: number; headers: object; data: unknown };
  cause?: { message?: string; cause?: { code?: string } };
  message?: string;
}

function answered({ status, headers, data }: { status: number; headers: object; data: unknown }): Exchange {
  const read = new Headers(
    Object.entries(headers as { [name: string]: unknown }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value as string | number)] as [string, string]],
    ),
  );
  if (isSecondary(status, data) && !read.has('retry-after') && read.get('x-ratelimit-remaining') !== '0')
    read.set('retry-after', String(secondaryWait));
  return { ok: true, answer: { status, headers: read, json: data === '' ? undefined : data } };
}

/** A 429 is a limit whatever it says, a 403 only where its words say so: one without them is a refusal. */
function isSecondary(status: number, data: unknown): boolean {
  const { message } = (typeof data === 'object' && data !== null ? data : {}) as { message?: unknown };
  const words = typeof message === 'string' ? message : '';
  return status === 429 || (status === 403 && /secondary rate limit|abuse detection/i.test(words));
}

function silent(): void {
  // Nothing is said.
}
