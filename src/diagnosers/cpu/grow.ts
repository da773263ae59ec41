import type { Considered, Proposed } from '../../core/diagnosis.ts';
import type { FactName } from '../../core/fact.ts';
import { fingerprintOf } from '../../core/fingerprint.ts';
import type { Conclusion } from '../conclude.ts';
import type { DiagnosisInput } from '../diagnoser.ts';
import { counted, decidedBy, lengthOf, percent } from '../words.ts';
import { rules } from './rules.ts';
import type { CpuUsage } from './usage.ts';
import type { Shortage } from './waiting.ts';

/** What `resize-guest` is given. */
export type CpuParameters = {
  cores: number;
};

/** `ceil(p95 × 1.15)`, at most twice as many and never more than the node has; or why nothing is proposed. */
export function grow(
  input: DiagnosisInput,
  cores: number,
  shortage: Shortage,
  usage: CpuUsage,
): Proposed<CpuParameters> | Conclusion {
  // A hundredth of a core is noise: 2.0001 are not three.
  const need = Math.ceil(usage.high * rules.margin - 0.01);
  if (need <= cores) return notLasting(input, cores, shortage, usage);
  const cpus = input.facts['node.cpus']?.value;
  const wanted = Math.min(need, rules.most * cores);
  const proposed = Math.min(wanted, cpus ?? wanted);
  if (proposed <= cores) return everyCpu(input, cores, shortage);
  return proposal(input, { cores, need, wanted, proposed, shortage, usage });
}

/** It waits now, and the fortnight does not show it: a new job, or a limit that is not its cores. */
function notLasting(input: DiagnosisInput, cores: number, shortage: Shortage, usage: CpuUsage): Conclusion {
  const limited = shortage.from.includes('guest.cpu.throttled');
  return {
    outcome: 'report-only',
    rule: limited ? 'cpu-limit' : 'not-lasting',
    summary: `${shortage.signs.join(', ')}, but ${formulaOf(usage)} is not more than ${cores}`,
    facts: [...shortage.from, 'guest.cpu.history', 'guest.size'],
    helps: limited
      ? ['raise or take away its `cpulimit`: more cores do not lift it']
      : [`look which process of ${input.name} began lately: a job that runs away is mended, not fed`],
  };
}

function everyCpu({ node }: DiagnosisInput, cores: number, shortage: Shortage): Conclusion {
  return {
    outcome: 'report-only',
    rule: 'no-headroom',
    summary: `${shortage.signs.join(', ')}, and with ${counted(cores, 'core')} it has every CPU of ${node}`,
    facts: [...shortage.from, 'node.cpus'],
    helps: ['move it to a node with more CPUs, or let it do less'],
  };
}

interface Grown {
  cores: number;
  need: number;
  wanted: number;
  proposed: number;
  shortage: Shortage;
  usage: CpuUsage;
}

function proposal(input: DiagnosisInput, grown: Grown): Proposed<CpuParameters> {
  const { target, name, signal, facts } = input;
  const { cores, proposed, shortage, usage } = grown;
  const used: FactName[] = [...shortage.from, 'guest.cpu.history', 'guest.size', 'node.cpus'];
  const why = `${formulaOf(usage)}, rounded up${boundInWords(grown, input.node)}`;
  return {
    outcome: 'proposed',
    family: 'cpu',
    target,
    name,
    summary: `has been short of CPU${sinceOf(input)}: ${shortage.signs.join(', ')}.`,
    rule: 'short',
    decidedBy: decidedBy(facts, used),
    considered: considered(input, grown),
    signal,
    remedy: 'resize-guest',
    parameters: { cores: proposed },
    group: 'cores',
    basis: { window: lengthOf(usage.days * 86_400), points: usage.points, formula: why },
    confidence: confidenceOf(usage),
    fingerprint: fingerprintOf('resize-guest', target, 'cores'),
    rows: [{ field: 'cores', now: String(cores), proposed: String(proposed), why }],
    effects: [`${input.node} shares its ${cpusOf(input)} among all its guests; none is reserved.`],
  };
}

/** `95 % of the time at most 1.9 of means of 5 minutes + 15 %` */
function formulaOf({ high, step }: CpuUsage): string {
  return `at most ${high.toFixed(1)} cores in use 95 % of the time (means of ${lengthOf(step)}) + 15 %`;
}

function boundInWords({ need, wanted, proposed }: Grown, node: string): string {
  if (proposed < wanted) return ` to ${need}, then cut to what ${node} has`;
  return wanted < need ? ` to ${need}, at most twice as many in one step` : '';
}

function sinceOf({ signal, now }: DiagnosisInput): string {
  const began = Date.parse(signal.startsAt);
  // An alert without a real start (year 1) or from the future has lasted for nobody knows how long.
  return began > 0 && now >= began ? ` for ${lengthOf((now - began) / 1000)}` : '';
}

function considered({ facts, guest }: DiagnosisInput, { usage }: Grown): Considered[] {
  const vm = guest.type === 'qemu';
  const io = facts[vm ? 'guest.psi.io.some.inside' : 'guest.psi.io.some.30m']?.value;
  const stolen = facts['guest.cpu.steal']?.value;
  const days = Math.max(Math.ceil(usage.days), 1);
  return [
    { cause: 'memory', verdict: 'no: it does not stall on memory' },
    { cause: 'storage', verdict: io === undefined ? 'not observed' : `no: ${percent(io)} of the time` },
    ...(vm ? [{ cause: 'steal', verdict: stolen === undefined ? 'not observed' : `no: ${percent(stolen)}` }] : []),
    {
      cause: 'a job that runs away',
      verdict:
        usage.busyDays <= 2 && days > 2
          ? `possible: busy on ${usage.busyDays} of ${days} days`
          : `no: busy on ${usage.busyDays} of ${days} days`,
    },
    ...(usage.faulty > 0
      ? [{ cause: 'faulty telemetry', verdict: `${counted(usage.faulty, 'impossible point')} left out` }]
      : []),
  ];
}

function confidenceOf({ days, step, busyDays }: CpuUsage): 'high' | 'medium' | 'low' {
  if (days < 7 || busyDays <= 2) return 'low';
  return days >= rules.windowDays - 1 && step <= 300 ? 'high' : 'medium';
}

function cpusOf({ facts }: DiagnosisInput): string {
  const cpus = facts['node.cpus']?.value;
  return cpus === undefined ? 'CPUs' : counted(cpus, 'CPU');
}
