import type { FactName } from '../../core/fact.ts';
import type { Conclusion } from '../conclude.ts';
import type { DiagnosisInput } from '../diagnoser.ts';
import { counted, mib, percent } from '../words.ts';
import type { Figures } from './figures.ts';
import { notObserved, pressureInWords } from './present.ts';
import { lastingPressure, pressureNow, unconfirmedPressure } from './pressure.ts';
import { rules } from './rules.ts';

/** Step 3: short, by what. */
export interface Shortage {
  /** By OOM, pressure or swap: demand above the cap was never seen. `full`: only by the working set. */
  by: 'unseen-demand' | 'full';
  /** `tasks stalled on memory 31 % of the time`: what shows it, most telling last. */
  signs: string[];
  from: FactName[];
}

/**
 * Short, or only full? `windowStart` is the start of W in milliseconds: an OOM kill before it was under another cap.
 * `undefined` where nothing says short.
 */
export function shortageOf(input: DiagnosisInput, figures: Figures, windowStart: number): Shortage | undefined {
  const { facts } = input;
  const signs: { text: string; from: readonly FactName[] }[] = [];
  const kills = killsSince(input, windowStart);
  if (kills > 0) signs.push({ text: counted(kills, 'OOM kill'), from: ['guest.oomKills'] });
  const swapIn = facts['guest.swapIn']?.value ?? 0;
  if (swapIn > 0) signs.push({ text: `${Math.ceil(swapIn)} pages swapped in per second`, from: ['guest.swapIn'] });
  const pressure = lastingPressure(facts, figures);
  if (pressure !== undefined) {
    signs.push({ text: `tasks stalled on memory ${percent(pressure.fraction)} of the time`, from: pressure.from });
  }
  if (signs.length > 0) {
    return { by: 'unseen-demand', signs: signs.map(({ text }) => text), from: signs.flatMap(({ from }) => from) };
  }
  const full = figures.usage.bytes >= rules.shortFrom * figures.cap;
  return full ? { by: 'full', signs: [], from: figures.usage.from } : undefined;
}

/** Full, or busy for a moment, and not short: nothing changes. */
export function onlyFull(input: DiagnosisInput, figures: Figures): Conclusion {
  const { facts, signal } = input;
  const { usage, cap } = figures;
  const used = `${percent(usage.bytes / cap)} of ${mib(cap)} in use`;
  const from: FactName[] = [...usage.from, 'guest.psi.memory.some', 'guest.psi.memory.full'];
  const unconfirmed = unconfirmedPressure(facts, figures);
  if (unconfirmed !== undefined) {
    const summary = `${used}, tasks stalled on memory ${percent(unconfirmed.fraction)} of the time now, and nothing says whether that lasts`;
    const helps = ['the next look reads again; Prometheus or `rrddata` with pressure gives the five-minute mean'];
    return { outcome: 'unknown', rule: 'pressure-unconfirmed', summary, facts: from, helps };
  }
  const summary = pressureNow(facts, figures)
    ? `a moment of pressure, not a shortage: ${used}, stalls below the threshold in the mean of five minutes`
    : `full, not short: ${used}, ${pressureInWords(input)}, nothing killed as far as is seen`;
  const helps = [`${signal.name} takes full for short: let it ask for pressure, an OOM kill, or 96 % of the cap`];
  return { outcome: 'no-change', rule: 'full-not-short', summary, facts: from, helps, considered: notObserved(input) };
}

function killsSince({ facts }: DiagnosisInput, windowStart: number): number {
  const kills = facts['guest.oomKills']?.value ?? 0;
  const last = facts['guest.oomKills.last']?.value;
  return last !== undefined && Date.parse(last) < windowStart ? 0 : kills;
}
