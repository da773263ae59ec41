import type { z } from 'zod';

/** An answer as it was read, to be used again when GitHub says that nothing changed. */
export interface Kept {
  etag: string | undefined;
  /** What it was read as: another reading of the same address is another value. */
  schema: z.ZodType;
  value: unknown;
  /** Whether another page follows. */
  more: boolean;
}

/** Addresses; the one that was not used for longest goes first. */
const most = 300;

/**
 * What was read, by its address. A conditional request that is answered 304 does not count against the quota
 * (best-practices-for-using-the-rest-api). Values are kept as they were parsed, which is a small part of what was sent.
 */
export function keptAnswers(): {
  of: (url: string, schema: z.ZodType) => Kept | undefined;
  keep: (url: string, one: Kept) => Kept;
} {
  const kept = new Map<string, Kept>();
  return {
    of(url, schema) {
      const found = kept.get(url);
      if (found?.schema !== schema || found.etag === undefined) return undefined;
      kept.delete(url);
      kept.set(url, found);
      return found;
    },
    keep(url, one) {
      kept.delete(url);
      kept.set(url, one);
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
      return one;
    },
  };
}
