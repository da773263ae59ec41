import type { FactName, Facts } from '../../core/fact.ts';
import type { Conclusion } from '../conclude.ts';
import { mib, MiB, percent } from '../words.ts';
import { rules } from './rules.ts';
import type { DiagnosisInput } from '../diagnoser.ts';
import type { Figures } from './figures.ts';

/**
 * Step 2: can the figure be trusted? A ratio over 100 %, NaN or a negative in a live figure is a fault of the
 * telemetry; a VM's own figure decides only with MemAvailable from inside.
 */
export function distrusted(input: DiagnosisInput, figures: Figures): Conclusion | undefined {
  return (
    impossible(input, figures) ?? inconsistent(input, figures) ?? (figures.vm ? untrustedVm(input, figures) : undefined)
  );
}

function impossible({ facts }: DiagnosisInput, figures: Figures): Conclusion | undefined {
  const faults = [...badNumbers(facts), ...overFull(facts, figures)];
  if (faults.length === 0) return undefined;
  return {
    outcome: 'unknown',
    rule: 'telemetry-fault',
    summary: `the telemetry is at fault: ${faults.map(({ text }) => text).join(', ')}`,
    facts: faults.map(({ name }) => name),
    helps: ['check the exporter or the node that gives this figure; nothing is sized by an impossible one'],
  };
}

// Configuration and status are two reads: between them somebody may have changed the cap.
function inconsistent({ facts }: DiagnosisInput, { cap }: Figures): Conclusion | undefined {
  const configured = (facts['guest.size']?.value.memory ?? 0) * MiB;
  if (Math.abs(configured - cap) <= MiB) return undefined;
  const summary = `the evidence disagrees with itself: configured are ${mib(configured)}, in force ${mib(cap)}`;
  const helps = ['somebody may be changing it at this moment; the next look reads again'];
  const used: FactName[] = ['guest.size', 'guest.memory.cap'];
  return { outcome: 'unknown', rule: 'evidence-inconsistent', summary, facts: used, helps };
}

interface ImpossibleFact {
  name: FactName;
  text: string;
}

function badNumbers(facts: Facts): ImpossibleFact[] {
  return (Object.keys(facts) as FactName[]).flatMap((name) => {
    const value = facts[name]?.value;
    if (typeof value !== 'number') return [];
    if (!Number.isFinite(value) || value < 0) return [{ name, text: `${name} is ${value}` }];
    if (name.includes('.psi.') && value > 1) return [{ name, text: `${name} is ${percent(value)} of the time` }];
    return [];
  });
}

function overFull(facts: Facts, { cap, vm, usage, swapUsed, swapCap }: Figures): ImpossibleFact[] {
  const faults: ImpossibleFact[] = [];
  const [name = 'guest.memory.used'] = usage.from;
  // A VM's `mem` without statistics counts the emulator too: over the cap it is as worthless as below it.
  if (usage.worth !== 'nothing' && (usage.bytes > cap || usage.bytes < 0 || cap === 0)) {
    faults.push({ name, text: `${mib(usage.bytes)} of ${mib(cap)} in use is impossible` });
  }
  const used = facts['guest.memory.used']?.value;
  if (!vm && usage.worth === 'exact' && used !== undefined && used > cap) {
    faults.push({ name: 'guest.memory.used', text: `${mib(used)} of ${mib(cap)} in use is impossible` });
  }
  if (swapUsed !== undefined && swapCap !== undefined && swapCap > 0 && swapUsed > swapCap) {
    faults.push({ name: 'guest.swap.used', text: `${mib(swapUsed)} of ${mib(swapCap)} swap in use is impossible` });
  }
  return faults;
}

function untrustedVm({ signal }: DiagnosisInput, { usage, cap }: Figures): Conclusion | undefined {
  if (usage.worth === 'exact') return undefined;
  const helps = [
    'run node_exporter inside the VM, so that MemAvailable can be read',
    'enable ballooning and install its driver or the guest agent, so that Proxmox VE sees more than its own side',
    `let ${signal.name} leave VMs out, or measure MemAvailable`,
  ];
  if (usage.worth === 'nothing') {
    const summary = 'the figure proves nothing: a VM without balloon statistics reads about 100 % whatever it needs';
    return { outcome: 'unknown', rule: 'vm-without-balloon', summary, facts: usage.from, helps };
  }
  const ratio = percent(usage.bytes / cap);
  if (usage.bytes >= rules.presentFrom * cap) {
    const summary = `the figure proves nothing: ${ratio} of ${mib(cap)} counts the VM's own page cache`;
    return { outcome: 'unknown', rule: 'vm-page-cache', summary, facts: usage.from, helps };
  }
  const summary = `contradicted by live evidence: at most ${ratio} of ${mib(cap)} in use, page cache included`;
  return { outcome: 'no-change', rule: 'contradicted', summary, facts: usage.from, helps };
}
