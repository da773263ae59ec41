import { isMergeable } from './merge.ts';
import type { CommitStatus, Issue, Label, Note, Pull, Review, User, World } from './world.ts';

/** Values as Gitea's JSON has them: times in the zone of the server, numbers and names as its definitions say. */

export function time(at: number): string {
  // A server whose zone is not UTC, as most are.
  return new Date(at + 3_600_000).toISOString().replace(/\.\d{3}Z$/, '+01:00');
}

export function userOf({ id, login }: User) {
  return { id, login, full_name: '', email: `${login}@noreply.localhost`, is_admin: false };
}

export function repositoryOf(world: World) {
  return {
    id: 1,
    name: world.name,
    full_name: `${world.owner}/${world.name}`,
    default_branch: world.defaultBranch,
    empty: !world.branches.has(world.defaultBranch),
    archived: false,
    private: true,
  };
}

export async function pullJson(world: World, pull: Pull) {
  const tip = pull.from === undefined ? world.branches.get(pull.branch) : undefined;
  const label = pull.from === 'agit' ? '' : pull.branch;
  const base = world.branches.get(pull.base);
  const mergeable = pull.state === 'open' && (await isMergeable(world, pull));
  return {
    id: pull.number,
    number: pull.number,
    title: pull.title,
    body: pull.body,
    user: userOf(pull.user),
    state: pull.state,
    // While the branch is there `sha` is its tip of now, whatever became of the pull request (services/convert/pull.go).
    head: {
      label,
      ref: tip === undefined && typeof pull.from !== 'object' ? `refs/pull/${pull.number}/head` : pull.branch,
      sha: tip ?? pull.head,
      repo_id: typeof pull.from === 'object' ? 2 : 1,
    },
    base: { label: pull.base, ref: pull.base, sha: base ?? '', repo_id: 1 },
    merge_base: pull.mergeBase,
    labels: pull.labels.map((id) => labelOf(world.labels.find((label) => label.id === id))),
    comments: commentsOf(world, pull.number).length,
    mergeable,
    merged: pull.merged !== undefined,
    merged_at: pull.merged === undefined ? null : time(pull.merged.at),
    merged_by: pull.merged === undefined ? null : userOf(pull.merged.by),
    merge_commit_sha: pull.merged?.commit ?? null,
    created_at: time(pull.createdAt),
    updated_at: time(pull.updatedAt),
    closed_at: pull.closedAt === undefined ? null : time(pull.closedAt),
  };
}

export function commentsOf(world: World, number: number): Note[] {
  return world.notes.filter(({ pull, type }) => pull === number && type === 'comment');
}

export function commentJson(world: World, note: Note) {
  const on = (wanted: number) => world.issues.some(({ number }) => number === wanted);
  return {
    id: note.id,
    body: note.body,
    user: userOf(note.user),
    issue_url: on(note.pull) ? `http://localhost/${world.owner}/${world.name}/issues/${note.pull}` : '',
    pull_request_url: on(note.pull) ? '' : `http://localhost/${world.owner}/${world.name}/pulls/${note.pull}`,
    created_at: time(note.createdAt),
    updated_at: time(note.updatedAt),
  };
}

export function timelineJson(world: World, note: Note) {
  return { ...commentJson(world, note), type: note.type };
}

export function reviewJson(review: Review) {
  return {
    id: review.id,
    user: userOf(review.user),
    state: review.state,
    body: review.body,
    commit_id: review.commit,
    dismissed: review.dismissed,
    stale: review.stale,
    official: true,
    submitted_at: time(review.submittedAt),
    updated_at: time(review.updatedAt),
  };
}

export function statusJson({ id, context, state, description, user, at }: CommitStatus) {
  return {
    id,
    context,
    status: state,
    description,
    target_url: '',
    creator: userOf(user),
    created_at: time(at),
    updated_at: time(at),
  };
}

export function labelOf(label: Label | undefined) {
  return label === undefined ? null : { id: label.id, name: label.name, color: label.color.replace('#', '') };
}

export function issueJson(world: World, issue: Issue) {
  return {
    id: issue.number,
    number: issue.number,
    title: issue.title,
    body: issue.body,
    user: userOf(issue.user),
    state: issue.state,
    labels: issue.labels.map((id) => labelOf(world.labels.find((label) => label.id === id))),
    comments: commentsOf(world, issue.number).length,
    pull_request: null as object | null,
    created_at: time(issue.createdAt),
    updated_at: time(issue.updatedAt),
  };
}
