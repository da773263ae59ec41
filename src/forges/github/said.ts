import type { SaidComment } from '../forge.ts';
import { saidIn } from '../http/said.ts';
import { commentsSince, isOnPull, numberOf } from './changes.ts';
import { commentOf } from './comments.ts';
import type { GithubContext } from './context.ts';
import { listOf } from '../http/shapes.ts';
import { commentShape, type GithubComment } from './shapes.ts';

const commentList = listOf(commentShape);

/** Comments of conversations after the cursor. What is said on a line in a review is in no such list, and is none here. */
export async function saidSince(
  context: GithubContext,
  cursor: string | undefined,
): Promise<{ comments: SaidComment[]; cursor: string }> {
  const since = async (from: number) => (await commentsSince(context, from)).flatMap(saidOf);
  return saidIn({ newest: () => newestMoment(context), since, now: context.api.now }, cursor);
}

async function newestMoment({ api }: GithubContext): Promise<number> {
  const asked = { sort: 'updated' as const, direction: 'desc' as const, per_page: 1 };
  const [newest] = await api.read('GET /repos/{owner}/{repo}/issues/comments', asked, commentList);
  return newest === undefined ? 0 : Date.parse(newest.updated_at);
}

function saidOf(comment: GithubComment): SaidComment[] {
  const number = numberOf(comment);
  if (Number.isNaN(number)) return [];
  const edited = comment.created_at !== comment.updated_at;
  return [{ ...commentOf(comment), number, on: isOnPull(comment) ? 'pull-request' : 'issue', edited }];
}
