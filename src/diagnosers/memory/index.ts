import type { Diagnosis } from '../../core/diagnosis.ts';
import type { FactName } from '../../core/fact.ts';
import type { Signal } from '../../core/signal.ts';
import { conclude, type Conclusion } from '../conclude.ts';
import type { DiagnosedTarget, Diagnoser, DiagnosisInput } from '../diagnoser.ts';
import { notOurs } from '../ours.ts';
import { figuresOf } from './figures.ts';
import { grow, type MemoryParameters } from './grow.ts';
import { nodeFacts } from './headroom.ts';
import { leakOf } from './leak.ts';
import { leaking } from './leaking.ts';
import { contradicted, presentFaults } from './present.ts';
import { rules } from './rules.ts';
import { onlyFull, shortageOf } from './short.ts';
import { shrink } from './shrink.ts';
import { distrusted } from './trust.ts';
import { windowOf } from './window.ts';

export type { MemoryParameters } from './grow.ts';

const needed: readonly FactName[] = ['guest.status', 'guest.size', 'guest.memory.cap', 'guest.memory.used'];

const wanted: readonly FactName[] = [
  ...needed,
  ...nodeFacts,
  'guest.pending',
  'guest.uptime',
  'guest.restarts',
  'guest.memory.workingSet',
  'guest.memory.available',
  'guest.memory.current',
  'guest.memory.balloonStats',
  'guest.memory.cache',
  'guest.memory.history',
  'guest.memory.cap.history',
  'guest.swap.used',
  'guest.swap.cap',
  'guest.swapIn',
  'guest.oomKills',
  'guest.oomKills.last',
  'guest.psi.memory.some',
  'guest.psi.memory.full',
  'guest.psi.memory.some.5m',
  'guest.psi.memory.full.5m',
  'guest.psi.memory.some.inside',
  'guest.psi.memory.full.inside',
  'guest.psi.memory.history',
  'pve.version',
];

/** Memory of a guest: the ordered decision of signals.md 2.1; the first step that decides ends it. */
export const memoryDiagnoser: Diagnoser<MemoryParameters> = {
  family: 'memory',
  takes: (signal: Signal) => signal.family === 'memory',
  // Twice the window and a little: a cycle of up to a fortnight must be seen twice.
  needs: (_signal: Signal, { target, guest, node }: DiagnosedTarget) => ({
    target,
    guest,
    node,
    facts: wanted,
    days: 31,
  }),
  decide,
};

function decide(input: DiagnosisInput): Diagnosis<MemoryParameters> {
  const decided = steps(input);
  return 'family' in decided ? decided : conclude('memory', input, decided);
}

function steps(input: DiagnosisInput): Conclusion | Diagnosis<MemoryParameters> {
  const { facts, signal, now } = input;
  const notOurFault = notOurs(input, { field: 'memory', unit: 'MiB' }, needed);
  if (notOurFault !== undefined) return notOurFault;

  const figures = figuresOf(input, facts['guest.memory.cap']?.value ?? NaN);
  const untrusted = distrusted(input, figures);
  if (untrusted !== undefined) return untrusted;

  const present = presentFaults(input, figures);
  const history = facts['guest.memory.history']?.value;
  const window = history === undefined ? undefined : windowOf(history, facts, figures.cap, now / 1000);
  if (signal.asks === 'shrink') return shrink(input, figures, window, present);
  if (present.length === 0) return contradicted(input, figures);

  const windowStart = window === undefined ? now - rules.windowDays * 86_400_000 : window.start * 1000;
  const shortage = shortageOf(input, figures, windowStart);
  if (shortage === undefined) return onlyFull(input, figures);
  if (window === undefined) return noHistory();
  const leak = leakOf(window, facts['guest.restarts']?.value ?? [], figures.cap);
  return leak === undefined ? grow(input, figures, shortage, window) : leaking(input, figures, window, leak);
}

function noHistory(): Conclusion {
  const summary = 'short of memory, but its history could not be read, so a leak cannot be told from a need';
  const helps = [
    'check that the read token may read `rrddata` of the guest (VM.Audit), or give Prometheus its working set',
  ];
  return { outcome: 'unknown', rule: 'no-history', summary, facts: ['guest.memory.used', 'guest.memory.cap'], helps };
}
