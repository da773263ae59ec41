import type { Clock } from '../../core/clock.ts';
import { GitmendError } from '../../core/errors.ts';
import type { Forge, PullRequest } from '../forge.ts';
import { refused } from '../refused.ts';
import { isUnknown } from './client.ts';

export type MergeOptions = Parameters<Forge['merge']>[1];

/** How one forge is looked at and asked. */
export interface Merging {
  /** Name of the forge in messages. */
  name: string;
  clock: Clock;
  /** As it is now; `mergeable`: as far as the forge can tell. */
  look: () => Promise<{ pull: PullRequest; mergeable: boolean }>;
  /** Asks once, for a pull request that was just looked at. Throws FORGE_REFUSED, and what nobody knows the end of. */
  ask: (mergeable: boolean) => Promise<'done' | 'again'>;
}

/** How often it is looked at again; with the pauses between them about 15 seconds, many times what forges take. */
const rounds = 12;
/** How often it is looked for a merge whose end is not known. An answer, even a 500, comes after the deed. */
const looks = 5;

/**
 * Merges the head that the caller saw. Before anything is decided, the pull request is read: "not now" means several
 * things on every forge, and a 5xx may have merged. So one whose end is not known is looked up and never sent again.
 */
export async function mergeOnce({ name, clock, look, ask }: Merging, options: MergeOptions): Promise<PullRequest> {
  let sent = false;
  let left = rounds;
  for (let round = 0; ; round += 1) {
    const { pull, mergeable } = await look();
    if (pull.state === 'merged') return sameMerge(pull, options);
    refuseUnmergeable(pull, options);
    if (left === 0) throw ending(name, pull, sent && mergeable);
    const answer: 'done' | 'again' | 'unknown' = sent ? 'unknown' : await ask(mergeable).catch(unknownOr);
    left = sent || answer === 'again' ? left - 1 : looks;
    sent = answer !== 'again';
    if (answer !== 'done') await clock.sleep(pause(round));
  }
}

/** Nobody knows whether the forge did it: it is looked for, and not asked again. */
function unknownOr(error: unknown): 'unknown' {
  if (isUnknown(error)) return 'unknown';
  throw error;
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

/** `unknown`: it could still be merged, so nobody can tell what became of the request. */
function ending(name: string, { number }: PullRequest, unknown: boolean): GitmendError {
  // For a squash in conflict Gitea 1.25 answers 500, and says no more than that the pull request is not mergeable.
  if (!unknown) return refused(`#${number} is not mergeable: a conflict with its base, most likely`);
  const what = `${name} did not say how the merge of #${number} ended, and shows it as open`;
  return new GitmendError('FORGE_FAILED', what, { details: { unknown: true } });
}
