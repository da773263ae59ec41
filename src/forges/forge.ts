/** A pull request as every forge can tell it. Texts are outside data. */
export interface PullRequest {
  number: number;
  title: string;
  body: string;
  author: string;
  branch: string;
  base: string;
  /** Tip of the branch now; after the merge the tip that was merged. */
  head: string;
  state: 'open' | 'closed' | 'merged';
  /** ISO 8601 UTC. */
  createdAt: string;
  updatedAt: string;
  mergedAt?: string;
  mergedBy?: string;
  /** Last commit that the merge put on the default branch (M). */
  mergeCommit?: string;
  /** Absent where the forge does not tell, and in a list of all branches for what other accounts opened. */
  closedBy?: string;
  closedAt?: string;
  /** From a fork: its code and secrets are never mixed. */
  fork: boolean;
  /** Its author says that it is not ready: forges refuse to merge it. Absent where a forge has no drafts. */
  draft?: boolean;
}

export interface Comment {
  id: string;
  author: string;
  body: string;
  createdAt: string;
  updatedAt: string;
}

/** A comment of a conversation, as a poll of the whole repository finds it. */
export interface SaidComment extends Comment {
  /** The pull request or issue that it stands under. */
  number: number;
  on: 'pull-request' | 'issue';
  /** Whether its author changed it after it was written: it is no command any more. */
  edited: boolean;
}

/** An issue: the dashboard, or one that a person wrote. Texts are outside data. */
export interface Issue {
  number: number;
  title: string;
  body: string;
  author: string;
  state: 'open' | 'closed';
  createdAt: string;
  updatedAt: string;
}

export type Reaction = 'eyes' | '+1' | '-1' | 'confused';

export type Permission = 'none' | 'read' | 'write' | 'admin';

/** What a forge does that has CI of its own. */
export interface ForgeCi {
  /** Starts the workflow of this file name (`gitmend.yml`) on the default branch: what a job's token does starts nothing by itself. */
  dispatch(workflow: string, inputs: { readonly [name: string]: string }): Promise<void>;
  /** Whether the CI run with this id has ended; undefined where the forge does not know it. */
  ended(run: string): Promise<boolean | undefined>;
  /** Who could read the secrets of this repository's jobs, as far as this account is told. */
  exposure?(): Promise<Exposure>;
}

/** What decides whether a write credential may lie in CI. What a forge does not tell is undefined, and no comfort. */
export interface Exposure {
  /** Every account that may push a branch: a workflow on it runs with the repository's secrets. */
  pushers: readonly string[] | undefined;
  /** Whether the write secret is given to jobs of the default branch alone. */
  bound: boolean | undefined;
}

export interface Review {
  id: string;
  author: string;
  state: 'approved' | 'changes-requested' | 'commented';
  /** Dismissed, or not official: it never counts. */
  void: boolean;
  commit: string;
  submittedAt: string;
}

export interface Status {
  context: string;
  state: 'pending' | 'success' | 'failure' | 'error';
  description: string;
}

export type MergeStyle = 'merge' | 'squash' | 'rebase';

export interface NewPullRequest {
  branch: string;
  base: string;
  title: string;
  body: string;
  labels: string[];
}

/**
 * One forge behind intents that can be repeated: the same call again changes nothing. Implementations throw
 * `FORGE_FAILED` (try again later) or `FORGE_REFUSED` (by its rules). What a call names by a marker it finds again by
 * that marker, a hidden HTML comment `<!-- gitmend:… -->` in the text.
 */
export interface Forge {
  readonly kind: string;
  /** What git fetches from and pushes to. */
  readonly remote: string;
  /** Variables that git needs to reach it: the credential, which is never in argv and never in the URL. */
  readonly gitEnv?: { readonly [name: string]: string };
  readonly defaultBranch: string;
  /** The account that gitmend itself writes as. */
  readonly self: string;

  /** One open pull request per branch: opens it, or brings title, body and labels up to date. The branch is pushed already. */
  ensurePullRequest(wanted: NewPullRequest): Promise<PullRequest>;
  pullRequest(number: number): Promise<PullRequest>;
  /** `branch`: of this repository; a fork's branch of the same name is another one. */
  pullRequests(filter: { state: 'open' | 'closed' | 'merged' | 'all'; branch?: string }): Promise<PullRequest[]>;
  /** The merged pull request whose merge ended in exactly this commit. */
  pullRequestOfMerge(commit: string): Promise<PullRequest | undefined>;
  /** Number of commits that the pull request had when merged. */
  commitCount(number: number): Promise<number>;

  /** Characters (UTF-16 units) that one comment may have here. What is printed for a comment is cut to it. */
  readonly commentLimit: number;
  /** One comment per marker on a pull request or an issue, edited in place. Returns it as the forge holds it. */
  ensureComment(number: number, marker: string, body: string): Promise<Comment>;
  comments(number: number): Promise<Comment[]>;

  ensureStatus(commit: string, status: Status): Promise<void>;
  statuses(commit: string): Promise<Status[]>;
  reviews(number: number): Promise<Review[]>;

  /**
   * Merges if the head is still `head`. A result that is not known is looked up, never asked for twice.
   */
  merge(number: number, options: { style: MergeStyle; head: string; message?: string }): Promise<PullRequest>;
  /** Closes with a comment that says why. */
  close(number: number, reason: string): Promise<void>;
  /** What an account may do in this repository, in the forge's own judgement. `none` for one that does not exist. */
  permission(account: string): Promise<Permission>;
  /** Whether an account is in a team (`owner/team`); undefined where the forge has none, or does not tell this account. */
  inTeam(team: string, account: string): Promise<boolean | undefined>;
  /** Says to whoever wrote a comment that it was seen. Once per reaction. */
  react(comment: string, reaction: Reaction): Promise<void>;
  /** Comments on pull requests and issues written or edited after the cursor, oldest first, and the next cursor. Without a cursor: none. */
  saidSince(cursor: string | undefined): Promise<{ comments: SaidComment[]; cursor: string }>;
  /** One open issue of this account per marker, its title, body and labels brought up to date. */
  ensureIssue(wanted: { marker: string; title: string; body: string; labels: string[] }): Promise<Issue>;
  issue(number: number): Promise<Issue>;
  /** CI of the forge's own, where it has one. */
  readonly ci?: ForgeCi;
  /** Numbers of pull requests that changed since the cursor, and the next cursor. */
  changedSince(cursor: string | undefined): Promise<{ numbers: number[]; cursor: string }>;
}
