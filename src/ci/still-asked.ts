import type { Ground } from '../deliver/world.ts';
import type { BoardNotes } from '../ledger/board.ts';
import { standingPlan } from '../pipeline/asked/planning.ts';
import { parseAskedByBox, parseStarted } from '../pipeline/asked/started.ts';
import { parsePlanComment, planMarker } from '../records/plan-comment.ts';

/**
 * What people asked CI for on one open pull request and no job has done: Gitea cancels a dispatched run when the same
 * workflow is dispatched again, so of two `/dry-run` within seconds only the job of the second is left. An answer, and
 * the line of a box that was ticked, names the plan that the plan comment showed; as long as it shows that one, nothing
 * came of it. No clock is asked.
 *
 * `anew`: everything is to be read again. `look`: it is looked at again, which also brings its comment up to date where a
 * job was cut off between its record and its comment.
 */
export async function stillAsked(
  { forge, repo }: Ground,
  number: number,
  { said }: Pick<BoardNotes, 'said'>,
): Promise<'anew' | 'look' | undefined> {
  const own = (await forge.comments(number)).filter(({ author }) => author === forge.self).map(({ body }) => body);
  const shown = parsePlanComment(own.find((body) => body.startsWith(planMarker)) ?? '')?.recordShort;
  const ticked = said.filter(({ of }) => of === String(number)).map(({ words }) => parseAskedByBox(words));
  const asked = [...own.map(parseStarted), ...ticked].filter((one) => one !== undefined && one.shown === shown);
  if (asked.length === 0) return undefined;
  const stands = (await standingPlan({ repo }, number)) === shown;
  return stands && asked.some((one) => one?.anew) ? 'anew' : 'look';
}
