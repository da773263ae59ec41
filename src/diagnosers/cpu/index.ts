import type { Diagnosis } from '../../core/diagnosis.ts';
import type { FactName } from '../../core/fact.ts';
import type { Signal } from '../../core/signal.ts';
import { conclude, type Conclusion } from '../conclude.ts';
import type { DiagnosedTarget, Diagnoser, DiagnosisInput } from '../diagnoser.ts';
import { notOurs } from '../ours.ts';
import { notByCores } from './bound.ts';
import { type CpuParameters, grow } from './grow.ts';
import { rules } from './rules.ts';
import { starvedOfMemory } from './starved.ts';
import { distrusted } from './trust.ts';
import { usageOf } from './usage.ts';
import { waitingFor } from './waiting.ts';

export type { CpuParameters } from './grow.ts';

const needed: readonly FactName[] = ['guest.status', 'guest.size'];

const wanted: readonly FactName[] = [
  ...needed,
  'guest.pending',
  'guest.cpu.settings',
  'guest.cpu.history',
  'guest.psi.cpu.some',
  'guest.psi.cpu.some.30m',
  'guest.psi.io.some.30m',
  'guest.psi.cpu.some.inside',
  'guest.psi.io.some.inside',
  'guest.cpu.throttled',
  'guest.cpu.iowait',
  'guest.cpu.steal',
  'guest.psi.memory.some',
  'guest.psi.memory.full',
  'guest.psi.memory.some.5m',
  'guest.psi.memory.full.5m',
  'guest.psi.memory.some.inside',
  'guest.psi.memory.full.inside',
  'guest.swapIn',
  'node.cpus',
  'pve.version',
];

/** CPU of a guest: signals.md 2.1, “CPU”; the first step that decides ends it. */
export const cpuDiagnoser: Diagnoser<CpuParameters> = {
  family: 'cpu',
  takes: (signal: Signal) => signal.family === 'cpu',
  needs: (_signal: Signal, { target, guest, node }: DiagnosedTarget) => ({
    target,
    guest,
    node,
    facts: wanted,
    days: rules.windowDays,
  }),
  decide,
};

function decide(input: DiagnosisInput): Diagnosis<CpuParameters> {
  const decided = steps(input);
  return 'family' in decided ? decided : conclude('cpu', input, decided);
}

function steps(input: DiagnosisInput): Conclusion | Diagnosis<CpuParameters> {
  const { facts, signal, guest, now } = input;
  const notOurFault = notOurs(input, { field: 'cores', unit: '' }, needed);
  if (notOurFault !== undefined) return notOurFault;
  if (signal.asks === 'shrink') return neverFewer();
  const before = distrusted(facts) ?? starvedOfMemory(facts, guest.type);
  if (before !== undefined) return before;

  const shortage = waitingFor(input);
  if ('rule' in shortage) return shortage;
  const bound = notByCores(facts, shortage);
  if (bound !== undefined) return bound;
  const cores = facts['guest.size']?.value.cores ?? NaN;
  const usage = usageOf(facts['guest.cpu.history']?.value, cores, now / 1000);
  return 'rule' in usage ? usage : grow(input, cores, shortage, usage);
}

/** Memory that is given away is gone; a core that idles is free for whoever wants it. */
function neverFewer(): Conclusion {
  const summary = 'stays as it is: a core that idles costs the node nothing, so fewer are never proposed';
  return { outcome: 'no-change', rule: 'idle-cores-cost-nothing', summary, facts: ['guest.size'] };
}
