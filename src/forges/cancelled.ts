/**
 * Milliseconds. A run that somebody cancels may be called over at once, and its runner hears of it with its next report: only
 * after this is it believed.
 */
const cancelling = 2 * 60_000;

/**
 * Whether what was cancelled at that time (ISO 8601) has ended by now (milliseconds). Where the forge does not say when, it
 * has not: 1970 is how Gitea writes "not yet".
 */
export function cancelledLongAgo(at: string | null | undefined, now: number): boolean {
  const cancelled = Date.parse(at ?? '');
  return cancelled > 0 && now - cancelled >= cancelling;
}
