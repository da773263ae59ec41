/** An account, with the token that it writes by. */
export interface User {
  id: number;
  login: string;
  token: string;
  /** A person; an App's installation; the token of a job of Actions. */
  kind: 'person' | 'app' | 'job';
  /** Milliseconds; of an installation's token. */
  until?: number;
  /** A fine-grained personal token, which can read no check runs of a private repository. */
  fineGrained?: boolean;
}

export interface Review {
  id: number;
  user: User;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED';
  body: string;
  commit: string;
  submittedAt: number;
}

/** What a pull request and an issue have in common: every pull request is an issue, and their numbers are one series. */
export interface Thread {
  number: number;
  title: string;
  body: string | null;
  user: User;
  state: 'open' | 'closed';
  labels: string[];
  createdAt: number;
  updatedAt: number;
  closedAt?: number;
  closedBy?: User;
}

export interface Issue extends Thread {
  pull?: undefined;
}

export interface Pull extends Thread {
  pull: true;
  branch: string;
  base: string;
  /** Whose fork it came from, if not from a branch of the repository. */
  fork?: string;
  /** Stays what it was once the pull request has ended. */
  head: string;
  mergeBase: string;
  reviews: Review[];
  merged?: { at: number; by: User; commit: string };
  /** How often it still answers that it is computing whether it can be merged. */
  computing: number;
}

export interface Said {
  id: number;
  thread: number;
  user: User;
  body: string;
  createdAt: number;
  updatedAt: number;
}

export interface CommitStatus {
  id: number;
  sha: string;
  context: string;
  state: string;
  description: string | null;
  at: number;
}

export interface CheckRun {
  id: number;
  sha: string;
  name: string;
  status: string;
  conclusion: string | null;
  title: string | null;
  summary: string | null;
  app: string;
  at: number;
}

export interface App {
  id: number;
  slug: string;
  publicKey: string;
  installation: number;
  permissions: { [name: string]: string };
}

/** One GitHub with one repository. */
export interface World {
  users: User[];
  apps: App[];
  owner: string;
  /** Empty: there is none. */
  name: string;
  folder: string;
  repository: string;
  defaultBranch: string;
  /** Tips by name, as they were when the present request came in. */
  branches: Map<string, string>;
  threads: (Pull | Issue)[];
  said: Said[];
  reactions: { comment: number; content: string; user: User }[];
  /** By login; whoever is not in it may write. */
  permissions: Map<string, 'none' | 'read' | 'write' | 'admin'>;
  teams: { org: string; slug: string; members: string[] }[];
  statuses: CommitStatus[];
  checks: CheckRun[];
  /** Classic protection of the default branch, and what its rulesets demand. */
  protection?: { statuses: string[] };
  ruleset?: { statuses: string[]; approvals: number; dismissesStale?: boolean };
  /** Merge methods that the repository does not allow. */
  disallowed: string[];
  /** Whether jobs may open pull requests, which a new repository does not let them. */
  jobsOpenPulls: boolean;
  workflows: string[];
  dispatches: { workflow: string; ref: string; inputs: unknown }[];
  runs: { id: number; name: string; sha: string; status: string; conclusion: string | null; updatedAt?: string }[];
  /** By name: the branches whose jobs get its secrets. */
  environments: Map<string, string[] | 'any'>;
  hooks: { url: string; secret: string }[];
  /** Requests of this hour that counted. */
  spent: number;
  ids: number;
  numbers: number;
}

export function nextId(world: World): number {
  return (world.ids += 1);
}

/** An answer that is no success: GitHub's own status, words and what it says beside them. */
export class GithubError extends Error {
  readonly status: number;
  readonly errors: unknown;

  constructor(status: number, message: string, errors?: unknown) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

export const notFound = (): GithubError => new GithubError(404, 'Not Found');
export const invalid = (...errors: unknown[]): GithubError => new GithubError(422, 'Validation Failed', errors);

export function threadOf(world: World, number: unknown): Pull | Issue {
  const found = world.threads.find((one) => one.number === Number(number));
  if (found === undefined) throw notFound();
  return found;
}

export function pullOf(world: World, number: unknown): Pull {
  const found = threadOf(world, number);
  if (found.pull === undefined) throw notFound();
  return found;
}

export function pullsOf(world: World): Pull[] {
  return world.threads.filter((one) => one.pull !== undefined);
}

/** What an account may do: its owner everything; whoever is not named may write. */
export function permissionOf(world: World, user: User): 'none' | 'read' | 'write' | 'admin' {
  return world.permissions.get(user.login) ?? (user.login === world.owner ? 'admin' : 'write');
}
