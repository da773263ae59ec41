import type { FactName } from '../../core/fact.ts';
import { fingerprintOf } from '../../core/fingerprint.ts';
import type { Proposed } from '../../core/diagnosis.ts';
import type { Conclusion } from '../conclude.ts';
import type { DiagnosisInput } from '../diagnoser.ts';
import { decidedBy, mib, MiB, percent } from '../words.ts';
import { type Need, needOf, peakOf } from './amount.ts';
import { boundShrink } from './bounds.ts';
import type { Figures } from './figures.ts';
import { type MemoryParameters, windowInWords } from './grow.ts';
import type { PresentFault } from './present.ts';
import { rules } from './rules.ts';
import type { Window } from './window.ts';

/** Step 7: less, only where a signal asks for it and nothing at all speaks against it. */
export function shrink(
  input: DiagnosisInput,
  figures: Figures,
  window: Window | undefined,
  faults: readonly PresentFault[],
): Proposed<MemoryParameters> | Conclusion {
  if (faults.length > 0)
    return no(
      'fault-present',
      `not idle: ${faults.map(({ text }) => text).join(', ')}`,
      faults.flatMap(({ from }) => from),
    );
  if (figures.usage.worth !== 'exact') return lowerBound(figures);
  if (window === undefined) return unseen('the history of its memory could not be read', []);
  const objection = objectionTo(input, window);
  if (objection !== undefined) return objection;
  const need = needOf(peakOf(window, figures), 'peak');
  const cap = figures.cap / MiB;
  if (need.mebibytes >= rules.shrinkBelow * cap) {
    return no('shrink-dead-band', `in use: ${need.formula} is more than 60 % of ${mib(figures.cap)}`, need.from);
  }
  const memory = boundShrink(need.mebibytes, cap);
  if (memory >= cap)
    return no(
      'floor',
      `small enough: ${mib(figures.cap)} are not cut below the floor of ${rules.floorMiB} MiB`,
      need.from,
    );
  return proposal(input, figures, window, need, memory);
}

// Less than a lower bound may be in use: a database's shared buffers do not show in Proxmox VE's figure.
function lowerBound({ usage }: Figures): Conclusion {
  const summary =
    'cannot be shrunk by this figure: `mem` of a container leaves shared memory out, so more may be in use';
  const helps = ['give Prometheus the working set (cAdvisor, or node_exporter inside)'];
  return { outcome: 'unknown', rule: 'lower-bound', summary, facts: usage.from, helps };
}

function objectionTo(input: DiagnosisInput, window: Window): Conclusion | undefined {
  const { facts } = input;
  const days = rules.windowDays;
  const caps = facts['guest.memory.cap.history'];
  // Half an hour is what the source itself may lag behind.
  if (window.days < days - 0.1 || window.daily.length < days - 1 || caps === undefined) {
    const seen =
      caps === undefined
        ? 'when the cap was last changed was not observed'
        : `only ${windowInWords(window)} under this cap and level were seen`;
    return unseen(`${seen}, two weekly cycles are needed`, ['guest.memory.history', 'guest.memory.cap.history']);
  }
  const last = facts['guest.oomKills.last']?.value;
  if ((facts['guest.oomKills']?.value ?? 0) > 0) {
    return no(
      'killed-before',
      `not idle: a process was killed for lack of memory${last === undefined ? '' : ` at ${last}`}`,
      ['guest.oomKills'],
    );
  }
  return pressureBefore(input, window) ?? startUpUnseen(input, window);
}

function pressureBefore({ facts }: DiagnosisInput, window: Window): Conclusion | undefined {
  const history = facts['guest.psi.memory.history']?.value;
  if (history === undefined) return unseen('whether it was ever under pressure was not observed', []);
  const worst = Math.max(0, ...history.points.filter(([at]) => at > window.start).map(([, fraction]) => fraction));
  if (worst < rules.pressure.some) return undefined;
  return no(
    'pressure-before',
    `not idle: tasks stalled on memory ${percent(worst)} of the time within ${windowInWords(window)}`,
    ['guest.psi.memory.history'],
  );
}

// A guest needs most when it starts (Home Assistant given 516 MiB died there): a start must be within the window.
function startUpUnseen({ facts, now }: DiagnosisInput, window: Window): Conclusion | undefined {
  const uptime = facts['guest.uptime']?.value;
  const starts = [...(facts['guest.restarts']?.value ?? []), ...(uptime === undefined ? [] : [now / 1000 - uptime])];
  if (starts.some((at) => at > window.start)) return undefined;
  return unseen(
    `it did not start within ${windowInWords(window)}, and what it needs to start is part of what it needs`,
    ['guest.uptime'],
  );
}

function proposal(
  input: DiagnosisInput,
  figures: Figures,
  window: Window,
  need: Need,
  memory: number,
): Proposed<MemoryParameters> {
  const { target, name, signal, facts } = input;
  const bounded = memory === Math.ceil(rules.leastShrink * (figures.cap / MiB)) ? ', at most by half in one step' : '';
  const why = `${need.formula}, rounded up${memory === rules.floorMiB ? `, at least ${rules.floorMiB} MiB` : bounded}`;
  const most = peakOf(window, figures);
  return {
    outcome: 'proposed',
    family: 'memory',
    target,
    name,
    summary: `has used at most ${mib(most)} of ${mib(figures.cap)} (${percent(most / figures.cap)}) for ${windowInWords(window)}, its start included.`,
    rule: 'underutilised',
    decidedBy: decidedBy(facts, [...figures.usage.from, ...need.from, 'guest.psi.memory.history', 'guest.uptime']),
    considered: [
      { cause: 'pressure', verdict: `no: below 10 % for ${windowInWords(window)}` },
      { cause: 'OOM kills', verdict: facts['guest.oomKills'] === undefined ? 'none as far as is seen' : 'none' },
      { cause: 'a monthly peak', verdict: `cannot be seen in ${windowInWords(window)}` },
    ],
    signal,
    remedy: 'resize-guest',
    parameters: { memory },
    group: 'memory',
    basis: { window: windowInWords(window), points: window.points.length, formula: why },
    confidence: 'medium',
    fingerprint: fingerprintOf('resize-guest', target, 'memory'),
    rows: [{ field: 'memory', now: mib(figures.cap), proposed: `${memory} MiB`, why }],
    effects: [`${input.node} gets ${mib(figures.cap - memory * MiB)} back.`],
  };
}

function no(rule: string, summary: string, facts: readonly FactName[]): Conclusion {
  return { outcome: 'no-change', rule, summary, facts };
}

function unseen(why: string, facts: readonly FactName[]): Conclusion {
  return no('shrink-not-proven', `stays as it is: ${why}`, facts);
}
