import type { FactName, Facts } from '../../core/fact.ts';
import type { Conclusion } from '../conclude.ts';
import type { DiagnosisInput } from '../diagnoser.ts';
import { percent } from '../words.ts';
import { rules } from './rules.ts';

/** Short of CPU, by what. */
export interface Shortage {
  signs: string[];
  from: FactName[];
}

/** Whether tasks waited for a CPU for thirty minutes, and for nothing else: or why more cores are no answer. */
export function waitingFor(input: DiagnosisInput): Shortage | Conclusion {
  const { facts, guest } = input;
  const vm = guest.type === 'qemu';
  if (vm && facts['guest.psi.cpu.some.inside'] === undefined) return unseen(input);
  const stolen = facts['guest.cpu.steal']?.value ?? 0;
  if (vm && stolen >= rules.steal) return steal(input, stolen);

  const cpu: FactName = vm ? 'guest.psi.cpu.some.inside' : 'guest.psi.cpu.some.30m';
  const io: FactName = vm ? 'guest.psi.io.some.inside' : 'guest.psi.io.some.30m';
  const waited = numberOf(facts, cpu);
  const throttled = numberOf(facts, 'guest.cpu.throttled') ?? 0;
  if (throttled > rules.throttled) return heldBack(waited ?? 0, throttled, cpu);
  if (waited === undefined) return notConfirmed(input);
  if (waited < rules.pressure) return busy(input, waited, cpu);
  const idle = vm ? (numberOf(facts, 'guest.cpu.iowait') ?? 0) : 0;
  if (idle >= rules.iowait) return storage(waited, idle, [cpu, 'guest.cpu.iowait']);
  const forStorage = numberOf(facts, io);
  if (forStorage === undefined) return storageUnseen(waited, cpu);
  if (forStorage >= rules.ioShare * waited) return storage(waited, forStorage, [cpu, io]);
  return { signs: [`tasks waited for a CPU ${percent(waited)} of the last 30 minutes`], from: [cpu, io] };
}

function numberOf(facts: Facts, name: FactName): number | undefined {
  const value = facts[name]?.value;
  return typeof value === 'number' ? value : undefined;
}

function heldBack(waited: number, throttled: number, cpu: FactName): Shortage {
  const held = `its limit held it back in ${percent(throttled)} of the scheduler’s periods`;
  const signs = waited >= rules.pressure ? [`tasks waited for a CPU ${percent(waited)} of the last 30 minutes`] : [];
  return { signs: [...signs, held], from: ['guest.cpu.throttled', cpu] };
}

/** Its control group on the host waits when the host is short: what waits inside, only its own kernel sees. */
function unseen({ facts, node }: DiagnosisInput): Conclusion {
  const outside = numberOf(facts, 'guest.psi.cpu.some.30m') ?? numberOf(facts, 'guest.psi.cpu.some');
  const seen = outside === undefined ? '' : `; its host’s control group waited ${percent(outside)} of the time`;
  return {
    outcome: 'unknown',
    rule: 'vm-seen-from-outside',
    summary: `what waits for a CPU inside the VM is not observed${seen}, which says how busy ${node} is`,
    facts: ['guest.psi.cpu.some.30m', 'guest.psi.cpu.some'],
    helps: ['run node_exporter inside the VM, so that its own pressure (node_pressure_cpu_waiting) can be read'],
  };
}

function steal({ node }: DiagnosisInput, stolen: number): Conclusion {
  return {
    outcome: 'report-only',
    rule: 'steal',
    summary: `${node} is short of CPU, not the guest: ${percent(stolen)} of its time was taken by others`,
    facts: ['guest.cpu.steal'],
    helps: [`move a guest away from ${node}, or give this one more weight (cpuunits)`],
  };
}

function busy({ signal }: DiagnosisInput, waited: number, cpu: FactName): Conclusion {
  return {
    outcome: 'no-change',
    rule: 'busy-not-short',
    summary: `busy, not short: tasks waited for a CPU ${percent(waited)} of the last 30 minutes`,
    facts: [cpu],
    helps: [`${signal.name} takes busy for short: let it ask for pressure (PSI cpu.some above 10 %)`],
  };
}

/** avg10 alone is a moment. Below the threshold it contradicts; above it nothing says that it lasts. */
function notConfirmed({ facts, signal }: DiagnosisInput): Conclusion {
  const live = numberOf(facts, 'guest.psi.cpu.some');
  const considered = [{ cause: 'pressure over 30 minutes', verdict: 'not observed: no source gave it' }];
  if (live !== undefined && live < rules.pressure) {
    const summary = `contradicted by live evidence: tasks wait for a CPU ${percent(live)} of the time now`;
    const helps = [`check what ${signal.name} measures`];
    return { outcome: 'no-change', rule: 'contradicted', summary, facts: ['guest.psi.cpu.some'], considered, helps };
  }
  const now =
    live === undefined
      ? 'whether tasks wait for a CPU is not observed'
      : `tasks wait for a CPU ${percent(live)} of the time now, and nothing says whether that lasts`;
  const helps = ['Proxmox VE 9 keeps half an hour of pressure, and so does Prometheus with cAdvisor on the node'];
  return {
    outcome: 'unknown',
    rule: 'pressure-unconfirmed',
    summary: now,
    facts: ['guest.psi.cpu.some'],
    considered,
    helps,
  };
}

function storageUnseen(waited: number, cpu: FactName): Conclusion {
  const summary = `tasks waited for a CPU ${percent(waited)} of the last 30 minutes, and whether it was storage that they waited for is not observed`;
  return { outcome: 'unknown', rule: 'storage-unseen', summary, facts: [cpu] };
}

function storage(waited: number, forStorage: number, from: FactName[]): Conclusion {
  return {
    outcome: 'report-only',
    rule: 'io-wait',
    summary: `waits for storage, not only for a CPU: ${percent(forStorage)} and ${percent(waited)} of the last 30 minutes`,
    facts: from,
    helps: ['look at its disk and at who shares it: more cores make no disk faster'],
  };
}
