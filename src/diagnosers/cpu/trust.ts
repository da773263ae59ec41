import type { FactName, Facts } from '../../core/fact.ts';
import type { Conclusion } from '../conclude.ts';
import { percent } from '../words.ts';

const judged: readonly FactName[] = [
  ...(['guest.psi.cpu.some', 'guest.psi.cpu.some.30m', 'guest.psi.cpu.some.inside'] as const),
  ...(['guest.psi.io.some.30m', 'guest.psi.io.some.inside'] as const),
  ...(['guest.cpu.throttled', 'guest.cpu.iowait', 'guest.cpu.steal'] as const),
];

/** A share of time that is none: no number, negative, or more than all of it. Nothing is sized by such a figure. */
export function distrusted(facts: Facts): Conclusion | undefined {
  const faults = judged.flatMap((name) => {
    const value = facts[name]?.value as number | undefined;
    if (value === undefined || (value >= 0 && value <= 1)) return [];
    return [{ name, text: `${name} is ${Number.isFinite(value) ? percent(value) : value} of the time` }];
  });
  if (faults.length === 0) return undefined;
  return {
    outcome: 'unknown',
    rule: 'telemetry-fault',
    summary: `the telemetry is at fault: ${faults.map(({ text }) => text).join(', ')}`,
    facts: faults.map(({ name }) => name),
    helps: ['check the exporter or the node that gives this figure; nothing is sized by an impossible one'],
  };
}
