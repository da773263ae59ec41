import { type Board, type BoardItem, mostLines } from '../../commands/board.ts';
import type { RunRecord } from '../../core/run.ts';
import { runId } from '../../core/run.ts';
import { entriesOf } from '../../deliver/entries.ts';
import { readPlans } from '../../deliver/plans.ts';
import type { JudgedUnit, Truth } from '../../deliver/truth.ts';
import type { World } from '../../deliver/world.ts';
import type { PullRequest } from '../../forges/forge.ts';
import { parsePullRequest } from '../../records/pull-request.ts';
import { snoozeIn } from '../../records/snooze.ts';
import { dayAndMinuteOf } from '../../texts/words.ts';

const day = 86_400_000;
const limits: ReadonlySet<string> = new Set([
  'too-many-open',
  'too-many-per-hour',
  'circuit-open',
  'frozen',
  'outside-window',
  'cooldown',
]);
const failures: ReadonlySet<string> = new Set(['not-verified', 'inconclusive', 'regressed', 'not-applied', 'unknown']);

/** What the dashboard lists now, from git and the forge alone. */
export async function boardOf(world: World, truth: Truth): Promise<Board> {
  const all = await world.forge.pullRequests({ state: 'all' });
  const now = world.clock.now();
  const open = await Promise.all(
    all
      .filter(({ state }) => state === 'open')
      .map(async (pr, at) => (at < mostLines ? openItem(world, pr) : item(pr, 'not shown'))),
  );
  const closed = latestClosed(world, all).filter(({ closedAt }) => Date.parse(closedAt ?? '') + 30 * day > now);
  const expired: BoardItem[] = [];
  for (const pr of closed)
    if (await isExpired(world, pr, now)) expired.push({ ...item(pr, 'expired without an approval'), anew: true });
  return {
    open,
    waiting: truth.units.flatMap((unit) => waitingItem(truth, unit)),
    limited: limitedItems(truth, now),
    snoozed: closed.flatMap((pr) => {
      const snooze = snoozeIn(pr.body);
      if (snooze === undefined || Date.parse(snooze.until) <= now) return [];
      return [{ ...item(pr, `by ${snooze.by} until ${dayAndMinuteOf(snooze.until)}`), anew: true }];
    }),
    failed: [...failedItems(truth, now), ...expired],
  };
}

function item({ number, title }: PullRequest, what: string, box?: BoardItem['box']): BoardItem {
  return { number, words: `${title}: ${what}`, ...(box === undefined ? {} : { box }) };
}

async function openItem(world: World, pr: PullRequest): Promise<BoardItem> {
  const plan = (await readPlans(world.repo, pr.number)).at(-1)?.record;
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
  return item(pr, words, pr.fork ? undefined : 'look');
}

function waitingItem(truth: Truth, { approval, pullRequest, to }: JudgedUnit): BoardItem[] {
  const name = { number: pullRequest?.number, title: pullRequest?.title ?? to.slice(0, 7) };
  const about = name.number === undefined ? {} : { number: name.number };
  if (!approval.approved) return [{ ...about, words: `${name.title}: ${approval.state}, ${approval.why}` }];
  const journal = truth.journals.find(({ run }) => run === runId(to, approval.plan.actions));
  const window = journal === undefined ? undefined : entriesOf(journal, 'verifying')[0];
  const where = window === undefined ? 'pending' : `verifying until ${dayAndMinuteOf(window.until)}`;
  return [{ ...about, words: `${name.title}: ${where}` }];
}

/** The last word about a target within a day, where it is that a limit holds gitmend back. */
function limitedItems({ records }: Truth, now: number): BoardItem[] {
  const last = new Map<string, RunRecord>();
  for (const { record } of records) if (record.target !== undefined) last.set(record.target, record);
  return [...last.values()]
    .filter(({ at, reason }) => limits.has(reason ?? '') && Date.parse(at) + day > now)
    .map(({ name, target, message }) => ({ words: `${name ?? target ?? ''}: ${message ?? ''}` }));
}

/** Of each pull request the last record, where it is none that anybody wished for; a person's word that it worked ends it. */
function failedItems({ records }: Truth, now: number): BoardItem[] {
  const last = new Map<number, RunRecord>();
  for (const { record } of records) if (record.pullRequest !== undefined) last.set(record.pullRequest.number, record);
  return [...last].flatMap(([number, { outcome, at, word, message, pullRequest }]) => {
    const old = Date.parse(at) + 7 * day <= now;
    if (old || !failures.has(outcome) || word?.says === 'worked') return [];
    return [{ number, words: `${pullRequest?.title ?? ''}: ${outcome}, ${message ?? ''}` }];
  });
}

/** Of each branch of gitmend's own the last proposal, where it is closed: a newer one says more. */
function latestClosed(world: World, all: readonly PullRequest[]): PullRequest[] {
  const last = new Map<string, PullRequest>();
  for (const pr of [...all].sort((a, b) => a.number - b.number))
    if (pr.author === world.forge.self && parsePullRequest(pr.body)?.kind === 'heal') last.set(pr.branch, pr);
  return [...last.values()].filter(({ state }) => state === 'closed');
}

/** Closed by gitmend when its plan had expired: nobody said yes, and nobody said no. */
async function isExpired({ repo, forge }: World, pr: PullRequest, now: number): Promise<boolean> {
  const closedAt = Date.parse(pr.closedAt ?? '');
  if (pr.closedBy !== forge.self || snoozeIn(pr.body) !== undefined || closedAt + 7 * day <= now) return false;
  const plan = (await readPlans(repo, pr.number)).at(-1)?.record;
  return plan !== undefined && Date.parse(plan.expiresAt) <= closedAt;
}
