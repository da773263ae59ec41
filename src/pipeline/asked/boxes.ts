import type { Box } from '../../commands/boxes.ts';
import { isoTime } from '../../core/clock.ts';
import { isGitmendError } from '../../core/errors.ts';
import { commitOfPerson } from '../../deliver/own-pull-request.ts';
import { showPlan } from '../../deliver/show.ts';
import { readTruth, type Truth } from '../../deliver/truth.ts';
import type { World } from '../../deliver/world.ts';
import { type BoardNotes, noteOnBoard } from '../../ledger/board.ts';
import { cutText } from '../../records/cut.ts';
import { plainText } from '../../records/escape.ts';
import { parsePullRequest, signalsIn } from '../../records/pull-request.ts';
import { snoozeIn } from '../../records/snooze.ts';
import { dayAndMinuteOf } from '../../texts/words.ts';
import { alertsAgain, byBox, heldBackAgain, lookAgain } from './again.ts';
import { isProposal } from './board.ts';
import { budgets, lastOf, limitedFault } from './board-records.ts';
import { observe } from './observe.ts';
import { standingPlan } from './planning.ts';
import { closeUntil } from './proposal.ts';
import type { CommandsSetup } from './setting.ts';
import { printAskedByBox } from './started.ts';

/** What came of a box: what its line says from now on (nothing where the list says it), and what is remembered. */
interface Done {
  words?: string;
  seen?: string;
  woken?: { number: number; until: string };
}

/**
 * Does what a box says, from the truth of now, and notes it: the effect first, so whoever is stopped between the two does it
 * again, and each changes nothing the second time. What cannot be done is logged and said, and the box may be ticked again.
 */
export async function doBox(world: World, setup: CommandsSetup, box: Box): Promise<void> {
  const truth = await readTruth(world);
  const done = await tried(world, box, () => deeds[box.deed](world, truth, box.of, setup));
  const at = isoTime(world.clock.now());
  const { words = '', seen, woken } = done;
  world.log('box-done', { deed: box.deed, of: box.of, words: plainText(words, 200) });
  await noteOnBoard(world.repo, world.clock.now(), (before) => ({
    seen: { ...before.seen, ...(seen === undefined ? {} : { [seen]: at }) },
    woken: { ...before.woken, ...(woken === undefined ? {} : { [woken.number]: woken.until }) },
    said: saidNow(before, box.of, at, words),
  }));
}

function saidNow({ said }: BoardNotes, of: string, at: string, words: string): BoardNotes['said'] {
  const others = said.filter((one) => one.of !== of);
  return words === '' ? others : [...others, { of, at, words: cutText(plainText(words, 240), 400) }];
}

async function tried(world: World, { deed, of }: Box, work: () => Promise<Done>): Promise<Done> {
  try {
    return await work();
  } catch (error) {
    // Somebody else wrote the same in this moment: the next pass finds the box still ticked, and does it from their truth.
    if (!isGitmendError(error) || error.code === 'REF_TAKEN') throw error;
    const { code, message } = error;
    world.log('box-failed', { deed, of, code, message });
    return { words: `not done: ${code}, ${message}` };
  }
}

type Deed = (world: World, truth: Truth, of: string, setup: CommandsSetup) => Promise<Done>;

const deeds: { readonly [deed in Box['deed']]: Deed } = {
  look: plannedAnew,
  snooze: snoozed,
  observe: async (world, truth, of) => ({ words: await observe(world, truth, Number(of)) }),
  open: heldBack,
  again: async (world, truth, of) =>
    of.length < 12 ? expiredAgain(world, truth, Number(of)) : heldBack(world, truth, of),
  wake: woken,
  seen: async (_world, truth, of) => ({ seen: lastOf(truth, Number(of))?.run ?? of }),
};

async function plannedAnew(world: World, truth: Truth, of: string, { dispatchPlan }: CommandsSetup): Promise<Done> {
  const pr = await world.forge.pullRequest(Number(of));
  if (pr.state !== 'open' || pr.fork) return {};
  if (truth.rules.config?.runner !== 'ci') {
    const { state } = await showPlan(world, truth, pr, true);
    return { words: state === 'shown' ? 'planned anew' : state === 'waiting' ? 'waits for a plan' : 'expired' };
  }
  if (dispatchPlan === undefined) return { words: 'not done: CI makes the plans, and this process cannot start it' };
  const until = await standingPlan(world, pr.number);
  await dispatchPlan(pr.number, { anew: true });
  return { words: printAskedByBox(until) };
}

/** Seconds of the snooze. */
const day = 86_400;

async function snoozed(world: World, truth: Truth, of: string): Promise<Done> {
  const pr = await world.forge.pullRequest(Number(of));
  if (pr.state !== 'open' || !isProposal(world, pr)) return {};
  if ((await commitOfPerson(world, truth.head.commit, pr)) !== undefined)
    return { words: 'not snoozed: a person has committed to it, so it is theirs; write /snooze 24h on it' };
  const until = isoTime(world.clock.now() + day * 1000);
  await closeUntil(world, pr, { until, by: byBox });
  return { words: `snoozed until ${dayAndMinuteOf(until)}` };
}

/** Ends the snooze once the fault was looked at: what stops this in between leaves it snoozed, and the box ticked. */
async function woken(world: World, truth: Truth, of: string): Promise<Done> {
  const pr = await world.forge.pullRequest(Number(of));
  const snooze = snoozeIn(pr.body);
  if (pr.state !== 'closed' || snooze === undefined || !isProposal(world, pr)) return {};
  const signals = alertsAgain(truth, signalsIn(pr.body));
  const came = await lookAgain(world, truth, { signals, beyond: 'snooze' });
  return { words: `the snooze is ended; ${came}`, woken: { number: pr.number, until: snooze.until } };
}

async function expiredAgain(world: World, truth: Truth, number: number): Promise<Done> {
  const pr = await world.forge.pullRequest(number);
  if (pr.state !== 'closed' || parsePullRequest(pr.body) === undefined || !isProposal(world, pr)) return {};
  const signals = alertsAgain(truth, signalsIn(pr.body));
  return { words: await lookAgain(world, truth, { signals, beyond: 'nothing' }) };
}

async function heldBack(world: World, truth: Truth, fault: string): Promise<Done> {
  const record = limitedFault(truth, fault, world.clock.now());
  if (record === undefined) return {};
  const beyond = budgets.has(record.reason ?? '') ? 'limit' : 'nothing';
  return { words: await lookAgain(world, truth, { signals: heldBackAgain(world, truth, record), beyond }) };
}
