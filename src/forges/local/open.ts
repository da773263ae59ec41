import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { GitmendError } from '../../core/errors.ts';
import { headBranch } from '../../git/ref-files.ts';
import type { Forge } from '../forge.ts';
import { longestText } from '../texts.ts';
import type { LocalForgeAdmin } from './admin.ts';
import { comment, comments, editComment, ensureComment, react, reactions, saidSince } from './comments.ts';
import { accountName, forgeGit, isAccountName, type LocalForgeContext, type Trace } from './context.ts';
import { openDatabase } from './database.ts';
import { diff, show } from './details.ts';
import { editIssue, ensureIssue, issue, issues, openIssue } from './issues.ts';
import { merge } from './merge.ts';
import { protect, protectionOf } from './protection.ts';
import * as pulls from './pull-requests.ts';
import { refresh } from './refresh.ts';
import { dismissReview, review, reviews } from './reviews.ts';
import { ensureStatus, statusesOf } from './statuses.ts';

export interface OpenLocalForge {
  /** Holds `repo.git` and `forge.sqlite`. */
  folder: string;
  /** The account that acts. Nobody checks it: who may write the folder may be anyone. */
  as: string;
  clock: Pick<Clock, 'now'>;
  /** Told before and after everything that lasts. For tests that stop the process there. */
  trace?: Trace;
}

/**
 * Opens the forge in a folder: a bare repository with pull requests, comments, statuses and reviews in SQLite beside it.
 * Any number of processes may have it open, and be killed at any time. Throws FORGE_NOT_FOUND where there is none.
 */
export async function openLocalForge(options: OpenLocalForge): Promise<Forge & LocalForgeAdmin> {
  const context = await contextOf(options);
  await refresh(context);
  return { ...forgeOf(context), ...adminOf(context) };
}

async function contextOf({ folder, as, clock, trace = () => undefined }: OpenLocalForge): Promise<LocalForgeContext> {
  const repository = resolve(folder, 'repo.git');
  const file = join(folder, 'forge.sqlite');
  if (!existsSync(repository) || !existsSync(file)) {
    throw new GitmendError('FORGE_NOT_FOUND', `${folder} holds no local forge (repo.git and forge.sqlite)`);
  }
  const account = accountName(as);
  const git = forgeGit(repository, account, trace);
  const defaultBranch = headBranch(repository) ?? (await git(['symbolic-ref', '--short', 'HEAD'])).stdout.trim();
  return { repository, defaultBranch, account, clock, git, trace, database: openDatabase(file, trace) };
}

function forgeOf(context: LocalForgeContext): Forge {
  return {
    kind: 'local',
    commentLimit: longestText,
    remote: context.repository,
    defaultBranch: context.defaultBranch,
    self: context.account,
    ensurePullRequest: (wanted) => pulls.ensurePullRequest(context, wanted),
    pullRequest: (number) => pulls.pullRequest(context, number),
    pullRequests: (filter) => pulls.pullRequests(context, filter),
    pullRequestOfMerge: (commit) => pulls.pullRequestOfMerge(context, commit),
    commitCount: (number) => pulls.commitCount(context, number),
    ensureComment: (number, marker, body) => ensureComment(context, number, marker, body),
    comments: (number) => comments(context, number),
    ensureStatus: (commit, status) => ensureStatus(context, commit, status),
    statuses: async (commit) => statusesOf(context, commit),
    reviews: (number) => reviews(context, number),
    merge: (number, options) => merge(context, number, options),
    close: (number, reason) => pulls.closePullRequest(context, number, reason),
    // Nobody checks accounts here: who may write the folder may be anyone.
    permission: async (account) => (isAccountName(account) ? 'write' : 'none'),
    inTeam: async () => undefined,
    react: (id, reaction) => react(context, id, reaction),
    saidSince: (cursor) => saidSince(context, cursor),
    ensureIssue: (wanted) => ensureIssue(context, wanted),
    issue: (number) => issue(context, number),
    changedSince: (cursor) => pulls.changedSince(context, cursor),
  };
}

function adminOf(context: LocalForgeContext): LocalForgeAdmin {
  return {
    openPullRequest: (wanted) => pulls.openPullRequest(context, wanted),
    comment: (number, body) => comment(context, number, body),
    editComment: (number, id, body) => editComment(context, number, id, body),
    reactions: (id) => reactions(context, id),
    issues: () => issues(context),
    openIssue: (wanted) => openIssue(context, wanted),
    editIssue: (number, change) => editIssue(context, number, change),
    review: (number, state, body) => review(context, number, state, body),
    dismissReview: (number, id, reason) => dismissReview(context, number, id, reason),
    diff: (number) => diff(context, number),
    show: (number) => show(context, number),
    protection: async () => protectionOf(context),
    protect: async (wanted) => protect(context, wanted),
    release: () => context.database.close(),
  };
}
