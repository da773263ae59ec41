import type { FactName, Facts } from '../../core/fact.ts';
import type { GuestType } from '../../core/target.ts';
import type { Conclusion } from '../conclude.ts';
import { percent } from '../words.ts';
import { rules } from './rules.ts';

/** What is short of memory burns CPU to find some: more cores would only help it to thrash. */
export function starvedOfMemory(facts: Facts, type: GuestType): Conclusion | undefined {
  const signs = type === 'qemu' ? inside(facts) : stalls(facts);
  if (signs.length === 0) return undefined;
  return {
    outcome: 'report-only',
    rule: 'memory-first',
    summary: `short of memory first: ${signs.map(({ text }) => text).join(', ')}, and what thrashes burns CPU`,
    facts: signs.map(({ name }) => name),
    helps: ['let its memory be mended first; an alert for it (family memory) is answered by itself'],
  };
}

interface Sign {
  name: FactName;
  text: string;
}

function stalls(facts: Facts): Sign[] {
  return (['full', 'some'] as const).flatMap((kind) => {
    const live = facts[`guest.psi.memory.${kind}`]?.value ?? 0;
    const mean = facts[`guest.psi.memory.${kind}.5m`]?.value ?? live;
    return over(Math.min(live, mean), kind, `guest.psi.memory.${kind}`);
  });
}

/** Its own kernel's word; the pressure of its host's control group proves nothing. */
function inside(facts: Facts): Sign[] {
  const stalled = (['full', 'some'] as const).flatMap((kind) =>
    over(facts[`guest.psi.memory.${kind}.inside`]?.value ?? 0, kind, `guest.psi.memory.${kind}.inside`),
  );
  const swapIn = facts['guest.swapIn']?.value ?? 0;
  return swapIn > 0 ? [...stalled, { name: 'guest.swapIn', text: 'it is swapping in' }] : stalled;
}

function over(fraction: number, kind: 'some' | 'full', name: FactName): Sign[] {
  if (fraction < rules.memory[kind]) return [];
  const who = kind === 'full' ? 'all tasks' : 'tasks';
  return [{ name, text: `${who} stalled on memory ${percent(fraction)} of the time` }];
}
