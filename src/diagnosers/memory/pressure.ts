import type { FactName, Facts } from '../../core/fact.ts';
import type { Figures } from './figures.ts';
import { rules } from './rules.ts';

export interface Pressure {
  /** The kind that is over its threshold, and how much of the time. */
  kind: 'some' | 'full';
  fraction: number;
  from: FactName[];
}

const kinds = ['full', 'some'] as const;

/** A kind that is over its threshold at this moment. Of a VM only what its own kernel says. */
export function pressureNow(facts: Facts, figures: Figures): Pressure | undefined {
  if (figures.vm) return insideVm(facts);
  return kinds.map((kind) => over(facts, kind, `guest.psi.memory.${kind}`)).find(defined);
}

/**
 * A kind that is over its threshold both at this moment and in the five-minute mean. From inside a VM the
 * five-minute rate counts alone; its host cgroup's pressure only corroborates a VM that is nearly full.
 */
export function lastingPressure(facts: Facts, figures: Figures): Pressure | undefined {
  const inside = figures.vm ? insideVm(facts) : undefined;
  const nearlyFull = figures.usage.bytes >= rules.presentFrom * figures.cap;
  if (inside !== undefined || (figures.vm && !nearlyFull)) return inside;
  const lasting = kinds.map((kind) => {
    const live = over(facts, kind, `guest.psi.memory.${kind}`);
    const mean = over(facts, kind, `guest.psi.memory.${kind}.5m`);
    if (live === undefined || mean === undefined) return undefined;
    return { ...live, from: [...live.from, ...mean.from] };
  });
  return lasting.find(defined);
}

/** Over its threshold now, and nothing says whether that lasts. */
export function unconfirmedPressure(facts: Facts, figures: Figures): Pressure | undefined {
  if (figures.vm) return undefined;
  return kinds
    .map((kind) =>
      facts[`guest.psi.memory.${kind}.5m`] === undefined ? over(facts, kind, `guest.psi.memory.${kind}`) : undefined,
    )
    .find(defined);
}

function insideVm(facts: Facts): Pressure | undefined {
  return kinds.map((kind) => over(facts, kind, `guest.psi.memory.${kind}.inside`)).find(defined);
}

type PressureFact =
  | `guest.psi.memory.${'some' | 'full'}`
  | `guest.psi.memory.${'some' | 'full'}.5m`
  | `guest.psi.memory.${'some' | 'full'}.inside`;

function over(facts: Facts, kind: 'some' | 'full', name: PressureFact): Pressure | undefined {
  const fraction = facts[name]?.value;
  if (fraction === undefined || fraction < rules.pressure[kind]) return undefined;
  return { kind, fraction, from: [name] };
}

function defined<T>(value: T | undefined): value is T {
  return value !== undefined;
}
