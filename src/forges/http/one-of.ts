import { isUnknown } from './client.ts';

/** Something that this account has written once per marker, and keeps up to date in place. */
export interface OneOf<T> {
  /** What this account wrote under the marker, oldest first. */
  own: () => Promise<T[]>;
  write: () => Promise<T>;
  /** Brings one up to date, where it is not. */
  mend: (present: T) => Promise<T>;
  /** Takes away a twin that was written at the same moment. */
  drop: (twin: T) => Promise<unknown>;
}

/**
 * The one, written where it is missing. Two processes that write it at the same moment both find two, and leave the older.
 * What nobody knows of is looked for, and never written again.
 */
export async function ensureOne<T>({ own, write, mend, drop }: OneOf<T>): Promise<T> {
  const [present] = await own();
  if (present !== undefined) return mend(present);
  const mine = await written(write, own);
  // A list may lag behind what was written a moment ago.
  const [oldest = mine, ...younger] = await own();
  for (const twin of younger) await drop(twin);
  return mend(oldest);
}

async function written<T>(write: () => Promise<T>, own: () => Promise<T[]>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const [found] = isUnknown(error) ? await own() : [];
    if (found === undefined) throw error;
    return found;
  }
}
