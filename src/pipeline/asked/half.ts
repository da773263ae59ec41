import { errorCatalogue, isGitmendError } from '../../core/errors.ts';
import { showPlan } from '../../deliver/show.ts';
import { readTruth } from '../../deliver/truth.ts';
import type { World } from '../../deliver/world.ts';
import type { PullRequest } from '../../forges/forge.ts';
import { plainText } from '../../records/escape.ts';
import { sentence } from '../../records/sentence.ts';

/** `FORGE_FAILED: 502.` as Markdown; throws what nobody thought of. */
export function faultWords(error: unknown): string {
  if (!isGitmendError(error)) throw error;
  return sentence(`${error.code}: ${plainText(error.message, 300)}`);
}

/**
 * Plans what a command just opened. Opened it stays where that fails, so the failure is said beside what was reached and
 * never in place of it: the next planning pass plans every open pull request. Returns what there is to add to the answer.
 */
export async function planOpened(world: World, opened: PullRequest): Promise<string> {
  try {
    const truth = await readTruth(world);
    if (truth.rules.config?.runner === 'ci') return '';
    await showPlan(world, truth, opened);
    return '';
  } catch (error) {
    return ` Its plan follows: it could not be made yet. ${faultWords(error)}`;
  }
}

/** What to do about a failed command: it is never repeated unasked, so "the next pass asks again" would be no answer. */
export function nextAfter(code: keyof typeof errorCatalogue): string {
  const again = code === 'FORGE_FAILED' || code === 'REF_TAKEN';
  return again ? 'wait a little' : errorCatalogue[code].next;
}
