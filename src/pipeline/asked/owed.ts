import { z } from 'zod';
import type { Clock } from '../../core/clock.ts';
import { GitmendError } from '../../core/errors.ts';
import { cutMarkdown } from '../../records/cut.ts';
import type { CommandCursors } from './setting.ts';

/** Where the commands are remembered that were begun, and the answers that could not be written yet. */
export const owedCursor = 'commands/owed';

/**
 * Milliseconds for which whoever began a command is left to it. After a crash it is carried out again after that: every
 * effect changes nothing the second time, and a workflow that is dispatched twice makes the same plan twice, so a claim
 * only saves work and never has to be right.
 */
const lease = 60_000;
const mostKept = 50;
const mostLetters = 20_000;

const owedShape = z.record(z.string(), z.strictObject({ at: z.number(), answer: z.string().exactOptional() }));
type Owed = z.infer<typeof owedShape>;

/** `mine`: nobody else is at it. `elsewhere`: another replica began it within the last minute. */
export type Claim = { state: 'mine' } | { state: 'elsewhere' } | { state: 'owed'; answer: string };

export interface OwedAnswers {
  claim(comment: string): Promise<Claim>;
  /** Keeps the answer before it is written. Returns the one that counts: the first. */
  keep(comment: string, answer: string): Promise<string>;
  forget(comments: readonly string[]): Promise<void>;
}

/** The answers that are owed, in one cursor: JSON, comment id to answer, the latest 50. */
export function owedIn(cursors: CommandCursors, clock: Pick<Clock, 'now'>): OwedAnswers {
  return {
    claim: (comment) =>
      changed<Claim>(cursors, (owed) => {
        const { at, answer } = owed[comment] ?? {};
        if (answer !== undefined) return { result: { state: 'owed', answer } };
        if (at !== undefined && Math.abs(clock.now() - at) < lease) return { result: { state: 'elsewhere' } };
        return { next: { ...owed, [comment]: { at: clock.now() } }, result: { state: 'mine' } };
      }),
    keep: (comment, text) =>
      changed(cursors, (owed) => {
        const kept = owed[comment]?.answer;
        if (kept !== undefined) return { result: kept };
        const answer = cutMarkdown(text, mostLetters);
        return { next: { ...owed, [comment]: { at: clock.now(), answer } }, result: answer };
      }),
    forget: (comments) =>
      changed(cursors, (owed) => {
        const rest = Object.fromEntries(Object.entries(owed).filter(([comment]) => !comments.includes(comment)));
        const same = Object.keys(rest).length === Object.keys(owed).length;
        return { ...(same ? {} : { next: rest }), result: undefined };
      }),
  };
}

async function changed<T>(cursors: CommandCursors, change: (owed: Owed) => { next?: Owed; result: T }): Promise<T> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const before = await cursors.get(owedCursor);
    const { next, result } = change(parsed(before));
    if (next === undefined || (await written(cursors, before, JSON.stringify(capped(next))))) return result;
  }
  throw new GitmendError('REF_TAKEN', `others write ${owedCursor} in the store all the time`);
}

async function written(cursors: CommandCursors, from: string | undefined, to: string): Promise<boolean> {
  if (cursors.swap !== undefined) return cursors.swap(owedCursor, from, to);
  await cursors.set(owedCursor, to);
  return true;
}

/** What cannot be read is nothing: its commands are carried out again. */
function parsed(text: string | undefined): Owed {
  try {
    const read = owedShape.safeParse(JSON.parse(text ?? '{}'));
    return read.success ? read.data : {};
  } catch {
    return {};
  }
}

function capped(owed: Owed): Owed {
  const latest = Object.entries(owed).sort(([, a], [, b]) => a.at - b.at);
  return Object.fromEntries(latest.slice(-mostKept));
}
