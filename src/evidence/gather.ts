import type { Clock } from '../core/clock.ts';
import { GitmendError } from '../core/errors.ts';
import type { EvidenceRequest } from '../core/evidence-request.ts';
import type { Evidence, EvidenceGap, Fact, FactName, Facts, Series } from '../core/fact.ts';
import { oldestLiveFact, staleFacts } from '../core/freshness.ts';
import { bestHistory } from './histories.ts';
import type { EvidenceSource } from './source.ts';

export interface GatherOptions {
  clock: Clock;
  /** Oldest accepted live fact in milliseconds; five minutes unless told otherwise. */
  oldest?: number;
}

/**
 * Asks every source for what it can give of a request and joins the answers. What is too old is refused and becomes
 * a gap; a source that fails becomes a gap; nothing is ever filled in. Never rejects.
 */
export async function gatherEvidence(
  request: EvidenceRequest,
  sources: readonly EvidenceSource[],
  options: GatherOptions,
): Promise<Evidence> {
  const answers = await Promise.all(sources.map((source) => ask(source, request)));
  const now = options.clock.now();
  const fresh = answers.map((answer) => withoutStale(answer, now, options.oldest ?? oldestLiveFact));
  return { facts: joined(fresh.map(({ facts }) => facts)), gaps: fresh.flatMap(({ gaps }) => gaps) };
}

async function ask(source: EvidenceSource, request: EvidenceRequest): Promise<Evidence> {
  const facts = request.facts.filter((name) => source.gives.includes(name));
  if (facts.length === 0) return { facts: {}, gaps: [] };
  try {
    return await source.gather({ ...request, facts });
  } catch (error) {
    return { facts: {}, gaps: [{ source: source.name, problem: problemOf(error) }] };
  }
}

/** A coded error as a gap's reason; anything else is not known to be safe to print. */
export function problemOf(error: unknown): string {
  return error instanceof GitmendError ? `${error.code}: ${error.message}` : 'it failed in a way that is not known';
}

function withoutStale({ facts, gaps }: Evidence, now: number, oldest: number): Evidence {
  const stale = staleFacts(facts, now, oldest);
  const kept = Object.entries(facts).filter(([name]) => !stale.includes(name as FactName));
  const refused = stale.map((name): EvidenceGap => {
    const { source = '', at = '' } = facts[name] ?? {};
    return { source, problem: `stale evidence: ${name} is of ${at}` };
  });
  return { facts: Object.fromEntries(kept), gaps: [...gaps, ...refused] };
}

/**
 * The first source that gives a fact decides it; of swap in use the largest seen counts, of several histories the one
 * that reaches back far enough, and a start that only one source saw is a start.
 */
function joined(all: readonly Facts[]): Facts {
  const facts = Object.assign({}, ...all.toReversed()) as Facts;
  const swaps = all.flatMap((one) => one['guest.swap.used'] ?? []);
  const largest = swaps.toSorted((a, b) => b.value - a.value)[0];
  const restarts = union(all.flatMap((one) => one['guest.restarts'] ?? []));
  return {
    ...facts,
    ...Object.fromEntries(histories.flatMap((name) => longestOf(name, all))),
    ...(largest === undefined ? {} : { 'guest.swap.used': largest }),
    ...(restarts === undefined ? {} : { 'guest.restarts': restarts }),
  };
}

const histories = [
  'guest.memory.history',
  'guest.memory.cap.history',
  'guest.psi.memory.history',
  'guest.cpu.history',
] as const;

function longestOf(name: (typeof histories)[number], all: readonly Facts[]): [FactName, Fact<Series>][] {
  const best = bestHistory(all.flatMap((facts) => facts[name] ?? []));
  return best === undefined ? [] : [[name, best]];
}

/** The same start, seen by two sources, is minutes apart at most: the one that the later source says stays. */
function union(all: readonly Fact<readonly number[]>[]): Fact<readonly number[]> | undefined {
  const [first, ...others] = all.toReversed();
  if (first === undefined) return undefined;
  return others.reduce((known, { value, source, at }) => {
    const added = value.filter((time) => !known.value.some((other) => Math.abs(other - time) <= 600));
    const times = [...known.value, ...added].sort((a, b) => a - b);
    return { value: times, source: `${known.source} and ${source}`, at: at < known.at ? at : known.at };
  }, first);
}
