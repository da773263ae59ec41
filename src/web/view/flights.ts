import { isoTime } from '../../core/clock.ts';
import { entriesOf } from '../../deliver/entries.ts';
import { printValues, unitOf } from '../../texts/words.ts';
import type { Picture } from './picture.ts';
import { type KnownRun, windowOf } from './runs.ts';
import type { Tone } from './words.ts';

/** One change on its way, or one target that is not as declared. */
export interface FlightView {
  key: string;
  tone: Tone;
  title: string;
  text: string;
  link: string | undefined;
  /** While it is verified: its window, ISO 8601 UTC, how much of it has passed (0–1), and how many looks were made. */
  window?: { from: string; until: string; looks: number; last: string; passed: number };
}

/** Merged as approved, and not applied yet. */
export function pendingFlight({ run, unit, plan, journal, record }: KnownRun): FlightView[] {
  if (record !== undefined || windowOf(journal) !== undefined) return [];
  const what = plan?.steps.map(({ name, after }) => `${name} ${printValues(after)}`).join('; ') ?? '';
  const text = journal === undefined ? 'Merged as approved; the runner applies it next.' : 'The runner is applying it.';
  return [
    {
      key: `run-${run}`,
      tone: 'busy',
      title: `#${plan?.pullRequest ?? ''} ${unit?.pullRequest?.title ?? what}`,
      text,
      link: `/runs/${run}`,
    },
  ];
}

/** Applied, and observed until its window ends. `at` in milliseconds since the epoch: how much of the window has passed then. */
export function verifyingFlight({ run, unit, plan, journal, record }: KnownRun, at: number): FlightView[] {
  const window = windowOf(journal);
  if (record !== undefined || window === undefined || journal === undefined) return [];
  const looks = entriesOf(journal, 'look');
  const passed = Math.min(1, Math.max(0, (at - window.from) / Math.max(1, window.until - window.from)));
  return [
    {
      key: `run-${run}`,
      tone: 'busy',
      title: `#${plan?.pullRequest ?? ''} ${unit?.pullRequest?.title ?? ''}`,
      text: `Applied. Verified when ${plan?.verification.words ?? 'it stays well'}.`,
      link: `/runs/${run}`,
      window: {
        ...{ from: isoTime(window.from), until: isoTime(window.until), passed },
        ...{ looks: looks.length, last: looks.at(-1)?.why ?? '' },
      },
    },
  ];
}

/** On the default branch, and not by an approved pull request. */
export function unapprovedFlight({ target, guest, applied, fields }: Picture['divergences'][number]): FlightView {
  const each = fields.map((field) => `${field} ${say(field, guest[field])} (applied: ${say(field, applied?.[field])})`);
  const what = each.length === 0 ? 'declared, and never applied' : each.join(', ');
  return {
    key: `unapproved-${target}`,
    tone: 'attention',
    title: guest.name,
    text: `${what}. Shown, never applied: the ways out are pull requests.`,
    link: '/guests',
  };
}

function say(field: string, value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return `${value} ${unitOf(field)}`.trimEnd();
  return typeof value === 'string' ? value : JSON.stringify(value);
}
