import type { Ground } from '../deliver/world.ts';
import { gitIn } from '../git/git.ts';
import { boardRef } from '../ledger/board.ts';

/** Every ref of the remote by name. */
export type RemoteRefs = ReadonlyMap<string, string>;

/**
 * The refs as the remote has them now. A local one is asked for them alone, every second. Over a network the mirror is brought
 * up to date at once: that takes hardly longer, and a plan need not wait for both (`fetchedAlready`). Throws GIT_FAILED.
 */
export async function remoteRefs({ repo, forge }: Pick<Ground, 'repo' | 'forge'>): Promise<RemoteRefs> {
  if (forge.kind !== 'local') {
    await repo.fetch();
    return repo.refs('refs/');
  }
  const { stdout } = await gitIn(repo.folder)(['ls-remote', '--quiet', forge.remote], { env: { ...forge.gitEnv } });
  const lines = stdout.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => line.split('\t').reverse() as [string, string]));
}

/** The same ground for what follows `remoteRefs` at once: its first fetch is that one, and so is its first reading of refs. */
export function fetchedAlready<G extends Pick<Ground, 'repo' | 'forge'>>(ground: G, read: RemoteRefs): G {
  if (ground.forge.kind === 'local') return ground;
  const { repo } = ground;
  let [fresh, known]: [boolean, RemoteRefs | undefined] = [true, read];
  const fetch = async (): Promise<void> => {
    if (fresh) fresh = false;
    else {
      known = undefined;
      await repo.fetch();
    }
  };
  const refs = async (prefix: string): Promise<Map<string, string>> => {
    const then = known;
    known = undefined;
    return then === undefined || !prefix.endsWith('/')
      ? repo.refs(prefix)
      : new Map([...then].filter(([name]) => name.startsWith(prefix)));
  };
  // What is pushed is newer than what was read.
  const push: typeof repo.push = (updates) => {
    known = undefined;
    return repo.push(updates);
  };
  return { ...ground, repo: { ...repo, fetch, refs, push } };
}

/** A pull request as far as its branch is concerned. */
interface OnBranch {
  number: number;
  branch: string;
}

/** `all`: what moved concerns every plan, so every pull request is looked at. */
export type Moved = 'all' | readonly number[];

/**
 * What two readings of the refs differ in, as far as plans are concerned: `open` are the pull requests whose branches are
 * known. The default branch, the records and what is applied concern every plan; a branch that none is open for concerns
 * none, and the plans' own refs are written by planning itself.
 */
export function movedIn(
  before: RemoteRefs,
  after: RemoteRefs,
  open: readonly OnBranch[],
  defaultBranch: string,
): Moved {
  const numbers = new Set<number>();
  for (const ref of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(ref) === after.get(ref) || concernsNoPlan(ref)) continue;
    const [, branch] = /^refs\/heads\/(.+)$/.exec(ref) ?? [];
    if (branch === undefined || branch === defaultBranch) return 'all';
    for (const pr of open) if (pr.branch === branch) numbers.add(pr.number);
  }
  return [...numbers];
}

/**
 * `refs/pull/…` are the forge's own: what moves there moves with a pull request that the forge tells of. What was ticked on
 * the dashboard changes no plan.
 */
function concernsNoPlan(ref: string): boolean {
  return /^refs\/(gitmend\/plans|pull)\//.test(ref) || ref === 'HEAD' || ref === boardRef;
}

/** What is still to be looked at: it grows until somebody takes it. */
export class Pending {
  #all = false;
  readonly #numbers = new Set<number>();

  add(moved: Moved): void {
    if (moved === 'all') this.#all = true;
    else for (const number of moved) this.#numbers.add(number);
  }

  get empty(): boolean {
    return !this.#all && this.#numbers.size === 0;
  }

  /** Everything that was added since the last time. */
  take(): Moved {
    const taken = this.#all ? 'all' : [...this.#numbers];
    this.#all = false;
    this.#numbers.clear();
    return taken;
  }
}
