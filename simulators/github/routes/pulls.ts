import { commitAt, countCommits, forkRef, git, headOf } from '../../forge/git.ts';
import { goTogether } from '../../forge/merge.ts';
import { mergePull } from '../merge.ts';
import { pullFull, pullSimple, reviewJson } from '../present.ts';
import { endThread, keepHead } from '../settle.ts';
import {
  GithubError,
  invalid,
  nextId,
  notFound,
  permissionOf,
  type Pull,
  pullOf,
  pullsOf,
  type Review,
  type World,
} from '../world.ts';
import { type Asked, made, ok, paged, type Reply, type Route, textIn } from './route.ts';
import { textOf } from './talk.ts';

/** rest/pulls/pulls and rest/pulls/reviews */
export const pullRoutes: Route[] = [
  { method: 'GET', pattern: /^pulls$/, answer: list },
  { method: 'POST', pattern: /^pulls$/, answer: open },
  {
    method: 'GET',
    pattern: /^pulls\/(\d+)$/,
    answer: async ({ world, parts }) => ok(await told(world, pullOf(world, parts[0]))),
  },
  { method: 'PATCH', pattern: /^pulls\/(\d+)$/, answer: edit },
  { method: 'PUT', pattern: /^pulls\/(\d+)\/merge$/, answer: merge },
  { method: 'GET', pattern: /^commits\/([0-9a-f]+)\/pulls$/, answer: ofCommit },
  {
    method: 'GET',
    pattern: /^pulls\/(\d+)\/reviews$/,
    answer: ({ world, parts, query }) => paged(pullOf(world, parts[0]).reviews.map(reviewJson), query),
  },
  { method: 'POST', pattern: /^pulls\/(\d+)\/reviews$/, answer: review },
  { method: 'PUT', pattern: /^pulls\/(\d+)\/reviews\/(\d+)\/dismissals$/, answer: dismiss },
];

/** Whether it can be merged is computed in the background: `null` until then, and asking begins it. */
async function told(world: World, pull: Pull) {
  const commits = await countCommits(world.repository, pull.mergeBase, pull.head);
  if (pull.state === 'closed') return pullFull(world, pull, null, commits);
  if (pull.computing > 0) {
    pull.computing -= 1;
    return pullFull(world, pull, null, commits);
  }
  const onto = world.branches.get(pull.base) ?? '';
  return pullFull(world, pull, await goTogether(world.repository, onto, pull.head), commits);
}

function list({ world, query }: Asked): Reply {
  const state = query.get('state') ?? 'open';
  const head = query.get('head');
  const by = query.get('sort') === 'updated' ? ('updatedAt' as const) : ('createdAt' as const);
  // Newest first unless told, when sorted by creation.
  const sign = (query.get('direction') ?? 'desc') === 'asc' ? 1 : -1;
  const found = pullsOf(world)
    .filter((pull) => state === 'all' || pull.state === state)
    // `user:ref`; anything else filters nothing.
    .filter((pull) => head?.includes(':') !== true || `${pull.fork ?? world.owner}:${pull.branch}` === head)
    .filter((pull) => query.get('base') === null || pull.base === query.get('base'))
    .sort((a, b) => sign * (a[by] - b[by] || a.number - b.number));
  return paged(
    found.map((pull) => pullSimple(world, pull)),
    query,
  );
}

async function open({ world, user, now, computing, body, emit }: Asked): Promise<Reply> {
  const [from, base] = [headOf(textIn(body, 'head') ?? '', world.owner), textIn(body, 'base') ?? ''];
  const { branch, fork } = from;
  const onto = world.branches.get(base);
  const head =
    fork === undefined ? world.branches.get(branch) : await commitAt(world.repository, forkRef(fork, branch));
  // Settings → Actions → General → Workflow permissions; off in a new repository.
  if (user.kind === 'job' && !world.jobsOpenPulls)
    throw new GithubError(403, 'GitHub Actions is not permitted to create or approve pull requests.');
  if (head === undefined) throw invalid({ resource: 'PullRequest', field: 'head', code: 'invalid' });
  if (onto === undefined) throw invalid({ resource: 'PullRequest', field: 'base', code: 'invalid' });
  const custom = (message: string) => invalid({ resource: 'PullRequest', code: 'custom', message });
  if ((await countCommits(world.repository, onto, head)) === 0)
    throw custom(`No commits between ${base} and ${branch}`);
  const same = pullsOf(world).some(
    (pull) => pull.state === 'open' && pull.branch === branch && pull.base === base && pull.fork === fork,
  );
  if (same) throw custom(`A pull request already exists for ${fork ?? world.owner}:${branch}.`);
  const mergeBase = (await git(world.repository, ['merge-base', onto, head])).trim();
  const pull: Pull = {
    ...{ pull: true, number: (world.numbers += 1), title: titleOf(body), body: textOf(body, 'body') ?? null },
    ...{ user, ...from, base, head, mergeBase, computing, state: 'open', labels: [], reviews: [] },
    ...{ createdAt: now, updatedAt: now },
  };
  world.threads.push(pull);
  await keepHead(world, pull);
  emit('pull_request', { action: 'opened', number: pull.number, pull_request: pullSimple(world, pull) });
  return made(await told(world, pull));
}

function titleOf(body: Asked['body']): string {
  const title = textIn(body, 'title') ?? '';
  if (title.trim() === '') throw invalid({ resource: 'PullRequest', field: 'title', code: 'missing_field' });
  if (title.length > 256)
    throw invalid({
      resource: 'PullRequest',
      code: 'custom',
      message: 'title is too long (maximum is 256 characters)',
    });
  return title;
}

async function edit({ world, user, now, parts, body, emit }: Asked): Promise<Reply> {
  const pull = pullOf(world, parts[0]);
  pull.title = textIn(body, 'title') ?? pull.title;
  pull.body = textOf(body, 'body') ?? pull.body;
  pull.updatedAt = now;
  if (body['state'] === 'closed' && pull.state === 'open') {
    endThread(pull, user, now);
    emit('pull_request', { action: 'closed', number: pull.number, pull_request: pullSimple(world, pull) });
  }
  return ok(await told(world, pull));
}

async function merge({ world, user, now, computing, parts, body, emit }: Asked): Promise<Reply> {
  const pull = pullOf(world, parts[0]);
  if (!['write', 'admin'].includes(permissionOf(world, user))) throw new GithubError(403, 'Resource not accessible');
  const commit = await mergePull(world, pull, body, user);
  endThread(pull, user, now);
  pull.merged = { at: now, by: user, commit };
  // Every other pull request into that base is looked at again.
  for (const other of pullsOf(world))
    if (other.state === 'open' && other.base === pull.base) other.computing = computing;
  emit('pull_request', { action: 'closed', number: pull.number, pull_request: pullSimple(world, pull) });
  emit('push', { ref: `refs/heads/${pull.base}`, after: commit });
  return ok({ sha: commit, merged: true, message: 'Pull Request successfully merged' });
}

/** What brought a commit; of a commit that is on no default branch also what holds it (rest/commits/commits). */
async function ofCommit({ world, parts, query }: Asked): Promise<Reply> {
  const sha = parts[0] ?? '';
  if ((await git(world.repository, ['cat-file', '-t', sha]).catch(() => '')).trim() !== 'commit')
    throw new GithubError(422, `No commit found for SHA: ${sha}`);
  const found = pullsOf(world).filter((pull) => pull.merged?.commit === sha || pull.head === sha);
  return paged(
    found.map((pull) => pullSimple(world, pull)),
    query,
  );
}

function review({ world, user, now, parts, body, emit }: Asked): Reply {
  const pull = pullOf(world, parts[0]);
  const state = reviewStates[textIn(body, 'event') ?? ''];
  if (state === undefined) throw new GithubError(422, 'Unprocessable Entity', ['event is not supported']);
  if (pull.user === user && state !== 'COMMENTED')
    throw new GithubError(422, 'Unprocessable Entity', [
      `Can not ${state === 'APPROVED' ? 'approve' : 'request changes on'} your own pull request`,
    ]);
  if (permissionOf(world, user) === 'none') throw notFound();
  const commit = textIn(body, 'commit_id') ?? pull.head;
  const given: Review = { id: nextId(world), user, state, body: textIn(body, 'body') ?? '', commit, submittedAt: now };
  pull.reviews.push(given);
  pull.updatedAt = now;
  emit('pull_request_review', {
    action: 'submitted',
    review: reviewJson(given),
    pull_request: { number: pull.number },
  });
  return ok(reviewJson(given));
}

const reviewStates: { readonly [event: string]: Review['state'] | undefined } = {
  APPROVE: 'APPROVED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
  COMMENT: 'COMMENTED',
};

function dismiss({ world, now, parts, emit }: Asked): Reply {
  const pull = pullOf(world, parts[0]);
  const found = pull.reviews.find(({ id }) => id === Number(parts[1]));
  if (found === undefined) throw notFound();
  if (found.state === 'DISMISSED' || found.state === 'COMMENTED')
    throw new GithubError(422, 'Unprocessable Entity', [
      `Can not dismiss a ${found.state.toLowerCase()} pull request review`,
    ]);
  found.state = 'DISMISSED';
  pull.updatedAt = now;
  emit('pull_request_review', {
    action: 'dismissed',
    review: reviewJson(found),
    pull_request: { number: pull.number },
  });
  return ok(reviewJson(found));
}
