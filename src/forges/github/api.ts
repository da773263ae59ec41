import type { Octokit } from '@octokit/core';
import type { Endpoints } from '@octokit/types';
import type { z } from 'zod';
import { done, isGood, readAs, refusal } from '../http/client.ts';
import type { ApiAnswer } from '../http/exchange.ts';
import { paced, type Turn } from '../http/pace.ts';
import { type Persistence, persistently } from '../http/persistently.ts';
import type { Credential } from './credential.ts';
import { keptAnswers } from './kept.ts';
import { exchanged } from './transport.ts';

/** Every request that GitHub's own description knows, by its method and path. */
type Route = keyof Endpoints;
type Reading = Extract<Route, `GET ${string}`>;
type Writing = Exclude<Route, Reading>;
/** What it takes, as described; which repository is filled in here. */
type ParametersOf<R extends Route> = Omit<
  Endpoints[R]['parameters'],
  'owner' | 'repo' | 'baseUrl' | 'headers' | 'mediaType' | 'request'
>;

/** Most that one page holds (using-pagination-in-the-rest-api). */
export const pageSize = 100;
const mostPages = 2000;

export interface GithubApiOptions extends Persistence {
  octokit: Octokit;
  credential: Credential;
  /** `owner/name` */
  repository: string;
  /** Milliseconds between two writes. */
  writeInterval: number;
}

/**
 * GitHub's REST API for one repository: what is asked is typed by GitHub's own description, what is answered is parsed.
 * Reads are repeated until they are answered and cost no quota where nothing changed; writes are paced and sent once.
 */
export interface GithubApi {
  /** Throws FORGE_FAILED and FORGE_REFUSED. */
  read<R extends Reading, S extends z.ZodType>(route: R, parameters: ParametersOf<R>, schema: S): Promise<z.output<S>>;
  /** The same; `undefined` for these statuses: 404 unless told. */
  find<R extends Reading, S extends z.ZodType>(
    route: R,
    parameters: ParametersOf<R>,
    schema: S,
    absent?: readonly number[],
  ): Promise<z.output<S> | undefined>;
  /** The entries of a list, page by page; `within` picks the list where the answer is an object. */
  pages<R extends Reading, S extends z.ZodType<readonly unknown[]>>(
    route: R,
    parameters: ParametersOf<R>,
    page: S,
  ): AsyncGenerator<z.output<S>, void, undefined>;
  all<R extends Reading, T>(route: R, parameters: ParametersOf<R>, page: z.ZodType<T[]>): Promise<T[]>;
  /** Sends once. Any answer below 500 is returned. Throws FORGE_FAILED (`details.unknown`: look, do not ask again). */
  send<R extends Writing>(route: R, parameters: ParametersOf<R>): Promise<ApiAnswer>;
  /** Sends, and reads what GitHub says that it holds now. */
  write<R extends Writing, S extends z.ZodType>(route: R, parameters: ParametersOf<R>, schema: S): Promise<z.output<S>>;
  /** Milliseconds: what time it is on the forge. */
  now: () => number;
}

/**
 * Pages of a list that are kept: 2,000 pull requests are asked for twice a minute, and those that ended long ago, which are
 * first in the list, never change. What is further back is not worth its memory, and costs quota.
 */
const pagesKept = 20;

function late(parameters: object): boolean {
  return 'page' in parameters && Number(parameters.page) > pagesKept;
}

function hasNext({ headers }: ApiAnswer): boolean {
  return /<[^>]*>\s*;\s*rel="next"/.test(headers.get('link') ?? '');
}

/** An ETag is that of a page's entries alone: a full page is the same after another one has begun behind it. */
function isFull(value: unknown): boolean {
  return Array.isArray(value) && value.length >= pageSize;
}

/** Opens the API for one credential. Nothing is sent before something is asked for. */
export function githubApi(options: GithubApiOptions): GithubApi {
  const { octokit, credential, name, clock } = options;
  const [owner = '', repo = ''] = options.repository.split('/');
  /** Which repository, where the request is about one: what a path has no place for would go into the query. */
  const whole = (route: Route, parameters: object): { [name: string]: unknown } => ({
    ...(route.includes('{owner}') ? { owner, repo } : {}),
    ...parameters,
  });
  const turn = paced(clock, options.writeInterval, options.shared);
  const kept = keptAnswers();

  async function ask(
    route: Route,
    parameters: object,
    { etag, turn }: { etag?: string | undefined; turn?: Turn } = {},
  ): Promise<ApiAnswer> {
    const authorization = `token ${await credential.token()}`;
    const headers = { authorization, ...(etag === undefined ? {} : { 'if-none-match': etag }) };
    const method = route.slice(0, route.indexOf(' '));
    const request = { method, path: pathOf(route, parameters), ...(turn === undefined ? {} : { turn }) };
    return persistently(options, request, () =>
      exchanged(() => octokit.request(route, { ...whole(route, parameters), headers })),
    );
  }

  function pathOf(route: Route, parameters: object): string {
    const { url } = octokit.request.endpoint(route, whole(route, parameters));
    return new URL(url).pathname;
  }

  /** A value with whether another page follows it; `undefined` where the status is one of `absent`. */
  async function reading(route: Route, parameters: object, schema: z.ZodType, absent: readonly number[]) {
    const { url } = octokit.request.endpoint(route, whole(route, parameters));
    const before = kept.of(url, schema);
    const answer = await ask(route, parameters, { etag: before?.etag });
    if (answer.status === 304 && before !== undefined)
      return { ...before, more: before.more || hasNext(answer) || isFull(before.value) };
    if (absent.includes(answer.status)) return undefined;
    if (!isGood(answer)) throw refusal(name, answer, pathOf(route, parameters));
    const value: unknown = readAs(schema, answer, pathOf(route, parameters));
    const one = { schema, value, more: hasNext(answer), etag: answer.headers.get('etag') ?? undefined };
    return late(parameters) ? one : kept.keep(url, one);
  }

  async function* pages<S extends z.ZodType>(route: Route, parameters: object, page: S) {
    for (let number = 1; number <= mostPages; number += 1) {
      const read = await reading(route, { ...parameters, per_page: pageSize, page: number }, page, []);
      yield read?.value as z.output<S>;
      if (read?.more !== true) return;
    }
  }

  const send = (route: Writing, parameters: object): Promise<ApiAnswer> => ask(route, parameters, { turn });

  return {
    async read(route, parameters, schema) {
      const read = await reading(route, parameters, schema, []);
      return read?.value as z.output<typeof schema>;
    },
    async find(route, parameters, schema, absent = [404]) {
      const read = await reading(route, parameters, schema, absent);
      return read?.value as z.output<typeof schema> | undefined;
    },
    pages,
    async all(route, parameters, page) {
      const found = [];
      for await (const list of pages(route, parameters, page)) found.push(...list);
      return found;
    },
    send,
    now: options.time.now,
    async write(route, parameters, schema) {
      const path = pathOf(route, parameters);
      return readAs(schema, done(name, await send(route, parameters), path), path);
    },
  };
}
