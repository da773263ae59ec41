import type { PullRequest } from '../forge.ts';
import { done, wordsOf } from '../http/client.ts';
import type { ApiAnswer } from '../http/exchange.ts';
import { mergeOnce, type MergeOptions } from '../http/merge-loop.ts';
import { refused } from '../refused.ts';
import { saidText } from '../texts.ts';
import { type GiteaContext, pathOf } from './context.ts';
import { pullRequestOf } from './pull-request.ts';
import { pullAt } from './pull-at.ts';

/** Gitea's 405 means "still computing", "conflict", "merged already" and "not allowed": each time it is looked at first. */
export async function merge(context: GiteaContext, number: number, options: MergeOptions): Promise<PullRequest> {
  const { name, clock } = context;
  const look = async () => {
    const present = await pullAt(context, number);
    return { pull: await pullRequestOf(context, present), mergeable: present.mergeable };
  };
  const ask = () => attempted(context, number, options);
  return context.exclusively('merge', () => mergeOnce({ name, clock, look, ask }, options));
}

async function attempted(context: GiteaContext, number: number, options: MergeOptions): Promise<'done' | 'again'> {
  const { style, head, message } = options;
  const body = { Do: style, head_commit_id: head, delete_branch_after_merge: false, ...messageOf(message) };
  const path = pathOf(context, 'pulls', number, 'merge');
  const answer = await context.http.send('POST', { path, body });
  if (maySettle(answer)) return 'again';
  if (isOfJob(context, answer)) throw refused(jobMay);
  if (isConflict(answer)) throw refused(`#${number} has a conflict with its base`);
  done(context.name, answer, `the merge of #${number}`);
  return 'done';
}

/** Still computing, merged by somebody else, or the base or the head moved meanwhile: the pull request tells which. */
function maySettle(answer: ApiAnswer): boolean {
  const words = wordsOf(answer);
  if (answer.status === 405) return words === '' || /try again later|already merged|has merged/i.test(words);
  return answer.status === 409 && /out of date/i.test(words);
}

/** The account of a job's own token. */
const jobAccount = 'gitea-actions';
const jobMay = "Gitea lets no job merge by the job's own token: give it the one that forge.token names";

/** A merge is a push of the server's own, and of a job that push comes without its rights (measured: 1.25). */
function isOfJob({ self }: Pick<GiteaContext, 'self'>, answer: ApiAnswer): boolean {
  return self === jobAccount && answer.status === 409 && /permission denied/i.test(wordsOf(answer));
}

/** Gitea answers a conflict with the whole of git's output in place of a message. */
function isConflict({ status, json }: ApiAnswer): boolean {
  return status === 409 && typeof json === 'object' && json !== null && ('StdErr' in json || 'StdOut' in json);
}

/** Title and text, which Gitea joins with an empty line. */
function messageOf(message: string | undefined): { MergeTitleField?: string; MergeMessageField?: string } {
  if (message === undefined) return {};
  const [title = '', ...rest] = saidText(message).trim().split('\n');
  return { MergeTitleField: title, MergeMessageField: rest.join('\n').trim() };
}
