import type { Actions } from './routes/actions.ts';

/** An account, with the token that it writes by. */
export interface User {
  id: number;
  login: string;
  token: string;
}

export interface Label {
  id: number;
  name: string;
  color: string;
}

/** A comment, or one of the events that Gitea keeps as comments (its timeline shows both). */
export interface Note {
  id: number;
  type: 'comment' | 'close' | 'merge_pull' | 'pull_push' | 'review' | 'dismiss_review';
  /** Number of the pull request, or issue. */
  pull: number;
  user: User;
  body: string;
  createdAt: number;
  updatedAt: number;
}

export interface Review {
  id: number;
  user: User;
  state: 'APPROVED' | 'REQUEST_CHANGES' | 'COMMENT';
  body: string;
  commit: string;
  dismissed: boolean;
  stale: boolean;
  submittedAt: number;
  updatedAt: number;
}

export interface Pull {
  number: number;
  title: string;
  body: string;
  user: User;
  branch: string;
  base: string;
  /** Where it came from, if not from a branch of the repository: a fork, or a push to `refs/for/…`. */
  from?: { fork: string } | 'agit';
  /** As `refs/pull/N/head` has it: stays what it was once the pull request has ended. */
  head: string;
  mergeBase: string;
  state: 'open' | 'closed';
  labels: number[];
  reviews: Review[];
  merged?: { at: number; by: User; commit: string };
  /** How often it still says that it is computing whether it can be merged. */
  computing: number;
  createdAt: number;
  updatedAt: number;
  closedAt?: number;
}

export interface Issue {
  number: number;
  title: string;
  body: string;
  user: User;
  state: 'open' | 'closed';
  labels: number[];
  createdAt: number;
  updatedAt: number;
}

export interface CommitStatus {
  id: number;
  sha: string;
  context: string;
  state: string;
  description: string;
  user: User;
  at: number;
}

/** One Gitea with one repository. */
export interface World {
  users: User[];
  owner: string;
  /** Empty: there is none. */
  name: string;
  /** Where repositories lie. */
  folder: string;
  /** Path of the bare repository. */
  repository: string;
  defaultBranch: string;
  /** Tips by name, as they were when the present request came in. */
  branches: Map<string, string>;
  /** Whether two commits can be merged: `BASE HEAD`. */
  mergeable: Map<string, boolean>;
  labels: Label[];
  pulls: Pull[];
  issues: Issue[];
  notes: Note[];
  /** Of comments. */
  reactions: { comment: number; content: string; user: User; at: number }[];
  /** By login; whoever is not in it may write. */
  permissions: Map<string, 'none' | 'read' | 'write' | 'admin'>;
  /** Of the owner, which is an organization where there are any. `code`: what one may do with the code; to write, unless told. */
  teams: { id: number; name: string; members: string[]; code?: 'read' | 'write' }[];
  statuses: CommitStatus[];
  /** Of its CI; absent until something asks. */
  actions?: Actions;
  protection?: { statuses: string[]; approvals: number };
  /** How many openings do not see that one is open already, as two at the same moment on a real one. */
  unaware: number;
  /** Last number given to anything. */
  counter: number;
}

export function nextId(world: World): number {
  return (world.counter += 1);
}

/** An answer that is no success: Gitea's own status and words. */
export class GiteaError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function pullOf(world: World, number: number): Pull {
  const found = world.pulls.find((pull) => pull.number === number);
  if (found === undefined) throw new GiteaError(404, "The target couldn't be found.");
  return found;
}

/** Pull requests and issues take comments and labels alike. */
export function hasThread(world: World, number: number): boolean {
  return [...world.issues, ...world.pulls].some((one) => one.number === number);
}

export function threadOf(world: World, number: number): Pull | Issue {
  return world.issues.find((issue) => issue.number === number) ?? pullOf(world, number);
}
