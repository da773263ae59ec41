/** What a poll has seen: the newest moment, and a fingerprint of each pull request that changed shortly before it. */
export interface Cursor {
  /** Milliseconds. */
  newest: number;
  /** Number → what it looked like. */
  seen: ReadonlyMap<number, string>;
}

/**
 * Milliseconds before the newest moment that are read again. The moments of forges are whole seconds, and a change may appear
 * with a moment that is past already: what was written before the moment was given and committed after the poll.
 */
export const overlap = 20_000;

/** Milliseconds that a moment may lie after now by the forge's clock: moments are whole seconds, and `Date` is one too. */
const tolerance = 2_000;

/**
 * The newest of these moments that is not in the future: a comment dated next year is read and told like any other, but
 * what is written until then is not before it. `from`: at least this one, if it has come.
 */
export function newestUntil(now: number, from: number, moments: readonly number[]): number {
  const latest = now + tolerance;
  return Math.max(Math.min(from, latest), ...moments.filter((at) => at <= latest));
}

/** `1763608320000/12:9f2ab41c0d3e,13:…` */
export function printCursor({ newest, seen }: Cursor): string {
  const entries = [...seen].sort(([a], [b]) => a - b).map(([number, print]) => `${number}:${print}`);
  return `${newest}/${entries.join(',')}`;
}

/** `undefined` for what no poll has given: then everything counts as changed. */
export function parseCursor(text: string | undefined): Cursor | undefined {
  const [, newest, entries] = /^(\d{1,15})\/((?:\d{1,15}:[0-9a-f]{12}(?:,(?!$)|$))*)$/.exec(text ?? '') ?? [];
  if (newest === undefined || entries === undefined) return undefined;
  const seen = entries.split(',').flatMap((entry) => {
    const [number = '', print = ''] = entry.split(':');
    return entry === '' ? [] : [[Number(number), print] as const];
  });
  return { newest: Number(newest), seen: new Map(seen) };
}
