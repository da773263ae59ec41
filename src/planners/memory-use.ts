import type { FactName, Facts, FactValues } from '../core/fact.ts';
import type { LookInput } from './predicate.ts';

const mib = 2 ** 20;
/** Memory in use ÷ cap from which on a guest is short. Source: signals, “Verification after merge”. */
export const usageLimit = 0.9;

/** Memory in use ÷ cap, rounded; `undefined` where it was not seen, or is no figure to trust. */
export function usageSeen(input: LookInput): number | undefined {
  const cap = capOf(input);
  const used = workingSetOf(input, cap);
  const share = cap === undefined || used === undefined ? NaN : used / cap;
  return share >= 0 && share <= 1 ? round(share) : undefined;
}

/** The cap in bytes: the one that was applied, else the one that is live. */
export function capOf({ expected, facts, appliedAt }: LookInput): number | undefined {
  const declared = expected['memory'];
  return typeof declared === 'number' ? declared * mib : fresh(facts, 'guest.memory.cap', appliedAt);
}

/** The working set with shared memory where a source shows it; else PVE's `mem` of a container, a lower bound. */
export function workingSetOf(input: LookInput, cap: number | undefined): number | undefined {
  const { facts, live, appliedAt } = input;
  const seen = fresh(facts, 'guest.memory.workingSet', appliedAt);
  if (seen !== undefined || answered(input, 'guest.memory.workingSet')) return seen;
  return live.type === 'lxc' ? fresh(facts, 'guest.memory.used', appliedAt) : machineWorkingSet(input, cap);
}

/** Of a virtual machine MemAvailable from inside decides. */
function machineWorkingSet(input: LookInput, cap: number | undefined): number | undefined {
  const { facts, appliedAt } = input;
  const available = fresh(facts, 'guest.memory.available', appliedAt);
  // What the guest's own kernel reserves counts as used.
  const whole = fresh(facts, 'guest.memory.current', appliedAt) ?? cap;
  if (available !== undefined && whole !== undefined) return whole - available;
  if (answered(input, 'guest.memory.available')) return undefined;
  // With balloon statistics `mem` counts the guest's page cache too: below the threshold it tells, above it nothing.
  const balloon = fresh(facts, 'guest.memory.balloonStats', appliedAt) === true;
  const upper = balloon ? fresh(facts, 'guest.memory.used', appliedAt) : undefined;
  return upper !== undefined && cap !== undefined && upper < usageLimit * cap ? upper : undefined;
}

export function answered({ answered: before = [] }: LookInput, fact: FactName): boolean {
  return before.includes(fact);
}

/** The value, if it was read after the apply: an older one says nothing about it. */
export function fresh<N extends FactName>(facts: Facts, name: N, since: string): FactValues[N] | undefined {
  const fact = facts[name];
  return fact !== undefined && Date.parse(fact.at) >= Date.parse(since) ? fact.value : undefined;
}

export function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
