import { canonical, digestOfText } from '../core/json.ts';
import type { Holder } from '../core/run.ts';
import { lockedBy, type Target } from '../core/target.ts';
import { emptyTree, type Repository, type RefUpdate } from '../git/repository.ts';
import { isGone, type Machine } from './holder.ts';

/** A held lock: its ref and the commit that says so. */
export interface Lock {
  target: Target;
  ref: string;
  commit: string;
}

export type Acquired =
  | { ok: true; locks: Lock[] }
  /** `holder` is missing where the lock cannot be read: then it blocks until a person looks. */
  | { ok: false; target: Target; holder?: Holder; why: string };

/** `refs/gitmend/locks/<hash of the target>` */
export function lockRef(target: Target): string {
  return `${prefix}${digestOfText(target).slice('sha256:'.length, 'sha256:'.length + 40)}`;
}

const prefix = 'refs/gitmend/locks/';

/**
 * Takes the locks of all targets and of what contains them, in one push that demands the absence of each; all or none.
 * A lock whose holder is proven gone is taken over by a push that demands exactly that lock.
 */
export async function acquireLocks(
  repo: Repository,
  targets: readonly Target[],
  holder: Holder,
  here: Machine,
  at: number,
): Promise<Acquired> {
  const wanted = [...new Set(targets.flatMap(lockedBy))].sort();
  const locks: Lock[] = [];
  const updates: RefUpdate[] = [];
  for (const target of wanted) {
    const ref = lockRef(target);
    const held = await repo.tip(ref);
    const blocked = held === undefined ? undefined : await blocks(repo, held, target, here);
    if (blocked !== undefined) return { ok: false, target, ...blocked };
    const commit = await repo.commit({ tree: emptyTree, parents: [], message: canonical({ target, holder }), at });
    locks.push({ target, ref, commit });
    updates.push({ ref, from: held ?? null, to: commit });
  }
  if (await repo.push(updates)) return { ok: true, locks };
  return { ok: false, target: wanted[0] ?? '', why: 'another run took the lock in the same moment' };
}

/** Gives the locks back. One that is no longer ours is left alone. */
export async function releaseLocks(repo: Repository, locks: readonly Lock[]): Promise<void> {
  await repo.push(locks.map(({ ref, commit }) => ({ ref, from: commit, to: null })));
}

/**
 * Gives back what a run left that needs no lock any more: its process was stopped between its last effect and the
 * release, and whoever goes on with it only looks. Without this, another machine would find the target held for ever.
 */
export async function releaseLeft(repo: Repository, run: string): Promise<void> {
  const left: Lock[] = [];
  for (const [ref, commit] of await repo.refs(prefix)) {
    const lock = parseLock(await repo.message(commit));
    if (lock?.holder.run === run && lockRef(lock.target) === ref) left.push({ target: lock.target, ref, commit });
  }
  if (left.length > 0) await releaseLocks(repo, left);
}

/** Who holds a target now, for `gitmend unlock`: `unreadable` where the lock says nothing we understand. */
export async function readLock(
  repo: Repository,
  target: Target,
): Promise<{ commit: string; holder: Holder | 'unreadable' } | undefined> {
  const commit = await repo.tip(lockRef(target));
  if (commit === undefined) return undefined;
  return { commit, holder: holderIn(await repo.message(commit), target) ?? 'unreadable' };
}

/** What is locked, as the locks say it, in the order of names. What cannot be read or names another target is left out. */
export async function lockedTargets(repo: Repository): Promise<Target[]> {
  const targets: Target[] = [];
  for (const [ref, commit] of await repo.refs(prefix)) {
    const target = parseLock(await repo.message(commit))?.target;
    if (target !== undefined && lockRef(target) === ref) targets.push(target);
  }
  return targets.sort();
}

async function blocks(
  repo: Repository,
  commit: string,
  target: Target,
  here: Machine,
): Promise<{ holder?: Holder; why: string } | undefined> {
  const holder = holderIn(await repo.message(commit), target);
  if (holder === undefined)
    return { why: `the lock of ${target} (${commit.slice(0, 7)}) cannot be read; gitmend unlock ${target} shows it` };
  if (await isGone(holder, here)) return undefined;
  return {
    holder,
    why: `run ${holder.run.slice(0, 7)} on ${holder.host} (pid ${holder.pid}) holds ${target} since ${holder.at}`,
  };
}

/** A lock that names another target than its ref says is no lock of that target that we understand. */
function holderIn(message: string, target: Target): Holder | undefined {
  const lock = parseLock(message);
  return lock?.target === target ? lock.holder : undefined;
}

/** Whoever may push may write a lock: it is data, and anything out of form is unreadable, which blocks. */
function parseLock(message: string): { target: Target; holder: Holder } | undefined {
  try {
    const value = JSON.parse(message) as { target?: unknown; holder?: Partial<Record<keyof Holder, unknown>> };
    const { target, holder } = value;
    if (typeof target !== 'string' || typeof holder !== 'object') return undefined;
    const texts = ['nonce', 'run', 'host', 'machine', 'boot', 'pidNamespace', 'started', 'at'] as const;
    if (!texts.every((key) => typeof holder[key] === 'string') || !Number.isSafeInteger(holder.pid)) return undefined;
    if (holder.ci !== undefined && !isCiRun(holder.ci)) return undefined;
    return { target, holder: holder as Holder };
  } catch {
    return undefined;
  }
}

function isCiRun(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { server, repository, run, attempt } = value as { [key: string]: unknown };
  return [server, repository, run].every((one) => typeof one === 'string') && Number.isSafeInteger(attempt);
}
