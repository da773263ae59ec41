import { z } from 'zod';
import type { Forge, NewPullRequest, PullRequest } from '../forge.ts';
import { isUnknown } from '../http/client.ts';
import { overlap } from '../http/cursor.ts';
import { allPages } from '../http/pages.ts';
import { refused } from '../refused.ts';
import { validPullRequest } from '../texts.ts';
import { close } from './close.ts';
import { find, type GiteaContext, pathOf, write } from './context.ts';
import { learnHeads } from './ended.ts';
import { ensureLabels, labelIds } from './labels.ts';
import { pullsSince } from './list.ts';
import { known, pullAt } from './pull-at.ts';
import { isFork, pullRequestOf } from './pull-request.ts';
import { comparisonShape, type Pull, pullShape } from './shapes.ts';

/**
 * One open pull request per branch: opened, or its title and body brought up to date, and labels added; labels that
 * people put on stay.
 */
export async function ensurePullRequest(context: GiteaContext, wanted: NewPullRequest): Promise<PullRequest> {
  const valid = validPullRequest(wanted);
  return context.exclusively(`branch ${valid.branch}`, async () => {
    const open = (await onlyOpen(context, valid)) ?? (await opened(context, valid));
    const present = await ensureTexts(context, open, valid);
    return pullRequestOf(context, await ensureLabels(context, present, valid.labels));
  });
}

export async function pullRequest(context: GiteaContext, number: number): Promise<PullRequest> {
  return pullRequestOf(context, await pullAt(context, number));
}

/** By number. */
export async function pullRequests(
  context: GiteaContext,
  filter: Parameters<Forge['pullRequests']>[0],
): Promise<PullRequest[]> {
  const { state, branch } = filter;
  const found =
    branch === undefined && (state === 'open' || state === 'all')
      ? await context.listing.of(state)
      : await listed(context, filter);
  await learnHeads(context, found);
  const known: PullRequest[] = [];
  // Who closed what people had opened is nobody's question in a list of everything.
  const closers = (pull: Pull): boolean => branch !== undefined || pull.user === context.self;
  for (const pull of found) known.push(await pullRequestOf(context, pull, closers(pull)));
  return known.sort((a, b) => a.number - b.number);
}

/** Of one branch, or of those that ended in one way. */
async function listed(context: GiteaContext, { state, branch }: Parameters<Forge['pullRequests']>[0]): Promise<Pull[]> {
  const query = { state: state === 'merged' ? 'closed' : state, sort: 'oldest' };
  const all = await allPages(context.http, { path: pathOf(context, 'pulls'), query }, pullShape);
  return uniquely(all).filter(
    (pull) =>
      (state === 'all' || state === (pull.merged ? 'merged' : pull.state)) &&
      (branch === undefined || (pull.head.label === branch && !isFork(pull))),
  );
}

/** Gitea finds it by the commit that the merge ended in, and by that one alone. */
export async function pullRequestOfMerge(context: GiteaContext, commit: string): Promise<PullRequest | undefined> {
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) return undefined;
  const found = await find(context, pathOf(context, 'commits', commit, 'pull'), pullShape);
  return found?.merged === true && found.merge_commit_sha === commit ? pullRequestOf(context, found) : undefined;
}

export async function commitCount(context: GiteaContext, number: number): Promise<number> {
  const path = pathOf(context, 'pulls', known(number), 'commits');
  const query = { verification: 'false', files: 'false' };
  return (await allPages(context.http, { path, query }, z.unknown())).length;
}

/**
 * The open one for this branch and base. Gitea looks for another one before it opens one, and not in one step: two
 * processes may open two. The older stays; whoever opened the younger closes it, or, where they could not, whoever looks next.
 */
async function onlyOpen(context: GiteaContext, ends: Ends, look = openOnes): Promise<Pull | undefined> {
  const [first, ...others] = await look(context, ends);
  for (const other of others)
    if (first !== undefined && other.user === context.self) await closeTwin(context, other, first);
  return first;
}

type Ends = Pick<NewPullRequest, 'branch' | 'base'>;

/**
 * Oldest first, from the list that is kept: once that was read it costs what changed since, however many are open. Each is
 * looked at by itself, so that nothing is written over what the list had not heard of.
 */
async function openOnes(context: GiteaContext, ends: Ends): Promise<Pull[]> {
  const listed = betweenEnds(await context.listing.of('open'), ends);
  const found: Pull[] = [];
  for (const { number } of listed) found.push(await pullAt(context, number));
  return betweenEnds(found, ends);
}

/** Every open one, page by page: where Gitea says that there is one, and the list does not know it. */
async function everyOpenOne(context: GiteaContext, ends: Ends): Promise<Pull[]> {
  const query = { state: 'open', sort: 'oldest' };
  const all = uniquely(await allPages(context.http, { path: pathOf(context, 'pulls'), query }, pullShape));
  return betweenEnds(all, ends);
}

/** Of what changed since this one was opened, and shortly before: a twin was opened at the same moment. */
async function twinsOf(context: GiteaContext, mine: Pull, ends: Ends): Promise<Pull[]> {
  const since = Date.parse(mine.created_at) - overlap;
  return betweenEnds(uniquely([...(await pullsSince(context, since)), mine]), ends);
}

/** The open ones among them of this branch of this repository, oldest first. */
function betweenEnds(pulls: readonly Pull[], { branch, base }: Ends): Pull[] {
  return pulls
    .filter(({ state, head, base: onto }) => state === 'open' && head.label === branch && onto.label === base)
    .filter((pull) => !isFork(pull))
    .sort((a, b) => a.number - b.number);
}

async function closeTwin(context: GiteaContext, { number }: Pull, first: Pull): Promise<void> {
  await close(context, number, `The same as #${first.number}, opened at the same moment.`);
}

async function opened(context: GiteaContext, wanted: NewPullRequest): Promise<Pull> {
  await refuseEmpty(context, wanted);
  const { branch, base, title, body, labels } = wanted;
  const wish = { head: branch, base, title, body, labels: await labelIds(context, labels) };
  try {
    const mine = await write(context, 'POST', pathOf(context, 'pulls'), wish, pullShape);
    const [first = mine] = await twinsOf(context, mine, wanted);
    if (first.number !== mine.number) await closeTwin(context, mine, first);
    return first;
  } catch (error) {
    // Somebody else opened it at the same moment, or it was opened and the answer was lost: both are looked up.
    const present = await lookedUp(error, () => onlyOpen(context, wanted, everyOpenOne));
    if (present === undefined) throw error;
    return present;
  }
}

/** Gitea opens a pull request that holds nothing; gitmend does not. */
async function refuseEmpty(context: GiteaContext, { branch, base }: NewPullRequest): Promise<void> {
  const compared = await find(context, pathOf(context, 'compare', `${base}...${branch}`), comparisonShape);
  if (compared === undefined) throw refused(`there is no branch ${branch}, or no ${base}: push it first`);
  if (compared.total_commits === 0) throw refused(`${branch} has no commits that ${base} has not`);
}

async function ensureTexts(context: GiteaContext, pull: Pull, { title, body }: NewPullRequest): Promise<Pull> {
  if (pull.title === title && (pull.body ?? '') === body) return pull;
  try {
    return await write(context, 'PATCH', pathOf(context, 'pulls', pull.number), { title, body }, pullShape);
  } catch (error) {
    const present = await lookedUp(error, () => pullAt(context, pull.number));
    if (present?.title !== title || (present.body ?? '') !== body) throw error;
    return present;
  }
}

/** What a write whose end is not known, or that met another one, has led to. */
async function lookedUp<T>(error: unknown, look: () => Promise<T>): Promise<T | undefined> {
  const met = (error as { details?: { status?: unknown } }).details?.status === 409;
  return isUnknown(error) || met ? look() : undefined;
}

function uniquely(pulls: readonly Pull[]): Pull[] {
  return [...new Map(pulls.map((pull) => [pull.number, pull])).values()];
}
