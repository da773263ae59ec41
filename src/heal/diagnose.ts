import type { Diagnosis, NotProposed } from '../core/diagnosis.ts';
import type { Evidence } from '../core/fact.ts';
import type { Signal } from '../core/signal.ts';
import { diagnoserOf, diagnosers } from '../diagnosers/index.ts';
import type { DiagnosedTarget, Limits } from '../diagnosers/diagnoser.ts';
import type { EvidenceRequest } from '../evidence/index.ts';
import type { Case, Identified, NotIdentified } from '../inventory/index.ts';

/** Reads what a diagnoser asks for. */
export type Gather = (request: EvidenceRequest) => Promise<Evidence>;

/** The families that something here can diagnose. */
export const families: readonly string[] = Object.keys(diagnosers);

/** One case → one diagnosis. Nothing is guessed: what cannot be pinned, or has no diagnoser, says so. */
export async function diagnoseCase(
  { signal, identity }: Case,
  gather: Gather,
  limits: (target: DiagnosedTarget) => Promise<Limits>,
  now: () => number,
): Promise<Diagnosis> {
  if (!identity.ok) return notPinned(signal, identity);
  const diagnoser = diagnoserOf(signal);
  if (diagnoser === undefined) return noDiagnoser(signal, identity);
  const { facts, gaps } = await gather(diagnoser.needs(signal, identity));
  return diagnoser.decide({ ...identity, signal, facts, gaps, limits: await limits(identity), now: now() });
}

function notPinned(signal: Signal, { outcome, rule, message, called, helps = [] }: NotIdentified): NotProposed {
  return {
    outcome,
    rule,
    summary: message,
    family: signal.family ?? '',
    target: called,
    name: called,
    decidedBy: [],
    considered: [],
    // A label would lead nowhere where nothing can diagnose what it is about.
    helps: isForPeople(signal) ? [forPeople] : helps,
    signal,
  };
}

/** Its kind is known, and nothing here diagnoses that. */
function isForPeople(signal: Signal): boolean {
  return signal.family !== undefined && signal.family !== '' && diagnoserOf(signal) === undefined;
}

const forPeople = `let Alertmanager send it to people: gitmend diagnoses ${families.join(' and ')}`;

function noDiagnoser(signal: Signal, { target, name }: Identified): NotProposed {
  const family = signal.family ?? '';
  const summary =
    family === ''
      ? `nothing tells what kind of fault ${signal.name} is`
      : `this version has no diagnoser for faults of ${family}`;
  const helps = isForPeople(signal)
    ? [forPeople]
    : [`name its family in gitmend.yaml: alerts: { ${signal.name}: memory }`];
  return {
    outcome: 'unknown',
    rule: 'no-diagnoser',
    summary,
    family,
    target,
    name,
    decidedBy: [],
    considered: [],
    helps,
    signal,
  };
}
