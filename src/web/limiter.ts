/** How often somebody may be wrong before they have to wait. */
export interface Limiter {
  /** Seconds to wait; 0: go on. */
  blocked(who: string): number;
  failed(who: string): void;
  succeeded(who: string): void;
}

/** Wrong tokens in a row, and for how long each of them counts. */
const most = 10;
const memory = 5 * 60_000;
/** Addresses that are remembered at once; the oldest are forgotten first. */
const mostAddresses = 10_000;

/**
 * Counts wrong logins by address. A token has 256 bits, so this is not what keeps it: whoever tries them all is told to
 * wait, is counted apart, and fills nothing. A right token is asked for no waiting.
 */
export function loginLimiter(now: () => number): Limiter {
  const wrong = new Map<string, number[]>();
  const recent = (who: string) => (wrong.get(who) ?? []).filter((at) => now() - at < memory);
  return {
    blocked: (who) => {
      const [oldest = 0, ...rest] = recent(who).slice(-most);
      return rest.length + 1 < most || oldest === 0 ? 0 : Math.ceil((oldest + memory - now()) / 1000);
    },
    failed: (who) => {
      const times = [...recent(who), now()].slice(-most);
      wrong.delete(who);
      wrong.set(who, times);
      const [eldest] = wrong.keys();
      if (wrong.size > mostAddresses && eldest !== undefined) wrong.delete(eldest);
    },
    succeeded: (who) => void wrong.delete(who),
  };
}
