import { z } from 'zod';
import { readAs, type Ask, type ForgeHttp } from './client.ts';

/** Most that one page holds on the forges known here, unless their owner has set less. */
export const pageSize = 50;
/** A list without an end is a fault of the forge; this many pages are more than anybody has. */
const mostPages = 4000;

/**
 * The entries of a paged list, page by page. Forges may put `null` in place of what they could not read: it is left out.
 * A page may hold fewer than asked for (the owner can set the cap), so only an empty one, or the total, ends the list.
 */
export async function* pages<S extends z.ZodType>(
  http: ForgeHttp,
  ask: Ask,
  entry: S,
): AsyncGenerator<z.output<S>[], void, undefined> {
  const schema = z.array(entry.nullable()).nullable();
  let seen = 0;
  for (let page = 1; page <= mostPages; page += 1) {
    const answer = await http.get({ ...ask, query: { ...ask.query, page, limit: pageSize } });
    const list = readAs(schema, answer, ask.path) ?? [];
    seen += list.length;
    yield list.filter((one): one is z.output<S> => one !== null);
    if (list.length === 0 || seen >= Number(answer.headers.get('x-total-count') ?? Infinity)) return;
  }
}

/** All of them. */
export async function allPages<S extends z.ZodType>(http: ForgeHttp, ask: Ask, entry: S): Promise<z.output<S>[]> {
  const all: z.output<S>[] = [];
  for await (const page of pages(http, ask, entry)) all.push(...page);
  return all;
}
