import { isoTime } from '../../src/core/clock.ts';
import type { Clock } from '../../src/core/clock.ts';
import { GitmendError } from '../../src/core/errors.ts';
import type { Comment, Forge, Issue, MergeStyle, NewPullRequest, PullRequest, Status } from '../../src/forges/forge.ts';
import { markerIn, markerText, withMarker } from '../../src/forges/markers.ts';
import type { NewCommit } from '../../src/git/repository.ts';
import { type MemoryRemote, memoryRepository } from './memory-git.ts';

/** What the forge holds beside the repository, shared by all accounts. */
export interface ForgeState {
  pullRequests: PullRequest[];
  comments: Map<number, Comment[]>;
  statuses: Map<string, Status[]>;
  commits: Map<number, number>;
  issues: Issue[];
  /** Ids of comments. */
  last: number;
}

export function forgeState(): ForgeState {
  return { pullRequests: [], comments: new Map(), statuses: new Map(), commits: new Map(), issues: [], last: 0 };
}

/** A forge in memory as one account: pull requests, comments, statuses and merges, no reviews. For the seeded runs. */
export function memoryForge(remote: MemoryRemote, state: ForgeState, self: string, clock: Pick<Clock, 'now'>): Forge {
  const context: Context = { remote, state, self, clock };
  return {
    ...{ kind: 'memory', remote: 'memory', defaultBranch: 'main', self, commentLimit: 1_000_000 },
    ensurePullRequest: async (wanted) => ensurePullRequest(context, wanted),
    pullRequest: async (number) => seen(context, find(context, number)),
    pullRequests: async ({ state: wanted, branch }) =>
      state.pullRequests
        .filter((pr) => (wanted === 'all' || pr.state === wanted) && (branch === undefined || pr.branch === branch))
        .map((pr) => seen(context, pr)),
    pullRequestOfMerge: async (commit) => {
      const found = state.pullRequests.find(({ mergeCommit }) => mergeCommit === commit);
      return found === undefined ? undefined : seen(context, found);
    },
    commitCount: async (number) => state.commits.get(number) ?? 1,
    ensureComment: async (number, marker, body) => ensureComment(context, number, marker, body),
    comments: async (number) => structuredClone(state.comments.get(number) ?? []),
    ensureStatus: async (commit, status) => ensureStatus(context, commit, status),
    statuses: async (commit) => structuredClone(state.statuses.get(commit) ?? []),
    reviews: async () => [],
    merge: (number, options) => merge(context, number, options),
    close: async (number, reason) => close(context, number, reason),
    permission: async () => 'write',
    inTeam: async () => undefined,
    react: async () => undefined,
    // Nobody says anything in the seeded runs.
    saidSince: async () => ({ comments: [], cursor: '' }),
    ensureIssue: async (wanted) => ensureIssue(context, wanted),
    issue: async (number) => structuredClone(issueAt(context, number)),
    changedSince: async () => ({ numbers: state.pullRequests.map(({ number }) => number), cursor: '' }),
  };
}

interface Context {
  remote: MemoryRemote;
  state: ForgeState;
  self: string;
  clock: Pick<Clock, 'now'>;
}

function find({ state }: Context, number: number): PullRequest {
  const found = state.pullRequests[number - 1];
  if (found === undefined) throw new GitmendError('FORGE_FAILED', `there is no #${number}`);
  return found;
}

/** The head of an open pull request is the tip of its branch. */
function seen({ remote }: Context, pr: PullRequest): PullRequest {
  const tip = pr.state === 'open' ? remote.refs.get(`refs/heads/${pr.branch}`) : undefined;
  return { ...pr, ...(tip === undefined ? {} : { head: tip }) };
}

function ensurePullRequest(context: Context, { branch, base, title, body }: NewPullRequest): PullRequest {
  const { remote, state, self, clock } = context;
  const head = remote.refs.get(`refs/heads/${branch}`);
  if (head === undefined) throw new GitmendError('FORGE_REFUSED', `there is no branch ${branch}`);
  const at = isoTime(clock.now());
  const open = state.pullRequests.find((pr) => pr.state === 'open' && pr.branch === branch);
  if (open !== undefined) return seen(context, Object.assign(open, { title, body }));
  const number = state.pullRequests.length + 1;
  const opened = { number, title, body, author: self, branch, base, head, createdAt: at, updatedAt: at };
  state.pullRequests.push({ ...opened, state: 'open', fork: false });
  return seen(context, find(context, number));
}

function ensureComment({ state, self, clock }: Context, number: number, marker: string, body: string): Comment {
  const list = state.comments.get(number) ?? [];
  state.comments.set(number, list);
  const [at, text] = [isoTime(clock.now()), withMarker(body, marker)];
  const present = list.find((one) => one.author === self && markerIn(one.body) === markerText(marker));
  if (present !== undefined) {
    if (present.body !== text) Object.assign(present, { body: text, updatedAt: at });
    return { ...present };
  }
  const added = { id: String((state.last += 1)), author: self, body: text, createdAt: at, updatedAt: at };
  list.push(added);
  return { ...added };
}

/** Numbered apart from pull requests, which are numbered by their place. */
function ensureIssue(
  { state, self, clock }: Context,
  { marker, title, body }: Parameters<Forge['ensureIssue']>[0],
): Issue {
  const [at, text] = [isoTime(clock.now()), withMarker(body, marker)];
  const present = state.issues.find((one) => one.author === self && markerIn(one.body) === markerText(marker));
  if (present !== undefined) return structuredClone(Object.assign(present, { title, body: text }));
  const number = 1_000_001 + state.issues.length;
  state.issues.push({ number, title, body: text, author: self, state: 'open', createdAt: at, updatedAt: at });
  return structuredClone(issueAt({ state }, number));
}

function issueAt({ state }: Pick<Context, 'state'>, number: number): Issue {
  const found = state.issues.find((one) => one.number === number);
  if (found === undefined) throw new GitmendError('FORGE_REFUSED', `there is no issue #${number}`);
  return found;
}

function ensureStatus({ state }: Context, commit: string, status: Status): void {
  const others = (state.statuses.get(commit) ?? []).filter(({ context }) => context !== status.context);
  state.statuses.set(commit, [...others, status]);
}

async function merge(
  context: Context,
  number: number,
  { style, head, message }: { style: MergeStyle; head: string; message?: string },
): Promise<PullRequest> {
  const { remote, self, clock } = context;
  const repo = memoryRepository(remote);
  for (;;) {
    const pr = seen(context, find(context, number));
    if (pr.state === 'merged') return pr;
    if (pr.state !== 'open' || pr.head !== head)
      throw new GitmendError('FORGE_REFUSED', `#${number} is ${pr.state}, or its head moved`);
    const ref = `refs/heads/${pr.base}`;
    await repo.fetch();
    const onto = (await repo.tip(ref)) ?? '';
    const merged = await repo.mergeTree(onto, head);
    if ('conflicts' in merged)
      throw new GitmendError('FORGE_REFUSED', `#${number} conflicts in ${merged.conflicts.join(', ')}`);
    const known = new Set(await repo.firstParents(undefined, onto));
    const line = (await repo.firstParents(undefined, head)).filter((id) => !known.has(id));
    const plan = { tree: merged.tree, onto, head, message: message ?? pr.title, at: clock.now() };
    const to = await repo.commit(mergeCommit(style, plan));
    // Of two merges in the same moment the second is made again on the first.
    if (!(await repo.push([{ ref, from: onto, to }]))) continue;
    const at = isoTime(clock.now());
    Object.assign(find(context, number), {
      state: 'merged',
      head,
      mergedAt: at,
      mergedBy: self,
      mergeCommit: to,
      updatedAt: at,
    });
    context.state.commits.set(number, style === 'rebase' ? 1 : line.length);
    return { ...find(context, number) };
  }
}

/** Pull requests have one commit here, so a rebase puts one on the base, as a squash does. */
function mergeCommit(
  style: MergeStyle,
  { tree, onto, head, message, at }: { tree: string; onto: string; head: string; message: string; at: number },
): NewCommit {
  return { tree, parents: style === 'merge' ? [onto, head] : [onto], message: `${message}\n`, at };
}

function close(context: Context, number: number, reason: string): void {
  const pr = find(context, number);
  if (pr.state !== 'open') return;
  const at = isoTime(context.clock.now());
  const { head } = seen(context, pr);
  Object.assign(pr, { state: 'closed', head, closedBy: context.self, closedAt: at, updatedAt: at });
  const list = context.state.comments.get(number) ?? [];
  list.push({
    id: String((context.state.last += 1)),
    author: context.self,
    body: reason,
    createdAt: at,
    updatedAt: at,
  });
  context.state.comments.set(number, list);
}
