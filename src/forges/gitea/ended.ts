import { z } from 'zod';
import { allPages } from '../http/pages.ts';
import { find, type GiteaContext, pathOf } from './context.ts';
import { type Pull, referenceShape, timelineShape } from './shapes.ts';

/** Of pull requests that ended: by number and moment of the end, because they can be opened again. */
export interface ClosedPulls {
  heads: Map<string, string>;
  closers: Map<string, string | undefined>;
}

export function nothingKnown(): ClosedPulls {
  return { heads: new Map(), closers: new Map() };
}

/**
 * The head that a pull request ended with. `head.sha` is no such thing: while the branch is there it is the branch's tip
 * of now, whatever was pushed after the end; `refs/pull/N/head` stays.
 */
export async function endedHead(context: GiteaContext, pull: Pull): Promise<string> {
  const known = context.ended.heads.get(endOf(pull));
  if (known !== undefined) return known;
  const ref = `refs/pull/${pull.number}/head`;
  const found = (await refsBelow(context, `pull/${pull.number}/head`)).get(ref) ?? pull.head.sha;
  context.ended.heads.set(endOf(pull), found);
  return found;
}

/** The same for many in one question, so that a list costs one and not one for each. */
export async function learnHeads(context: GiteaContext, pulls: readonly Pull[]): Promise<void> {
  const unknown = pulls.filter((pull) => pull.state === 'closed' && !context.ended.heads.has(endOf(pull)));
  if (unknown.length < 2) return;
  const refs = await refsBelow(context, 'pull');
  for (const pull of unknown) {
    const head = refs.get(`refs/pull/${pull.number}/head`);
    if (head !== undefined) context.ended.heads.set(endOf(pull), head);
  }
}

/** Who closed it: the API names them in the timeline alone. */
export async function closerOf(context: GiteaContext, pull: Pull): Promise<string | undefined> {
  const key = endOf(pull);
  if (context.ended.closers.has(key)) return context.ended.closers.get(key);
  const path = pathOf(context, 'issues', pull.number, 'timeline');
  const events = await allPages(context.http, { path, query: { since: pull.closed_at ?? undefined } }, timelineShape);
  const closer = events.findLast(({ type }) => type === 'close')?.user;
  context.ended.closers.set(key, closer);
  return closer;
}

function endOf({ number, closed_at, merged_at }: Pull): string {
  return `${number} ${merged_at ?? closed_at ?? ''}`;
}

/** One reference comes as an object, several as a list, and what the name begins is found as well. */
async function refsBelow(context: GiteaContext, prefix: string): Promise<Map<string, string>> {
  const schema = z.union([referenceShape.transform((one) => [one]), z.array(referenceShape)]);
  const path = `${pathOf(context, 'git', 'refs')}/${prefix}`;
  const found = (await find(context, path, schema)) ?? [];
  return new Map(found.map(({ ref, object }) => [ref, object.sha]));
}
