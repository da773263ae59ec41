import type { FactName } from '../../core/fact.ts';
import type { Json } from '../../core/json.ts';
import { printMebibytes, printPercent } from '../../texts/words.ts';
import { answered, capOf, fresh, round, usageLimit, workingSetOf } from '../memory-use.ts';
import type { LookInput } from '../predicate.ts';

/** Thresholds of a fault, as fractions of time and of the cap. Source: signals, “Verification after merge”. */
export const thresholds = { stalls: 0.1, fullStalls: 0.05, usage: usageLimit } as const;

/** What is judged, as people call it where it cannot be seen. */
export const names = {
  usage: 'memory in use',
  stalls: 'stalls',
  fullStalls: 'full stalls',
  kills: 'kills for lack of memory',
  swapIn: 'swapping in',
  cpuStalls: 'stalls on CPU',
} as const;

/** What one figure says. */
export interface Finding {
  /** Name in the record. */
  name: string;
  /** `silent`: it answered before and does not now. `not-observed`: no source here can show it, which blocks nothing. */
  state: 'holds' | 'fails' | 'silent' | 'not-observed';
  words: string;
  value?: Json;
}

export function memoryFindings(input: LookInput): Finding[] {
  const some: FactName[] = ['guest.psi.memory.some', 'guest.psi.memory.some.inside'];
  const full: FactName[] = ['guest.psi.memory.full', 'guest.psi.memory.full.inside'];
  return [
    usageFinding(input),
    stallFinding(input, { facts: some, name: 'stalls', words: names.stalls, limit: thresholds.stalls }),
    stallFinding(input, { facts: full, name: 'fullStalls', words: names.fullStalls, limit: thresholds.fullStalls }),
    killFinding(input),
    swapInFinding(input),
  ];
}

export function cpuFindings(input: LookInput): Finding[] {
  const facts: FactName[] = ['guest.psi.cpu.some'];
  return [stallFinding(input, { facts, name: 'cpuStalls', words: names.cpuStalls, limit: thresholds.stalls })];
}

/** Working set ÷ new cap. */
function usageFinding(input: LookInput): Finding {
  const name = 'usage';
  const cap = capOf(input);
  const used = workingSetOf(input, cap);
  if (cap === undefined || used === undefined) {
    const inside = answered(input, 'guest.memory.workingSet') || answered(input, 'guest.memory.available');
    return input.live.type === 'lxc' || inside
      ? { name, state: 'silent', words: 'memory in use is not answered' }
      : { name, state: 'not-observed', words: names.usage };
  }
  const share = used / cap;
  if (!(share >= 0 && share <= 1)) return { name, state: 'silent', words: 'memory in use is no figure to trust' };
  const words = `usage is ${printPercent(share)} of ${printMebibytes(cap)}`;
  return { name, state: share < thresholds.usage ? 'holds' : 'fails', words, value: round(share) };
}

interface Stall {
  /** Any of them that is known counts; the highest decides. */
  facts: readonly FactName[];
  name: string;
  words: string;
  limit: number;
}

function stallFinding(input: LookInput, { facts, name, words, limit }: Stall): Finding {
  const seen = facts.flatMap((fact) => pressure(input, fact) ?? []);
  if (seen.length === 0) return missing(input, facts, name, words);
  const value = Math.max(...seen);
  if (!seen.every((one) => one >= 0 && one <= 1))
    return { name, state: 'silent', words: `${words} are no figure to trust` };
  return {
    name,
    state: value < limit ? 'holds' : 'fails',
    words: `${words} are ${printPercent(value)}`,
    value: round(value),
  };
}

/** A mean over five minutes from inside still holds the time before the apply until those have passed. */
function pressure({ facts, appliedAt }: LookInput, fact: FactName): number | undefined {
  const memory = fact.endsWith('.inside') ? 300_000 : 0;
  const since = new Date(Date.parse(appliedAt) + memory).toISOString();
  return fresh(facts, fact, since) as number | undefined;
}

/** The fact counts kills over its own window, so only one after the apply counts here. */
function killFinding(input: LookInput): Finding {
  const name = 'oomKills';
  const kills = fresh(input.facts, 'guest.oomKills', input.appliedAt);
  if (kills === undefined) return missing(input, ['guest.oomKills'], name, names.kills);
  const last = input.facts['guest.oomKills.last']?.value ?? '';
  const since = kills > 0 && Date.parse(last) > Date.parse(input.appliedAt);
  const words = since ? `something was killed for lack of memory at ${last}` : 'nothing was killed';
  return { name, state: since ? 'fails' : 'holds', words, value: since ? 1 : 0 };
}

function swapInFinding(input: LookInput): Finding {
  const name = 'swapIn';
  const rate = fresh(input.facts, 'guest.swapIn', input.appliedAt);
  if (rate === undefined) return missing(input, ['guest.swapIn'], name, names.swapIn);
  const words = rate > 0 ? `${round(rate)} pages a second are swapped in` : 'nothing is swapped in';
  return { name, state: rate > 0 ? 'fails' : 'holds', words, value: round(rate) };
}

function missing(input: LookInput, facts: readonly FactName[], name: string, words: string): Finding {
  return facts.some((fact) => answered(input, fact))
    ? { name, state: 'silent', words: `${words} are not answered any more` }
    : { name, state: 'not-observed', words };
}
