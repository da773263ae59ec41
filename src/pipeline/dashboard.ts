import { type Board, type Box, boardMarker, boxesOf, printBoard, tickedIn } from '../commands/board.ts';
import { isGitmendError } from '../core/errors.ts';
import { showPlan } from '../deliver/show.ts';
import { readTruth } from '../deliver/truth.ts';
import type { Ground, World } from '../deliver/world.ts';
import type { Issue } from '../forges/forge.ts';
import { boardOf } from './asked/board.ts';
import type { CommandsSetup } from './asked/setting.ts';

/** Where the number of the dashboard's issue is remembered. Losing it costs a tick, and no second issue. */
export const boardCursor = 'dashboard/issue';

/** What one pass did: the issue, and the boxes that were done. */
export interface DashboardPass {
  issue: number;
  did: Box[];
}

/**
 * Reads the dashboard, does what somebody ticked, and writes it anew, where `dashboard: true` is in force and nobody closed
 * the issue (`undefined` otherwise). Whoever is stopped between a deed and the writing does it again: each changes nothing
 * the second time. What somebody ticks meanwhile stays ticked, and is done by the next pass.
 */
export async function dashboardPass(ground: Ground, setup: CommandsSetup): Promise<DashboardPass | undefined> {
  const truth = await readTruth(ground);
  if (truth.rules.config?.dashboard !== true) return undefined;
  const world = { ...ground, ...ground.engines(truth.rules) };
  const present = await issueNow(world, await setup.cursors.get(boardCursor));
  if (present?.state === 'closed') return undefined;
  let board = await boardOf(world, truth);
  const did = tickedOn(world, present, board);
  for (const box of did) await act(world, setup, box);
  if (did.length > 0) board = await boardOf(world, await readTruth(ground));
  // Read directly before it is written: a deed takes a while.
  const now = present === undefined ? undefined : await issueNow(world, String(present.number));
  if (now?.state === 'closed') return undefined;
  const kept = tickedOn(world, now, board).filter((box) => !did.some((one) => one.number === box.number));
  const { title, body } = printBoard(board, kept);
  const issue = await ground.forge.ensureIssue({ marker: boardMarker, title, body, labels: ['gitmend'] });
  if (issue.number !== present?.number) await setup.cursors.set(boardCursor, String(issue.number));
  return { issue: issue.number, did };
}

function tickedOn({ forge }: World, issue: Issue | undefined, board: Board): Box[] {
  return issue?.author === forge.self ? tickedIn(issue.body, boxesOf(board)) : [];
}

/** `undefined` where it is not known, or was deleted. */
async function issueNow({ forge }: World, number: string | undefined): Promise<Issue | undefined> {
  if (number === undefined || !/^[1-9]\d{0,8}$/.test(number)) return undefined;
  try {
    return await forge.issue(Number(number));
  } catch (error) {
    if (isGitmendError(error, 'FORGE_REFUSED')) return undefined;
    throw error;
  }
}

/** What cannot be done is logged and unticked: the board says where it stands, and the box may be ticked again. */
async function act(world: World, { dispatchPlan }: CommandsSetup, { deed, number }: Box): Promise<void> {
  try {
    const wanted = await world.forge.pullRequest(number);
    if (wanted.state !== 'open') return;
    const truth = await readTruth(world);
    if (truth.rules.config?.runner === 'ci') await dispatchPlan?.(wanted.number, { anew: true });
    else await showPlan(world, truth, wanted, true);
  } catch (error) {
    if (!isGitmendError(error)) throw error;
    world.log('box-failed', { deed, number, code: error.code, message: error.message });
  }
}
