import { type Freeze, dayNames, type RuleInFile } from './schema.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** The freeze that is on at that time. */
export function freezeAt(freezes: readonly Freeze[], now: number): Freeze | undefined {
  return freezes.find(({ from, to }) => from <= now && now < to);
}

/**
 * When the window is open next: `now` itself where it is open. A window that ends before it begins crosses midnight and
 * belongs to the day on which it begins; equal times mean the whole day. All in UTC.
 */
export function nextOpening(window: NonNullable<RuleInFile['window']>, now: number): number {
  const today = Math.floor(now / day) * day;
  const length = (minutes(window.to) - minutes(window.from) + 24 * 60) % (24 * 60) || 24 * 60;
  // One day back for a window that began yesterday, a week ahead for one that is open on one day only.
  for (let offset = -1; offset <= 7; offset += 1) {
    const start = today + offset * day + minutes(window.from) * minute;
    const on = window.days === undefined || window.days.includes(dayNames[new Date(start).getUTCDay()] ?? 'sun');
    if (on && now < start + length * minute) return Math.max(start, now);
  }
  return Infinity;
}

function minutes(clock: string): number {
  const [hours = '0', rest = '0'] = clock.split(':');
  return Number(hours) * 60 + Number(rest);
}
