import { isDeepStrictEqual } from 'node:util';
import { commitAt, countCommits, forkRef, git, headOf } from '../../forge/git.ts';
import { mergePull } from '../merge.ts';
import { pullJson } from '../present.ts';
import { closePull, keepHead, note } from '../settle.ts';
import { GiteaError, nextId, type Pull, pullOf, type World } from '../world.ts';
import { type Asked, made, numbersIn, ok, paged, type Reply, type Route, textIn } from './route.ts';

export const pullRoutes: Route[] = [
  { method: 'GET', pattern: /^pulls$/, answer: list },
  { method: 'POST', pattern: /^pulls$/, answer: open },
  { method: 'GET', pattern: /^pulls\/(\d+)$/, answer: async ({ world, parts }) => ok(await told(world, parts[0])) },
  { method: 'PATCH', pattern: /^pulls\/(\d+)$/, answer: edit },
  { method: 'POST', pattern: /^pulls\/(\d+)\/merge$/, answer: merge },
  { method: 'GET', pattern: /^pulls\/(\d+)\/commits$/, answer: commits },
  { method: 'GET', pattern: /^commits\/([0-9a-f]+)\/pull$/, answer: ofMerge },
  { method: 'GET', pattern: /^compare\/(.+)$/, answer: compare },
];

async function told(world: World, number: string | undefined) {
  return pullJson(world, pullOf(world, Number(number)));
}

async function list({ world, query }: Asked): Promise<Reply> {
  const state = query.get('state') ?? 'open';
  const found = world.pulls.filter((pull) => state === 'all' || pull.state === state);
  const order: { [sort: string]: (a: Pull, b: Pull) => number } = {
    oldest: (a, b) => a.number - b.number,
    recentupdate: (a, b) => b.updatedAt - a.updatedAt || b.number - a.number,
  };
  const sorted = [...found].sort(order[query.get('sort') ?? ''] ?? ((a, b) => b.number - a.number));
  const page = paged(sorted, query);
  return { ...page, json: await Promise.all((page.json as Pull[]).map((pull) => pullJson(world, pull))) };
}

/** The account of a job's own token is a stranger to these two, and to them a private repository is not there (1.25). */
function refuseJob({ login }: Asked['user']): void {
  if (login === 'gitea-actions') throw new GiteaError(404, "The target couldn't be found.");
}

async function open({ world, user, now, computing, body }: Asked): Promise<Reply> {
  refuseJob(user);
  const base = textIn(body, 'base') ?? '';
  const { branch, fork } = headOf(textIn(body, 'head') ?? '', world.owner);
  const from = fork === undefined ? undefined : { fork };
  if (branch === base && from === undefined)
    throw new GiteaError(422, 'Invalid PullRequest: There are no changes between the head and the base');
  const onto = world.branches.get(base);
  const head =
    fork === undefined ? world.branches.get(branch) : await commitAt(world.repository, forkRef(fork, branch));
  if (head === undefined || onto === undefined) throw new GiteaError(404, "The target couldn't be found.");
  const same = world.pulls.find(
    (pull) =>
      pull.branch === branch && pull.base === base && pull.state === 'open' && isDeepStrictEqual(pull.from, from),
  );
  // It looks and opens in two steps, so whoever comes in between is not seen.
  if (same !== undefined && world.unaware > 0) world.unaware -= 1;
  else if (same !== undefined)
    throw new GiteaError(409, `pull request already exists for these targets [id: ${same.number}]`);
  const mergeBase = (await git(world.repository, ['merge-base', onto, head])).trim();
  const pull: Pull = {
    number: nextId(world),
    title: textIn(body, 'title') ?? '',
    body: textIn(body, 'body') ?? '',
    ...{ user, branch, base, head, mergeBase, computing, ...(from === undefined ? {} : { from }) },
    state: 'open',
    labels: numbersIn(body, 'labels'),
    reviews: [],
    createdAt: now,
    updatedAt: now,
  };
  world.pulls.push(pull);
  await keepHead(world, pull);
  return made(await pullJson(world, pull));
}

async function edit({ world, user, now, parts, body }: Asked): Promise<Reply> {
  const pull = pullOf(world, Number(parts[0]));
  pull.title = textIn(body, 'title') ?? pull.title;
  pull.body = textIn(body, 'body') ?? pull.body;
  pull.updatedAt = now;
  if (body['state'] === 'closed' && pull.state === 'open') closePull(world, pull, user, now);
  if (body['state'] === 'closed' && pull.merged !== undefined)
    throw new GiteaError(412, 'cannot change state of this pull request, it was already merged');
  return made(await pullJson(world, pull));
}

async function merge({ world, user, now, computing, parts, body }: Asked): Promise<Reply> {
  const pull = pullOf(world, Number(parts[0]));
  const commit = await mergePull(world, pull, body, user);
  Object.assign(pull, { merged: { at: now, by: user, commit }, state: 'closed', closedAt: now });
  note(world, pull, user, 'merge_pull', now);
  // Every other pull request into that base is looked at again.
  for (const other of world.pulls) if (other.state === 'open' && other.base === pull.base) other.computing = computing;
  return { status: 200 };
}

async function commits({ world, parts, query }: Asked): Promise<Reply> {
  const { mergeBase, head } = pullOf(world, Number(parts[0]));
  const ids = (await git(world.repository, ['rev-list', `${mergeBase}..${head}`])).split('\n').filter(Boolean);
  return paged(
    ids.map((sha) => ({ sha })),
    query,
  );
}

async function ofMerge({ world, parts }: Asked): Promise<Reply> {
  const found = world.pulls.find((pull) => pull.merged?.commit === parts[0]);
  if (found === undefined) throw new GiteaError(404, "The target couldn't be found.");
  return ok(await pullJson(world, found));
}

async function compare({ world, user, parts }: Asked): Promise<Reply> {
  refuseJob(user);
  const [base = '', head = ''] = (parts[0] ?? '').split('...');
  const ids = [base, head].map((one) => world.branches.get(one));
  if (ids[0] === undefined || ids[1] === undefined) throw new GiteaError(404, "The target couldn't be found.");
  return ok({ total_commits: await countCommits(world.repository, ids[0], ids[1]), commits: [] });
}
