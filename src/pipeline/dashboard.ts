import { boardMarker, boxesOf, printBoard } from '../commands/board.ts';
import { type Box, sameBox, tickedIn } from '../commands/boxes.ts';
import { isGitmendError } from '../core/errors.ts';
import { readTruth } from '../deliver/truth.ts';
import type { Ground, World } from '../deliver/world.ts';
import type { Issue } from '../forges/forge.ts';
import { boardOf } from './asked/board.ts';
import { doBox } from './asked/boxes.ts';
import type { CommandsSetup } from './asked/setting.ts';

/** Where the number of the dashboard's issue is remembered. Losing it costs a tick, and no second issue. */
export const boardCursor = 'dashboard/issue';

/** What one pass did: the issue, and the boxes that were done. */
export interface DashboardPass {
  issue: number;
  did: Box[];
}

/** Boxes of one pass: whoever ticks fifty waits a little, and comments are answered meanwhile. */
const mostDeeds = 5;

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
  const did = tickedOn(world, present, boxesOf(board)).slice(0, mostDeeds);
  for (const box of did) await doBox(world, setup, box);
  if (did.length > 0) board = await boardOf(world, await readTruth(ground));
  // Read directly before it is written: a deed takes a while.
  const now = present === undefined ? undefined : await issueNow(world, String(present.number));
  if (now?.state === 'closed') return undefined;
  const kept = tickedOn(world, now, boxesOf(board)).filter((box) => !did.some((one) => sameBox(one, box)));
  const { title, body } = printBoard(board, kept);
  const issue = await ground.forge.ensureIssue({ marker: boardMarker, title, body, labels: ['gitmend'] });
  if (issue.number !== present?.number) await setup.cursors.set(boardCursor, String(issue.number));
  return { issue: issue.number, did };
}

function tickedOn({ forge }: World, issue: Issue | undefined, offered: readonly Box[]): Box[] {
  return issue?.author === forge.self ? tickedIn(issue.body, offered) : [];
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
