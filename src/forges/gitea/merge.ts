import { GitmendError } from '../../core/errors.ts';
import type { Forge, PullRequest } from '../forge.ts';
import { done, isUnknown, wordsOf } from '../http/client.ts';
import type { ApiAnswer } from '../http/exchange.ts';
import { refused } from '../refused.ts';
import { saidText } from '../texts.ts';
import { type GiteaContext, pathOf } from './context.ts';
import { pullRequestOf } from './pull-request.ts';
import { pullAt } from './pull-at.ts';

type MergeOptions = Parameters<Forge['merge']>[1];

/** How often it is looked at again; with the pauses between them about 15 seconds, many times what Gitea takes. */
const rounds = 12;
/** How often it is looked for a merge whose end is not known. Gitea's answer, even a 500, comes after the deed. */
const looks = 5;

/**
 * Merges the head that the caller saw. Before anything is decided, the pull request is read: Gitea's 405 means "still
 * computing", "conflict", "merged already" and "not allowed", and a 5xx may have merged. So one whose end is not known is
 * looked up and never sent again.
 */
export async function merge(context: GiteaContext, number: number, options: MergeOptions): Promise<PullRequest> {
  return context.exclusively('merge', async () => {
    let sent = false;
    let left = rounds;
    for (let round = 0; ; round += 1) {
      const present = await pullAt(context, number);
      const pull = await pullRequestOf(context, present);
      if (pull.state === 'merged') return sameMerge(pull, options);
      refuseUnmergeable(pull, options);
      if (left === 0) throw ending(context, pull, sent && present.mergeable);
      const answer: 'done' | 'again' | 'unknown' = sent ? 'unknown' : await attempted(context, number, options);
      left = sent || answer === 'again' ? left - 1 : looks;
      sent = answer !== 'again';
      if (answer !== 'done') await context.clock.sleep(pause(round));
    }
  });
}

/** Milliseconds, growing to 2 s. */
function pause(round: number): number {
  return Math.min(2000, 200 * 1.5 ** round);
}

/** The same request again is answered with the merge that it led to. */
function sameMerge(pull: PullRequest, { head }: MergeOptions): PullRequest {
  if (pull.head === head) return pull;
  throw refused(`#${pull.number} was merged as ${pull.head.slice(0, 7)}, not as ${head.slice(0, 7)}`);
}

function refuseUnmergeable({ number, state, head }: PullRequest, options: MergeOptions): void {
  if (state === 'closed') throw refused(`#${number} is closed`);
  if (head !== options.head)
    throw refused(`the head of #${number} moved: it is ${head.slice(0, 7)}, not ${options.head.slice(0, 7)}`);
}

/** Asks once. `again`: Gitea did not do it and may in a moment. `unknown`: nobody knows, so it is not asked again. */
async function attempted(
  context: GiteaContext,
  number: number,
  options: MergeOptions,
): Promise<'done' | 'again' | 'unknown'> {
  const { style, head, message } = options;
  const body = { Do: style, head_commit_id: head, delete_branch_after_merge: false, ...messageOf(message) };
  try {
    const path = pathOf(context, 'pulls', number, 'merge');
    const answer = await context.http.send('POST', { path, body });
    if (maySettle(answer)) return 'again';
    if (isConflict(answer)) throw refused(`#${number} has a conflict with its base`);
    done(context.name, answer, `the merge of #${number}`);
    return 'done';
  } catch (error) {
    if (isUnknown(error)) return 'unknown';
    throw error;
  }
}

/** Still computing, merged by somebody else, or the base or the head moved meanwhile: the pull request tells which. */
function maySettle(answer: ApiAnswer): boolean {
  const words = wordsOf(answer);
  if (answer.status === 405) return words === '' || /try again later|already merged|has merged/i.test(words);
  return answer.status === 409 && /out of date/i.test(words);
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

/** `unknown`: it could still be merged, so nobody can tell what became of the request. */
function ending({ name }: GiteaContext, { number }: PullRequest, unknown: boolean): GitmendError {
  // For a squash in conflict Gitea 1.25 answers 500, and says no more than that the pull request is not mergeable.
  if (!unknown) return refused(`#${number} is not mergeable: a conflict with its base, most likely`);
  const what = `${name} did not say how the merge of #${number} ended, and shows it as open`;
  return new GitmendError('FORGE_FAILED', what, { details: { unknown: true } });
}
