import type { User, World } from '../world.ts';

/** One request, understood: who asks, with which parts of the path, query and body. */
export interface Asked {
  world: World;
  user: User;
  /** Whole seconds, in milliseconds. */
  now: number;
  /** How often a pull request that was touched says that it is still computing. */
  computing: number;
  /** The groups of the route's pattern. */
  parts: string[];
  query: URLSearchParams;
  body: { readonly [name: string]: unknown };
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

/** One page of a list, with the total that Gitea tells in a header. Pages hold 50 at most. */
export function paged(list: readonly unknown[], query: URLSearchParams): Reply {
  const limit = Math.min(50, Number(query.get('limit') ?? 30));
  const page = Math.max(1, Number(query.get('page') ?? 1));
  return {
    status: 200,
    json: list.slice((page - 1) * limit, page * limit),
    headers: { 'X-Total-Count': String(list.length) },
  };
}

export function textIn(body: Asked['body'], name: string): string | undefined {
  const value = body[name];
  return typeof value === 'string' ? value : undefined;
}

export function numbersIn(body: Asked['body'], name: string): number[] {
  const value = body[name];
  return Array.isArray(value) ? value.map(Number) : [];
}

export const ok = (json: unknown): Reply => ({ status: 200, json });
export const made = (json: unknown): Reply => ({ status: 201, json });
