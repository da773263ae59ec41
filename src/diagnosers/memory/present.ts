import type { FactName } from '../../core/fact.ts';
import type { Conclusion } from '../conclude.ts';
import type { DiagnosisInput } from '../diagnoser.ts';
import { mib, percent } from '../words.ts';
import type { Figures } from './figures.ts';
import { pressureNow } from './pressure.ts';
import { rules } from './rules.ts';

/** What is wrong at this moment, in words; empty where nothing is. */
export interface PresentFault {
  text: string;
  from: readonly FactName[];
}

/** Step 1, its second half: a fault must be present now, read live. */
export function presentFaults(input: DiagnosisInput, figures: Figures): PresentFault[] {
  const { facts, now } = input;
  const faults: PresentFault[] = [];
  const pressure = pressureNow(facts, figures);
  if (pressure !== undefined) {
    faults.push({ text: `tasks stalled on memory ${percent(pressure.fraction)} of the time`, from: pressure.from });
  }
  const killed = Date.parse(facts['guest.oomKills.last']?.value ?? '');
  if (now - killed <= rules.oomPresentFor && now >= killed) {
    faults.push({ text: 'a process killed for lack of memory within the last hour', from: ['guest.oomKills.last'] });
  }
  if ((facts['guest.swapIn']?.value ?? 0) > 0) faults.push({ text: 'swapping in', from: ['guest.swapIn'] });
  if (figures.usage.worth !== 'nothing' && figures.usage.bytes >= rules.presentFrom * figures.cap) {
    const text = `${percent(figures.usage.bytes / figures.cap)} of ${mib(figures.cap)} in use`;
    faults.push({ text, from: figures.usage.from });
  }
  return faults;
}

/** Nothing is wrong now: which rule of the owner's misleads, and what is really in use. */
export function contradicted(input: DiagnosisInput, figures: Figures): Conclusion {
  const { facts, signal } = input;
  const { usage, cap, cache, swapUsed = 0, swapCap = 0 } = figures;
  const used = `${percent(usage.bytes / cap)} of ${mib(cap)}`;
  const pressure = pressureInWords(input);
  const from: FactName[] = [...usage.from, 'guest.memory.cap', 'guest.psi.memory.some', 'guest.psi.memory.full'];
  const common = { outcome: 'no-change' as const, considered: notObserved(input) };
  if (cache !== undefined && usage.bytes + cache >= rules.presentFrom * cap) {
    const summary = `page cache, not memory: ${used} in use without it, ${pressure}`;
    const helps = [`${signal.name} counts page cache as used; let it measure the working set`];
    return { ...common, rule: 'page-cache', summary, facts: [...from, 'guest.memory.cache'], helps };
  }
  if (swapCap > 0 && swapUsed >= 0.8 * swapCap && facts['guest.psi.memory.some'] !== undefined) {
    const summary = `swap is full, memory is not short: ${used} in use, ${mib(swapUsed)} swapped out, ${pressure}`;
    const helps = [`${signal.name} takes a full swap for a fault; without pressure it is only idle pages put away`];
    return { ...common, rule: 'swap-without-pressure', summary, facts: [...from, 'guest.swap.used'], helps };
  }
  const summary = `contradicted by live evidence: ${used} in use, ${pressure}`;
  return { ...common, rule: 'contradicted', summary, facts: from, helps: [`check what ${signal.name} measures`] };
}

/** `tasks stalled 0.4 % of the time`, or that nobody can see it. Zero in a VM's host cgroup proves nothing. */
export function pressureInWords({ facts, guest }: DiagnosisInput): string {
  const some = facts[guest.type === 'qemu' ? 'guest.psi.memory.some.inside' : 'guest.psi.memory.some']?.value;
  if (some === undefined) return `pressure not observed${guest.type === 'qemu' ? ' from inside' : ''}`;
  return some === 0 ? 'no task stalled on memory' : `tasks stalled on memory ${percent(some)} of the time`;
}

/** What no source could show, named: it does not block, and it is not taken for zero. */
export function notObserved({ facts, gaps }: DiagnosisInput): { cause: string; verdict: string }[] {
  if (facts['guest.psi.memory.some'] !== undefined) return [];
  const why = gaps.find(({ problem }) => /pressure|PSI/i.test(problem))?.problem ?? 'no source gave it';
  return [{ cause: 'pressure', verdict: `not observed: ${why}` }];
}
