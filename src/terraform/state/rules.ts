import type { StateDocument } from './document.ts';

/** Who speaks to the door: `read` reads and locks, `write` does everything. */
export type StateRole = 'read' | 'write';

/** The lock of a stack as it is kept. */
export interface HeldLock {
  id: string;
  /** By whose password it was taken. */
  role: StateRole;
}

/** The newest version that is kept. `deleted`: the state was taken away, and its versions are kept. */
export interface KeptState extends StateDocument {
  deleted: boolean;
}

/** A write that is asked for. */
export interface WantedWrite extends StateDocument {
  /** The lock that it says it is made under. */
  lock: string | undefined;
  forced: boolean;
}

export type Refused = { answer: 'locked' } | { answer: 'refused'; reason: RefusedReason; why: string };
export type RefusedReason = 'lock-lost' | 'lineage' | 'serial' | 'role' | 'lock-other';

/**
 * Whether a state may become the newest one. `same` tells whether the kept text of this serial is this very text: then it
 * came a second time, because the first answer was lost, and is kept already.
 */
export function judgeWrite(
  wanted: WantedWrite,
  kept: KeptState | undefined,
  lock: HeldLock | undefined,
  same: () => boolean,
): { answer: 'keep' } | { answer: 'kept' } | Refused {
  if (lock !== undefined && lock.id !== wanted.lock) return { answer: 'locked' };
  const current = kept === undefined || kept.deleted ? undefined : kept;
  if (current?.serial === wanted.serial && current.lineage === wanted.lineage && same()) return { answer: 'kept' };
  if (lock === undefined && wanted.lock !== undefined)
    return refused('lock-lost', `the lock ${wanted.lock} is not held any more: somebody took it away meanwhile`);
  if (current === undefined || wanted.forced) return { answer: 'keep' };
  if (current.lineage !== wanted.lineage)
    return refused(
      'lineage',
      `the lineage ${wanted.lineage} is another one than ${current.lineage}: this is the state of something else`,
    );
  if (current.serial < wanted.serial) return { answer: 'keep' };
  const other = current.serial === wanted.serial ? 'is kept with another content' : 'is kept already';
  return refused('serial', `the serial ${wanted.serial} is not newer: ${current.serial} ${other}`);
}

/** Whether the state may be taken away: by nobody while somebody holds its lock. */
export function judgeDelete(lock: HeldLock | undefined, named: string | undefined): { answer: 'delete' } | Refused {
  return lock !== undefined && lock.id !== named ? { answer: 'locked' } : { answer: 'delete' };
}

/**
 * Whether a lock may be let go of. `named` absent: `force-unlock`, which sends no id. Whoever only reads lets go of what a
 * reader took: else a plan could end the lock under which an apply writes.
 */
export function judgeUnlock(
  role: StateRole,
  lock: HeldLock | undefined,
  named: string | undefined,
): { answer: 'unlock' } | { answer: 'free' } | Refused {
  if (lock === undefined) return { answer: 'free' };
  if (named !== undefined && named !== lock.id) return refused('lock-other', `the lock is ${lock.id}, not ${named}`);
  if (role === 'write') return { answer: 'unlock' };
  if (named === undefined) return refused('role', 'only the user write takes a lock away by force');
  if (lock.role === 'write') return refused('role', 'the user write holds this lock, and read does not take it away');
  return { answer: 'unlock' };
}

function refused(reason: RefusedReason, why: string): Refused {
  return { answer: 'refused', reason, why };
}
