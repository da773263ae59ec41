import { z } from 'zod';
import { isoTime } from '../../core/clock.ts';
import type { SaidComment } from '../forge.ts';
import { readAs } from '../http/client.ts';
import { allPages } from '../http/pages.ts';
import { saidIn } from '../http/said.ts';
import { commentOf } from './comments.ts';
import { type GiteaContext, pathOf } from './context.ts';
import { commentShape, type GiteaComment } from './shapes.ts';

/** Comments of conversations after the cursor. What is said in a review is in no such list, and so is no comment here. */
export async function saidSince(
  context: GiteaContext,
  cursor: string | undefined,
): Promise<{ comments: SaidComment[]; cursor: string }> {
  const newest = () => newestMoment(context);
  return saidIn({ newest, since: (from) => since(context, from), now: context.http.now }, cursor);
}

const page = z.array(commentShape.nullable()).nullable();

/** When the last comment was written. They are listed by their age, and the total is told: the last page holds one. */
async function newestMoment(context: GiteaContext): Promise<number> {
  const path = pathOf(context, 'issues', 'comments');
  const first = await context.http.get({ path, query: { page: 1, limit: 1 } });
  const total = Number(first.headers.get('x-total-count') ?? 0);
  if (!Number.isSafeInteger(total) || total < 1) return 0;
  const last = readAs(page, await context.http.get({ path, query: { page: total, limit: 1 } }), path) ?? [];
  // None where one was deleted in this moment: then everything is read, and nothing is lost.
  return Math.max(0, ...last.map((comment) => (comment === null ? 0 : Date.parse(comment.created_at))));
}

async function since(context: GiteaContext, from: number): Promise<SaidComment[]> {
  const path = pathOf(context, 'issues', 'comments');
  const all = await allPages(context.http, { path, query: { since: isoTime(from) } }, commentShape);
  return all.flatMap(saidOf);
}

function saidOf(comment: GiteaComment): SaidComment[] {
  const pull = numberIn(/\/pulls\/(\d+)$/, comment.pull_request_url);
  const number = pull ?? numberIn(/\/issues\/(\d+)$/, comment.issue_url ?? '');
  if (number === undefined) return [];
  const edited = comment.created_at !== comment.updated_at;
  return [{ ...commentOf(comment), number, on: pull === undefined ? 'issue' : 'pull-request', edited }];
}

function numberIn(pattern: RegExp, url: string): number | undefined {
  const found = pattern.exec(url)?.[1];
  return found === undefined ? undefined : Number(found);
}
