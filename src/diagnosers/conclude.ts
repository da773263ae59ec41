import type { Considered, NotProposed } from '../core/diagnosis.ts';
import type { FactName } from '../core/fact.ts';
import type { DiagnosisInput } from './diagnoser.ts';
import { decidedBy } from './words.ts';

/** Nothing is proposed: which rule decided, why, and by which facts. */
export interface Conclusion {
  outcome: NotProposed['outcome'];
  /** Stable word for the deciding rule. */
  rule: string;
  /** Reads after the guest's name and alone: `contradicted by live evidence: …`. */
  summary: string;
  facts: readonly FactName[];
  helps?: string[];
  considered?: Considered[];
}

/** A conclusion as the diagnosis that is recorded. */
export function conclude(family: string, input: DiagnosisInput, conclusion: Conclusion): NotProposed {
  return {
    outcome: conclusion.outcome,
    family,
    target: input.target,
    name: input.name,
    summary: conclusion.summary,
    rule: conclusion.rule,
    decidedBy: decidedBy(input.facts, conclusion.facts),
    considered: conclusion.considered ?? [],
    signal: input.signal,
    helps: conclusion.helps ?? [],
  };
}
