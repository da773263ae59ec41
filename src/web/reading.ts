import { isoTime } from '../core/clock.ts';
import { isGitmendError } from '../core/errors.ts';
import { parseGuestTarget, type Target } from '../core/target.ts';
import { readPlans } from '../deliver/plans.ts';
import { readLive } from '../deliver/truth.ts';
import type { Ground } from '../deliver/world.ts';
import { gitIn } from '../git/git.ts';
import { recordsRef } from '../ledger/records.ts';
import { parseJournalEntry } from '../records/journal.ts';
import { parsePlanRecord } from '../records/plan-record.ts';
import type { PullRequest } from '../forges/forge.ts';
import type { LiveRead } from './view/guests.ts';
import type { Picture } from './view/picture.ts';
import type { PullRequestInput } from './view/pull-request.ts';
import type { RunInput } from './view/run.ts';
import { runOfPullRequest, runsIn } from './view/runs.ts';

/** Reads what the page of one pull request shows beside the picture. Throws FORGE_REFUSED for a number that is none. */
export async function readPullRequest(ground: Ground, picture: Picture, number: number): Promise<PullRequestInput> {
  const { forge } = ground;
  const pr = await forge.pullRequest(number);
  const [comments, reviews, statuses, plans, diff] = await Promise.all([
    forge.comments(number),
    forge.reviews(number),
    forge.statuses(pr.head),
    readPlans(ground.repo, number),
    readDiff(ground, pr),
  ]);
  const records = plans.flatMap(({ record }) => record ?? []);
  // Once a run has its record the plans are folded into it.
  const folded =
    records.length > 0
      ? undefined
      : (await readRun(ground, picture, runOfPullRequest(picture.truth, number)?.run ?? ''))?.plan;
  return { pr, comments, reviews, statuses, diff, plans: folded === undefined ? records : [folded] };
}

const largestDiff = 400_000;

/** Against where the branch left its base; of a merged one against the base of then. `undefined`: git has it no more. */
async function readDiff(
  { repo, forge }: Ground,
  { head, mergeCommit, base }: PullRequest,
): Promise<string | undefined> {
  const branch = `refs/heads/${base === '' ? forge.defaultBranch : base}`;
  // Right after a merge the mirror may not have it yet: then its base is still the base of then.
  for (const onto of mergeCommit === undefined ? [branch] : [`${mergeCommit}^1`, branch]) {
    const args = ['diff', '--no-color', '--no-ext-diff', '--no-textconv', '--end-of-options', `${onto}...${head}`];
    const { code, stdout } = await gitIn(repo.folder)(args, { accept: [0, 128] });
    if (code === 0) return stdout.slice(0, largestDiff);
  }
  return undefined;
}

/** Reads one run: its journal, or what was folded into its record. `undefined`: there is none of that id. */
export async function readRun(ground: Ground, { truth }: Picture, run: string): Promise<RunInput | undefined> {
  const known = truth === undefined ? undefined : runsIn(truth).find((one) => one.run === run);
  if (known === undefined) return undefined;
  const number = known.record?.pullRequest?.number ?? known.plan?.pullRequest;
  const pr = number === undefined ? undefined : await ground.forge.pullRequest(number).catch(absent);
  const base = { known, pr, plan: known.plan, entries: known.journal?.entries ?? [], recordText: undefined };
  if (known.path === undefined) return base;
  const tree = await ground.repo.tree(recordsRef);
  const beside = (ending: string) => tree.get(known.path?.replace(/yaml$/, ending) ?? '');
  const plan = parsePlanRecord(beside('plan.json') ?? '');
  return {
    ...base,
    plan: plan.ok ? plan.value : undefined,
    entries: base.entries.length > 0 ? base.entries : entriesIn(beside('journal.txt') ?? ''),
    recordText: tree.get(known.path),
  };
}

/** The folded journal: one entry after the other, each a line for people and a line of JSON. */
function entriesIn(text: string): RunInput['entries'] {
  const messages = text.match(/^[a-z]+: [^\n]*\n\n\{[^\n]*\}$/gm) ?? [];
  return messages.flatMap((message) => {
    const read = parseJournalEntry(message);
    return 'entry' in read ? [read.entry] : [];
  });
}

function absent(error: unknown): undefined {
  if (isGitmendError(error)) return undefined;
  throw error;
}

/** Milliseconds that a live read is good for, and that the page waits for one. */
const fresh = 10_000;
const patience = 5_000;

/** Reads every declared guest live, at most once in ten seconds however many people look. */
export function liveReader(ground: Ground): (picture: Picture) => Promise<{ live: Map<Target, LiveRead>; at: string }> {
  let last: { at: number; read: Promise<Map<Target, LiveRead>> } | undefined;
  return async (picture) => {
    const now = ground.clock.now();
    if (last === undefined || now - last.at > fresh) last = { at: now, read: readAll(ground, picture) };
    const { at, read } = last;
    return { live: await read, at: isoTime(at) };
  };
}

async function readAll(ground: Ground, { truth }: Picture): Promise<Map<Target, LiveRead>> {
  const live = new Map<Target, LiveRead>();
  if (truth === undefined) return live;
  const engines = ground.engines(truth.rules);
  const late = ground.clock
    .sleep(patience)
    .then((): LiveRead => ({ problem: `Proxmox VE did not answer in ${patience / 1000} s` }));
  const one = async (target: Target): Promise<LiveRead> => {
    const identity = parseGuestTarget(target);
    if (identity === undefined) return { absent: true };
    try {
      const guest = await readLive(engines, identity);
      return guest === undefined ? { absent: true } : { guest };
    } catch (error) {
      if (isGitmendError(error)) return { problem: `${error.code}: ${error.message}` };
      throw error;
    }
  };
  const targets = [...truth.head.guests.keys()];
  // Eight at a time: a page is no reason to storm the cluster.
  for (let at = 0; at < targets.length; at += 8) {
    const some = targets.slice(at, at + 8);
    const reads = await Promise.all(some.map((target) => Promise.race([one(target), late])));
    some.forEach((target, index) => live.set(target, reads[index] ?? { absent: true }));
  }
  return live;
}
