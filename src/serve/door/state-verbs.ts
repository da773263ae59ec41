import { createHash, randomBytes } from 'node:crypto';
import type { StateLock, States } from '../../store/index.ts';
import {
  judgeDelete,
  judgeUnlock,
  judgeWrite,
  nonceBytes,
  readDocument,
  readLock,
  type Refused,
  seal,
  type StateKeys,
  type StateRole,
  unseal,
} from '../../terraform/state/index.ts';

/** What the door answers; `result` is the word that it is counted and logged by. */
export interface StateAnswer {
  status: 200 | 400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 423 | 429 | 500 | 503;
  result: string;
  body: string;
  json?: boolean;
  /** For the log: who holds it, which serial. */
  details?: { [name: string]: string | number };
}

/** One request of somebody who was let in. */
export interface StateAsk {
  stack: string;
  role: StateRole;
  /** Of `?ID=`: the lock that it says it is made under. */
  lock: string | undefined;
  /** Of `?force=true`. */
  forced: boolean;
  text: string;
}

export interface StateShelf {
  states: Pick<States, 'inTurn' | 'newest' | 'lock'>;
  keys: StateKeys;
}

/** GET: the newest version, as it was sent; 404 where there is none. */
export async function getState({ states, keys }: StateShelf, { stack }: StateAsk): Promise<StateAnswer> {
  const kept = await states.newest(stack);
  if (kept?.body === undefined) return { status: 404, result: 'absent', body: `there is no state of ${stack} yet\n` };
  return { status: 200, result: 'given', body: unseal(keys, stack, { key: kept.key, body: kept.body }), json: true };
}

/** POST: a new version, or why not. The same one a second time is kept once: its first answer was lost. */
export async function putState({ states, keys }: StateShelf, ask: StateAsk): Promise<StateAnswer> {
  const { stack, text, forced, lock: named } = ask;
  const read = readDocument(text);
  if (!read.ok) return { status: 422, result: 'payload', body: `nothing was stored: ${read.why}\n` };
  const sealed = seal(keys, stack, text, randomBytes(nonceBytes));
  return states.inTurn(stack, async (state) => {
    const [kept, lock] = [await state.newest(), await state.lock()];
    // Whoever cannot open what is kept must not put something on top of it unseen.
    const before = kept?.body === undefined || forced ? undefined : unseal(keys, stack, { ...kept, body: kept.body });
    const judged = judgeWrite({ ...read.value, lock: named, forced }, kept, lock, () => before === text);
    const details = { serial: read.value.serial, ...(forced ? { forced: 'yes' } : {}) };
    if (judged.answer === 'kept') return done('kept-already', details);
    if (judged.answer !== 'keep') return refusal(judged, lock, details);
    const [size, who] = [Buffer.byteLength(text), whoOf(lock)];
    await state.add({ ...read.value, size, who, key: sealed.key, body: sealed.body });
    return done('kept', { ...details, who });
  });
}

/** DELETE: none from now on; the versions stay for `gitmend terraform state show`. */
export async function deleteState({ states }: StateShelf, { stack, lock: named }: StateAsk): Promise<StateAnswer> {
  return states.inTurn(stack, async (state) => {
    const [kept, lock] = [await state.newest(), await state.lock()];
    const judged = judgeDelete(lock, named);
    if (judged.answer !== 'delete') return refusal(judged, lock);
    if (kept === undefined || kept.deleted) return done('absent');
    await state.add({ ...kept, size: 0, who: whoOf(lock), body: undefined });
    return done('deleted', { serial: kept.serial });
  });
}

/** LOCK: 423 with what the holder said of itself where somebody has it. The same lock a second time is the same lock. */
export async function lockState({ states }: StateShelf, { stack, role, text }: StateAsk): Promise<StateAnswer> {
  const read = readLock(text);
  if (!read.ok) return { status: 400, result: 'payload', body: `nothing was locked: ${read.why}\n` };
  const { id, who, operation } = read.value;
  return states.inTurn(stack, async (state) => {
    const lock = await state.lock();
    if (lock !== undefined && lock.id !== id) return refusal({ answer: 'locked' }, lock);
    if (lock === undefined) await state.setLock({ id, role, info: text });
    return done('locked', { who, operation, user: role });
  });
}

/** GET of `…/lock`, which Terraform does not ask for: what the holder said of itself; 404 where nobody holds it. */
export async function getLock({ states }: StateShelf, { stack }: StateAsk): Promise<StateAnswer> {
  const lock = await states.lock(stack);
  if (lock === undefined) return { status: 404, result: 'absent', body: `nobody holds the state of ${stack}\n` };
  return { status: 200, result: 'holder', body: lock.info, json: true };
}

/** UNLOCK: by its holder, or without an id, which is `force-unlock`, by the user write. Twice is once. */
export async function unlockState({ states }: StateShelf, { stack, role, text }: StateAsk): Promise<StateAnswer> {
  const read = text.trim() === '' ? undefined : readLock(text);
  if (read?.ok === false) return { status: 400, result: 'payload', body: `nothing was unlocked: ${read.why}\n` };
  return states.inTurn(stack, async (state) => {
    const lock = await state.lock();
    const judged = judgeUnlock(role, lock, read?.value.id);
    if (judged.answer !== 'unlock' && judged.answer !== 'free') return refusal(judged, lock);
    if (judged.answer === 'unlock') await state.unlock();
    return done(read === undefined ? 'unlocked-by-force' : 'unlocked', { who: whoOf(lock) });
  });
}

/** What came whole, as the sender counted it: `Content-MD5` is the base64 of an MD5 (RFC 1864). Absent: nothing to compare. */
export function sameMd5(text: string, header: string | undefined): boolean {
  return header === undefined || md5Of(text) === header.trim();
}

export function md5Of(text: string): string {
  return createHash('md5').update(text).digest('base64');
}

function done(result: string, details: StateAnswer['details'] = {}): StateAnswer {
  return { status: 200, result, body: '', details };
}

/** A lock is answered as Terraform reads it: with the JSON of whoever holds it. */
function refusal(refused: Refused, lock: StateLock | undefined, details: StateAnswer['details'] = {}): StateAnswer {
  if (refused.answer === 'locked')
    return { status: 423, result: 'held', body: lock?.info ?? '{}', json: true, details: { who: whoOf(lock) } };
  const status = refused.reason === 'role' ? 403 : 409;
  return { status, result: refused.reason, body: `nothing was changed: ${refused.why}\n`, details };
}

function whoOf(lock: StateLock | undefined): string {
  const read = lock === undefined ? undefined : readLock(lock.info);
  return read?.ok === true ? read.value.who : '';
}
