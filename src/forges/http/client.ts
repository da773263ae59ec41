import type { z } from 'zod';
import type { Clock } from '../../core/clock.ts';
import { GitmendError } from '../../core/errors.ts';
import { refused } from '../refused.ts';
import { exchange, type ApiAnswer, type ApiCall, type ExchangeLimits, usualLimits } from './exchange.ts';
import { paced, type Turn } from './pace.ts';
import { type Persistence, persistenceOf, persistently } from './persistently.ts';

export interface ForgeHttpOptions {
  /** Name of the forge in messages: `Gitea at https://git.home.lan`. */
  name: string;
  /** Everything that is asked lies below it. Ends with a slash. */
  base: URL;
  /** The credential among them; never printed. */
  headers: { readonly [name: string]: string };
  clock: Clock;
  /** Milliseconds between two writes. */
  writeInterval: number;
  /** Told when the forge asks for patience, so that waiting is never silent. */
  tell?: (event: 'forge-waits', facts: { [key: string]: unknown }) => void;
  limits?: Partial<ExchangeLimits>;
}

export interface Ask {
  /** Below the base; every part that comes from outside is encoded by the caller (`part`). */
  path: string;
  query?: { readonly [name: string]: string | number | undefined };
}

/** A forge's REST API: reads that are repeated until they are answered, writes that are sent once. */
export interface ForgeHttp {
  /** The answer if its status is 2xx or one of `accept`. Throws FORGE_FAILED and FORGE_REFUSED. */
  get(ask: Ask & { accept?: readonly number[] }): Promise<ApiAnswer>;
  /**
   * Sent again only when the forge said that it did not do it. Any answer below 500 is returned. Throws FORGE_FAILED
   * (`details.unknown`) where nobody knows whether it was done: look, do not ask again.
   */
  send(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', ask: Ask & { body?: unknown }): Promise<ApiAnswer>;
  /** Milliseconds: what time it is on the forge. */
  now: () => number;
}

/** Opens the API of one forge for one account. Nothing is sent before it is asked for something. */
export function forgeHttp(options: ForgeHttpOptions): ForgeHttp {
  const limits = { ...usualLimits, ...options.limits };
  const turn = paced(options.clock, options.writeInterval);
  const persistence = persistenceOf(options);
  return {
    now: persistence.time.now,
    async get({ accept = [], ...ask }) {
      const answer = await repeated(persistence, { method: 'GET', ...callOf(options, ask) }, limits);
      if (isGood(answer) || accept.includes(answer.status)) return answer;
      throw refusal(options.name, answer, ask.path);
    },
    async send(method, { body, ...ask }) {
      const call = { method, ...callOf(options, ask), ...(body === undefined ? {} : { body }) };
      return repeated(persistence, call, limits, turn);
    },
  };
}

/** One part of a path, whatever it holds. */
export function part(text: string | number): string {
  return encodeURIComponent(text);
}

/** The body of an answer as its schema has it. Throws FORGE_FAILED where it is something else. */
export function readAs<S extends z.ZodType>(schema: S, { json }: ApiAnswer, what: string): z.output<S> {
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  // The page of a login, of a proxy, or of nothing at all.
  if (json === undefined || typeof json === 'string')
    throw new GitmendError('FORGE_FAILED', `${what}: the answer is no JSON; is it the forge that is at this address?`);
  const [issue] = read.error.issues;
  const where = issue === undefined ? '' : `: ${issue.path.join('.') || 'the whole'}: ${issue.message}`;
  throw new GitmendError('FORGE_FAILED', `${what} is not what the forge's API describes${where}`);
}

/** The answer of a write if it was done; otherwise throws FORGE_REFUSED in the forge's own words. */
export function done(name: string, answer: ApiAnswer, what: string): ApiAnswer {
  if (isGood(answer)) return answer;
  throw refusal(name, answer, what);
}

export function isGood({ status }: ApiAnswer): boolean {
  return status >= 200 && status < 300;
}

/** The forge's own words, one line, capped: they may quote what anybody wrote. */
export function wordsOf({ json }: ApiAnswer): string {
  const { message } = (typeof json === 'object' && json !== null ? json : {}) as { message?: unknown };
  return typeof message === 'string' ? message.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 300) : '';
}

/** Whether nobody knows if the write was done. */
export function isUnknown(error: unknown): boolean {
  return error instanceof GitmendError && error.code === 'FORGE_FAILED' && error.details['unknown'] === true;
}

function callOf({ base, headers }: ForgeHttpOptions, { path, query = {} }: Ask): Pick<ApiCall, 'url' | 'headers'> {
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.append(name, String(value));
  return { url, headers: { accept: 'application/json', ...headers } };
}

async function repeated(
  persistence: Persistence,
  call: ApiCall,
  limits: ExchangeLimits,
  turn?: Turn,
): Promise<ApiAnswer> {
  const request = { method: call.method, path: call.url.pathname, ...(turn === undefined ? {} : { turn }) };
  return persistently(persistence, request, () => exchange(call, limits));
}

/** What a refusal says: where, what was asked, what the status means, and the forge's own words. */
export function refusal(name: string, answer: ApiAnswer, what: string): GitmendError {
  const { status } = answer;
  const said = wordsOf(answer);
  const why =
    meanings[status] ?? (status < 400 ? 'it points elsewhere: the address or the name has changed' : 'it refuses');
  return refused(`${name} answered ${status} to ${what}: ${why}${said === '' ? '' : ` (${said})`}`, { status });
}

const meanings: { [status: number]: string } = {
  401: 'the token is not accepted',
  403: 'the token may not do that',
  404: 'it is not there, or the token may not see it',
  423: 'the repository is archived',
};
