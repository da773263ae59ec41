import { createHash } from 'node:crypto';
import type { CheckRun, CommitStatus, Issue, Pull, Review, Said, Thread, User, World } from './world.ts';

/** Values as GitHub's JSON has them, in the part that anybody here reads. */

export function time(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

export function userOf({ id, login, kind }: User) {
  return { id, login, type: kind === 'person' ? 'User' : 'Bot', site_admin: false };
}

export function repositoryOf(world: World, user: User, role: string) {
  const write = role === 'write' || role === 'admin';
  return {
    id: 1,
    name: world.name,
    full_name: `${world.owner}/${world.name}`,
    default_branch: world.defaultBranch,
    archived: false,
    private: true,
    // Told of people alone: an App has permissions of another kind.
    ...(user.kind === 'person' ? { permissions: { admin: role === 'admin', push: write, pull: true } } : {}),
  };
}

/** As lists have it (`pull-request-simple`): without who merged it, whether it can be merged and its number of commits. */
export function pullSimple(world: World, pull: Pull) {
  const repository = { id: 1, name: world.name, full_name: `${world.owner}/${world.name}` };
  const side = (ref: string, sha: string, owner: string) => ({ label: `${owner}:${ref}`, ref, sha });
  return {
    ...threadJson(pull),
    state: pull.state,
    labels: pull.labels.map((name) => ({ name, color: 'ededed' })),
    // After a force-push or a deletion the head of an ended one stays what it was.
    head: {
      ...side(pull.branch, pull.head, pull.fork ?? world.owner),
      repo: pull.fork === undefined ? repository : { id: 2, name: world.name, full_name: `${pull.fork}/${world.name}` },
    },
    base: { ...side(pull.base, world.branches.get(pull.base) ?? pull.mergeBase, world.owner), repo: repository },
    draft: false,
    merged_at: pull.merged === undefined ? null : time(pull.merged.at),
    // Of an open one it is the commit of a trial merge (rest/pulls, "Get a pull request").
    merge_commit_sha: pull.merged?.commit ?? trial(pull),
  };
}

function trial({ head, mergeBase }: Pull): string {
  return createHash('sha1').update(`${mergeBase} ${head}`).digest('hex');
}

export function pullFull(world: World, pull: Pull, mergeable: boolean | null, commits: number) {
  const merged = pull.merged !== undefined;
  return {
    ...pullSimple(world, pull),
    merged,
    mergeable,
    mergeable_state: mergeable === null ? 'unknown' : mergeable ? 'clean' : 'dirty',
    merged_by: pull.merged === undefined ? null : userOf(pull.merged.by),
    comments: world.said.filter(({ thread }) => thread === pull.number).length,
    commits,
  };
}

function threadJson({ number, title, body, user, createdAt, updatedAt, closedAt }: Thread) {
  return {
    ...{ id: 1000 + number, number, title, body, user: userOf(user) },
    created_at: time(createdAt),
    updated_at: time(updatedAt),
    closed_at: closedAt === undefined ? null : time(closedAt),
  };
}

export function issueJson(world: World, thread: Issue | Pull) {
  const { closedBy } = thread;
  const url = `http://localhost/api/v3/repos/${world.owner}/${world.name}/pulls/${thread.number}`;
  return {
    ...threadJson(thread),
    state: thread.state,
    labels: thread.labels.map((name) => ({ name, color: 'ededed' })),
    comments: world.said.filter(({ thread: on }) => on === thread.number).length,
    closed_by: closedBy === undefined ? null : userOf(closedBy),
    ...(thread.pull === undefined
      ? {}
      : { pull_request: { url, html_url: url, diff_url: `${url}.diff`, patch_url: `${url}.patch` } }),
  };
}

export function saidJson(world: World, { id, thread, user, body, createdAt, updatedAt }: Said) {
  const on = world.threads.find(({ number }) => number === thread)?.pull === true ? 'pull' : 'issues';
  return {
    ...{ id, body, user: userOf(user) },
    issue_url: `http://localhost/api/v3/repos/${world.owner}/${world.name}/issues/${thread}`,
    html_url: `http://localhost/${world.owner}/${world.name}/${on}/${thread}#issuecomment-${id}`,
    created_at: time(createdAt),
    updated_at: time(updatedAt),
  };
}

export function reviewJson({ id, user, state, body, commit, submittedAt }: Review) {
  return { ...{ id, user: userOf(user), state, body, commit_id: commit }, submitted_at: time(submittedAt) };
}

export function statusJson({ id, context, state, description, at }: CommitStatus) {
  return { ...{ id, context, state, description }, target_url: null, created_at: time(at), updated_at: time(at) };
}

export function checkJson(run: CheckRun) {
  return {
    ...{ id: run.id, name: run.name, head_sha: run.sha, status: run.status, conclusion: run.conclusion },
    output: { title: run.title, summary: run.summary, text: null, annotations_count: 0 },
    started_at: time(run.at),
    completed_at: run.status === 'completed' ? time(run.at) : null,
    app: { id: 1, slug: run.app, name: run.app },
  };
}
