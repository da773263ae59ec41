import { capitalised } from '../../texts/words.ts';
import { diagnosisOutcomes, runOutcomes, stopReasons } from '../../core/outcome.ts';

/** How something stands: what a reader sees as word, icon and colour together. */
export type Tone = 'good' | 'bad' | 'attention' | 'busy' | 'quiet';

export interface Chip {
  tone: Tone;
  /** The closed vocabulary of outcomes, as it is in comments, records and metrics. */
  word: string;
  /** What the word means, for a tooltip and for `gitmend explain`. */
  means: string;
}

const tones: { readonly [word: string]: Tone } = {
  verified: 'good',
  adopted: 'quiet',
  superseded: 'quiet',
  'no-change': 'quiet',
  'report-only': 'attention',
  proposed: 'busy',
  'not-verified': 'bad',
  regressed: 'bad',
  'not-applied': 'attention',
  inconclusive: 'attention',
  unknown: 'attention',
};

const meanings: { readonly [word: string]: string } = { ...diagnosisOutcomes, ...runOutcomes };

/** An outcome of a run or a diagnosis, with its reason where it has one: `not-applied: stale`. */
export function outcomeChip(outcome: string, reason?: string): Chip {
  const stop =
    reason !== undefined && Object.hasOwn(stopReasons, reason) ? stopReasons[reason as keyof typeof stopReasons] : '';
  const means = [Object.hasOwn(meanings, outcome) ? meanings[outcome] : '', stop]
    .filter((text) => text !== '')
    .join('; ');
  const named = outcome === 'not-applied' && reason !== undefined ? `${outcome}: ${reason}` : outcome;
  return { tone: Object.hasOwn(tones, outcome) ? (tones[outcome] ?? 'quiet') : 'quiet', word: named, means };
}

/** As people write it: a capital at its beginning and a full stop at its end. */
export function sentenced(text: string): string {
  const whole = capitalised(text);
  return whole === '' || /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

/** `1 thing`, `3 things`; zero as a word. */
export function amount(count: number, one: string, many = `${one}s`): string {
  return `${count === 0 ? 'no' : count} ${count === 1 ? one : many}`;
}
