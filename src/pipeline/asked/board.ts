import { type Board, type BoardItem, mostLines } from '../../commands/board.ts';
import { runId } from '../../core/run.ts';
import { entriesOf } from '../../deliver/entries.ts';
import { readPlans } from '../../deliver/plans.ts';
import type { JudgedUnit, Truth } from '../../deliver/truth.ts';
import type { World } from '../../deliver/world.ts';
import type { PullRequest } from '../../forges/forge.ts';
import { type BoardNotes, readBoardNotes } from '../../ledger/board.ts';
import { parsePullRequest } from '../../records/pull-request.ts';
import { snoozeIn } from '../../records/snooze.ts';
import { dayAndMinuteOf } from '../../texts/words.ts';
import { failedItems, limitedItems, type Proposed } from './board-records.ts';

const day = 86_400_000;

/** What the dashboard lists now, from git and the forge alone. */
export async function boardOf(world: World, truth: Truth): Promise<Board> {
  const all = await world.forge.pullRequests({ state: 'all' });
  const notes = await readBoardNotes(world.repo);
  const now = world.clock.now();
  const open = all.filter(({ state }) => state === 'open');
  const planned = await Promise.all(open.slice(0, mostLines).map((pr) => plannedNow(world, pr)));
  const closed = latestClosed(world, all).filter(({ closedAt }) => Date.parse(closedAt ?? '') + 30 * day > now);
  return {
    open: [
      ...planned.map((one) => openItem(world, one)),
      ...open.slice(mostLines).map((pr) => item(pr, 'not shown', [])),
    ],
    waiting: truth.units.flatMap((unit) => waitingItem(truth, unit)),
    limited: limitedItems(truth, [...planned, ...proposedSince(world, all, notes)], now),
    snoozed: closed.flatMap((pr) => snoozedItem(pr, notes, now)),
    failed: [...failedItems(truth, notes, now), ...(await expiredItems(world, closed, notes, now))],
    said: notes.said.filter(({ at }) => Date.parse(at) + day > now),
  };
}

/** Whether it is a proposal of heal: what a snooze, and its end, are about. */
export function isProposal({ forge }: Pick<World, 'forge'>, pr: PullRequest): boolean {
  return !pr.fork && pr.author === forge.self && parsePullRequest(pr.body)?.kind === 'heal';
}

function item({ number, title }: PullRequest, words: string, boxes: BoardItem['boxes'] & object): BoardItem {
  return { number, title, words, boxes };
}

async function plannedNow({ repo }: World, pr: PullRequest): Promise<Proposed> {
  const plan = (await readPlans(repo, pr.number)).at(-1)?.record;
  return { pr, ...(plan === undefined ? {} : { plan }) };
}

function openItem(world: World, { pr, plan }: Proposed): BoardItem {
  const refused = plan?.refusals[0];
  const words =
    plan === undefined || plan.head !== pr.head
      ? 'not planned yet'
      : refused !== undefined
        ? `refused (${refused.reason})`
        : plan.preview.accepted
          ? `planned, ${plan.policy.level}, until ${dayAndMinuteOf(plan.expiresAt)}`
          : 'planned, and the live system would refuse it';
  // Nobody knows who ticks a box, so none has something planned for a fork.
  return item(pr, words, pr.fork ? [] : isProposal(world, pr) ? ['look', 'snooze'] : ['look']);
}

function waitingItem(truth: Truth, { approval, pullRequest, to }: JudgedUnit): BoardItem[] {
  const title = pullRequest?.title ?? to.slice(0, 7);
  const about = { title, ...(pullRequest === undefined ? {} : { number: pullRequest.number }) };
  if (!approval.approved) return [{ ...about, words: `${approval.state}, ${approval.why}` }];
  const journal = truth.journals.find(({ run }) => run === runId(to, approval.plan.actions));
  const window = journal === undefined ? undefined : entriesOf(journal, 'verifying')[0];
  const words = window === undefined ? 'pending' : `verifying until ${dayAndMinuteOf(window.until)}`;
  return [{ ...about, words, boxes: ['observe'] }];
}

function snoozedItem(pr: PullRequest, { woken }: BoardNotes, now: number): BoardItem[] {
  const snooze = snoozeIn(pr.body);
  if (snooze === undefined || Date.parse(snooze.until) <= now || woken[pr.number] === snooze.until) return [];
  return [item(pr, `by ${snooze.by} until ${dayAndMinuteOf(snooze.until)}`, ['wake'])];
}

/** What was proposed and is not open any more; one whose snooze a box ended is looked for again. */
function proposedSince(world: World, all: readonly PullRequest[], { woken }: BoardNotes): Proposed[] {
  const over = all.filter((pr) => pr.state !== 'open' && woken[pr.number] === undefined && isProposal(world, pr));
  return over.map((pr) => ({ pr }));
}

/** Of each branch of gitmend's own the last proposal, where it is closed: a newer one says more. */
function latestClosed(world: World, all: readonly PullRequest[]): PullRequest[] {
  const last = new Map<string, PullRequest>();
  for (const pr of [...all].sort((a, b) => a.number - b.number)) if (isProposal(world, pr)) last.set(pr.branch, pr);
  return [...last.values()].filter(({ state }) => state === 'closed');
}

async function expiredItems(
  world: World,
  closed: readonly PullRequest[],
  { seen }: BoardNotes,
  now: number,
): Promise<BoardItem[]> {
  const expired: BoardItem[] = [];
  for (const pr of closed)
    if (seen[pr.number] === undefined && (await isExpired(world, pr, now)))
      expired.push(item(pr, 'expired without an approval', ['again', 'seen']));
  return expired;
}

/** Closed by gitmend when its plan had expired: nobody said yes, and nobody said no. */
async function isExpired({ repo, forge }: World, pr: PullRequest, now: number): Promise<boolean> {
  const closedAt = Date.parse(pr.closedAt ?? '');
  if (pr.closedBy !== forge.self || snoozeIn(pr.body) !== undefined || closedAt + 7 * day <= now) return false;
  const plan = (await readPlans(repo, pr.number)).at(-1)?.record;
  return plan !== undefined && Date.parse(plan.expiresAt) <= closedAt;
}
