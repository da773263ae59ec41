import type { PullRequest } from '../forge.ts';
import { done, wordsOf } from '../http/client.ts';
import type { ApiAnswer } from '../http/exchange.ts';
import { mergeOnce, type MergeOptions } from '../http/merge-loop.ts';
import { refused } from '../refused.ts';
import { saidText } from '../texts.ts';
import type { GithubContext } from './context.ts';
import { longestText } from './limits.ts';
import { pullAt, pullRequestOf } from './pull-at.ts';

/**
 * Merges the head that the caller saw (`sha`). `mergeable` is `null` while GitHub computes it, which a look starts: until
 * it says something nothing is sent.
 */
export async function merge(context: GithubContext, number: number, options: MergeOptions): Promise<PullRequest> {
  const { name, clock } = context;
  const look = async () => {
    const present = await pullAt(context, number);
    const pull = await pullRequestOf(context, present);
    const conflict = pull.state === 'open' && pull.head === options.head && present.mergeable === false;
    if (conflict) throw refused(`#${number} has a conflict with its base`);
    return { pull, mergeable: present.mergeable === true };
  };
  const ask = (mergeable: boolean) =>
    mergeable ? attempted(context, number, options) : Promise.resolve('again' as const);
  return context.exclusively('merge', () => mergeOnce({ name, clock, look, ask }, options));
}

async function attempted(context: GithubContext, number: number, options: MergeOptions): Promise<'done' | 'again'> {
  const { style, head, message } = options;
  const wish = { pull_number: number, sha: head, merge_method: style, ...messageOf(message) };
  const answer = await context.api.send('PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', wish);
  if (maySettle(answer)) return 'again';
  if (/conflict/i.test(wordsOf(answer))) throw refused(`#${number} has a conflict with its base`);
  done(context.name, answer, `the merge of #${number}`);
  return 'done';
}

/**
 * 409: the head is another one; 405: the base moved in this moment, it cannot be merged, or it is merged already. The
 * pull request tells which. Every other 405 is a rule of the repository, in GitHub's words.
 */
function maySettle(answer: ApiAnswer): boolean {
  const words = wordsOf(answer);
  if (answer.status === 409) return /head branch was modified|head sha/i.test(words);
  return answer.status === 405 && /base branch was modified|is not mergeable|already (been )?merged/i.test(words);
}

/** A rebase keeps the messages of its commits, and GitHub leaves this one out. */
function messageOf(message: string | undefined): { commit_title?: string; commit_message?: string } {
  if (message === undefined) return {};
  const [title = '', ...rest] = saidText(message, longestText).trim().split('\n');
  return { commit_title: title, commit_message: rest.join('\n').trim() };
}
