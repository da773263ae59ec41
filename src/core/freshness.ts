import type { Fact, FactName, Facts, Series } from './fact.ts';

/** How old a live figure may be when something is decided by it, in milliseconds. */
export const oldestLiveFact = 5 * 60_000;

// Clocks of gitmend and of a source may differ a little; what comes from further ahead is not believed.
const furthestAhead = 60_000;

/**
 * The facts that are too old to decide by, or from the future. Live figures may be five minutes old; a history may
 * lag by three of its own steps, and by an hour at least.
 */
export function staleFacts(facts: Facts, now: number, oldest = oldestLiveFact): FactName[] {
  return (Object.keys(facts) as FactName[]).filter((name) => {
    const fact = facts[name];
    if (fact === undefined) return false;
    const age = now - Date.parse(fact.at);
    return !(age <= limitOf(fact, oldest) && age >= -furthestAhead);
  });
}

function limitOf(fact: Fact<unknown>, oldest: number): number {
  return isSeries(fact.value) ? Math.max(3 * fact.value.step * 1000, 3_600_000) : oldest;
}

function isSeries(value: unknown): value is Series {
  return typeof value === 'object' && value !== null && 'points' in value && 'step' in value;
}
