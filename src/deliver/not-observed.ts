import type { JournalEntry } from '../core/run.ts';
import { listed } from '../texts/words.ts';

/** What one target does not show, by what people call it. */
export interface Unseen {
  /** Name of the guest. */
  name: string;
  notObserved: readonly string[];
}

/** What no source shows of the targets of a run: `swapping in`, or `swapping in of frigate` where only some hide it. */
export function unseenOf(targets: readonly Unseen[]): string[] {
  const words = [...new Set(targets.flatMap(({ notObserved }) => notObserved))];
  return words.map((what) => {
    const of = targets.filter(({ notObserved }) => notObserved.includes(what)).map(({ name }) => name);
    return of.length === targets.length ? what : `${what} of ${listed(of)}`;
  });
}

/** What none of the looks saw. One that could not see at all says nothing of what there is to see. */
export function unseenThroughout(looks: readonly (JournalEntry & { kind: 'look' })[]): string[] {
  const [first, ...others] = looks.filter(({ state }) => state !== 'cannot-tell');
  return (first?.notObserved ?? []).filter((what) =>
    others.every(({ notObserved = [] }) => notObserved.includes(what)),
  );
}
