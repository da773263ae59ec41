import type { Considered, Proposed } from '../../core/diagnosis.ts';
import { fingerprintOf } from '../../core/fingerprint.ts';
import type { Conclusion } from '../conclude.ts';
import type { DiagnosisInput } from '../diagnoser.ts';
import { counted, decidedBy, gib, lengthOf, mib, MiB, percent } from '../words.ts';
import { type Need, needToGrow, peakOf } from './amount.ts';
import { boundGrowth, type Bounded, type Room } from './bounds.ts';
import type { Figures } from './figures.ts';
import { nodeFacts, noHeadroom, roomOf } from './headroom.ts';
import { noLeak } from './leak.ts';
import { notObserved } from './present.ts';
import { rules } from './rules.ts';
import type { Shortage } from './short.ts';
import type { Window } from './window.ts';

/** What `resize-guest` is given, in MiB. */
export type MemoryParameters = {
  memory: number;
};

/** Steps 5 and 6: how much more, within every bound; or why nothing is proposed. */
export function grow(
  input: DiagnosisInput,
  figures: Figures,
  shortage: Shortage,
  window: Window,
): Proposed<MemoryParameters> | Conclusion {
  const need = needToGrow(shortage, window, figures);
  const cap = figures.cap / MiB;
  if (shortage.by === 'full' && need.mebibytes < rules.deadBand * cap) return deadBand(figures, need);
  const room = roomOf(input);
  if ('rule' in room) return room;
  const bounded = boundGrowth(need.mebibytes, cap, room);
  if (!bounded.fits) return noHeadroom(input, bounded, room, figures.cap);
  return proposal({ input, figures, shortage, window, need, room, bounded });
}

function deadBand(figures: Figures, need: Need): Conclusion {
  const summary = `large enough: ${need.formula} is less than a tenth above ${mib(figures.cap)}`;
  return { outcome: 'no-change', rule: 'dead-band', summary, facts: [...need.from] };
}

interface Grown {
  input: DiagnosisInput;
  figures: Figures;
  shortage: Shortage;
  window: Window;
  need: Need;
  room: Room;
  bounded: Bounded & { fits: true };
}

function proposal(grown: Grown): Proposed<MemoryParameters> {
  const { input, figures, shortage, window, need, room, bounded } = grown;
  const { target, name, signal, facts } = input;
  const why = `${need.formula}, rounded up${boundInWords(grown)}`;
  const used = [...figures.usage.from, ...need.from, ...shortage.from, ...nodeFacts];
  return {
    outcome: 'proposed',
    family: 'memory',
    target,
    name,
    summary: summaryOf(grown),
    rule: shortage.by === 'full' ? 'short-by-working-set' : 'short',
    decidedBy: decidedBy(facts, used),
    considered: considered(grown),
    signal,
    remedy: 'resize-guest',
    parameters: { memory: bounded.memory },
    group: 'memory',
    basis: { window: windowInWords(window), points: window.points.length, formula: why },
    confidence: confidenceOf(figures, window),
    fingerprint: fingerprintOf('resize-guest', target, 'memory'),
    rows: [{ field: 'memory', now: mib(figures.cap), proposed: `${bounded.memory} MiB`, why }],
    effects: effectsOf(input, room, bounded, figures),
  };
}

/** W as people read it: `14 days`, `5 hours`. */
export function windowInWords(window: Window): string {
  return window.points.length === 0 ? 'this moment' : lengthOf(window.days * 86_400);
}

function summaryOf({ input, figures, shortage }: Grown): string {
  const began = Date.parse(input.signal.startsAt);
  const seconds = (input.now - began) / 1000;
  // An alert without a real start (year 1) or from the future has lasted for nobody knows how long.
  const since = began > 0 && seconds >= 0 ? ` for ${lengthOf(seconds)}` : '';
  const used = `${percent(figures.usage.bytes / figures.cap)} of ${mib(figures.cap)} in use${figures.vm ? '' : ' without cache'}`;
  const swapped = (figures.swapUsed ?? 0) >= MiB ? [`${mib(figures.swapUsed ?? 0)} swapped out`] : [];
  return `has been out of memory${since}: ${[used, ...swapped, ...shortage.signs].join(', ')}.`;
}

function boundInWords({ bounded, input }: Grown): string {
  if (bounded.bound === 'twice') return ', at most twice the cap in one step';
  if (bounded.bound === 'floor') return `, at least ${rules.floorMiB} MiB`;
  return bounded.bound === 'headroom' ? ` to ${bounded.wanted} MiB, then cut to what fits on ${input.node}` : '';
}

function considered({ input, figures, window, bounded }: Grown): Considered[] {
  const { cap, usage, cache } = figures;
  const pages = cache === undefined ? `no: at most ${mib(Math.max(cap - usage.bytes, 0))}` : `no: ${mib(cache)}`;
  const fit = bounded.bound === 'headroom' ? `not enough: ${bounded.wanted} MiB do not fit` : 'enough';
  return [
    {
      cause: 'page cache',
      verdict:
        usage.worth === 'at-least' && usage.bytes < rules.presentFrom * cap
          ? 'cannot be told apart from shared memory; the stalls decide'
          : pages,
    },
    { cause: 'leak', verdict: noLeak(window) },
    { cause: 'a busy night', verdict: busyNight(window, figures) },
    { cause: 'host headroom', verdict: fit },
    ...notObserved(input),
    ...(window.faulty > 0
      ? [{ cause: 'faulty telemetry', verdict: `${counted(window.faulty, 'impossible point')} left out` }]
      : []),
  ];
}

/** On how many days the peak was nearly reached. */
function busyNight(window: Window, figures: Figures): string {
  const days = window.daily.length;
  if (days < 2) return `cannot be told from ${counted(days, 'day')}`;
  const near = window.daily.filter(([, bytes]) => bytes >= 0.9 * peakOf(window, figures)).length;
  if (near === days) return `no: every night for ${days} days`;
  return near === 1 ? `possible: on one of ${days} days` : `no: on ${near} of ${days} days`;
}

function confidenceOf(figures: Figures, window: Window): 'high' | 'medium' | 'low' {
  if (window.days < 7) return 'low';
  return window.days >= rules.windowDays - 1 && figures.usage.worth === 'exact' ? 'high' : 'medium';
}

function effectsOf(input: DiagnosisInput, room: Room, bounded: Bounded & { fits: true }, figures: Figures): string[] {
  const growth = bounded.memory * MiB - figures.cap;
  const partly =
    bounded.bound === 'headroom'
      ? [`Only ${bounded.memory} of the ${bounded.wanted} MiB that are needed fit on ${input.node}.`]
      : [];
  return [...partly, `${input.node} keeps ${gib(Math.max(room.available - growth, 0))} free.`];
}
