import type { Clock } from '../../core/clock.ts';

/** What time it is on the forge, as the `Date` of its last answer says; until one says so, this machine's. */
export interface ForgeTime {
  heard: (headers: Headers) => void;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** The moments that a forge gives things are its own, and so is the one at which a quota comes back. */
export function forgeTime(clock: Clock): ForgeTime {
  let ahead = 0;
  return {
    heard(headers) {
      const date = Date.parse(headers.get('date') ?? '');
      if (!Number.isNaN(date)) ahead = date - clock.now();
    },
    now: () => clock.now() + ahead,
  };
}
