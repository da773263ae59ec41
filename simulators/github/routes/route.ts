import type { User, World } from '../world.ts';

/** One request, understood: who asks, with which parts of the path, query and body. */
export interface Asked {
  world: World;
  user: User;
  /** Whole seconds, in milliseconds. */
  now: number;
  computing: number;
  /** The groups of the route's pattern. */
  parts: string[];
  query: URLSearchParams;
  body: { readonly [name: string]: unknown };
  /** Sends an event to every web hook. */
  emit: (event: string, payload: object) => void;
}

export interface Reply {
  status: number;
  json?: unknown;
  headers?: { [name: string]: string };
}

export interface Route {
  method: string;
  /** Below `repos/owner/name/`, decoded. */
  pattern: RegExp;
  answer: (asked: Asked) => Promise<Reply> | Reply;
}

/** One page, with the links to its neighbours (using-pagination-in-the-rest-api): 30 entries unless told, 100 at most. */
export function paged(list: readonly unknown[], query: URLSearchParams, within?: string): Reply {
  const limit = Math.min(100, Math.max(1, Number(query.get('per_page') ?? 30)));
  const page = Math.max(1, Number(query.get('page') ?? 1));
  const entries = list.slice((page - 1) * limit, page * limit);
  const more = page * limit < list.length;
  const json = within === undefined ? entries : { total_count: list.length, [within]: entries };
  return {
    status: 200,
    json,
    ...(more ? { headers: { link: `<http://localhost/?page=${page + 1}>; rel="next"` } } : {}),
  };
}

export function textIn(body: Asked['body'], name: string): string | undefined {
  const value = body[name];
  return typeof value === 'string' ? value : undefined;
}

export function textsIn(body: Asked['body'], name: string): string[] {
  const value = body[name];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

export const ok = (json: unknown): Reply => ({ status: 200, json });
export const made = (json: unknown): Reply => ({ status: 201, json });
