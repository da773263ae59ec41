import type { DeclaredGuest } from '../core/declared-guest.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import type { EvidenceRequest } from '../core/evidence-request.ts';
import type { EvidenceGap, Facts } from '../core/fact.ts';
import type { Json } from '../core/json.ts';
import type { Signal } from '../core/signal.ts';
import type { GuestTarget, Target } from '../core/target.ts';

/** The one inventory target of a signal, as the inventory pinned it. */
export interface DiagnosedTarget {
  target: Target;
  guest: GuestTarget;
  /** Where PVE says that it is now. */
  node: string;
  /** The name people use. */
  name: string;
}

/** What policy says about size, and what is already promised. */
export interface Limits {
  /** Σ caps of running guests may be this multiple of the node's memory; 1 where policy says nothing. */
  overcommit: number;
  /** Bytes of growth on this node in open pull requests and in this delivery's earlier proposals. */
  promisedByOpenProposals: number;
}

export interface DiagnosisInput extends DiagnosedTarget {
  signal: Signal;
  declared: DeclaredGuest;
  facts: Facts;
  gaps: readonly EvidenceGap[];
  limits: Limits;
  /** Milliseconds since the epoch. */
  now: number;
}

/** What decides for one family of faults. Pure: evidence in, one diagnosis out. */
export interface Diagnoser<P = Json> {
  family: string;
  takes(signal: Signal): boolean;
  needs(signal: Signal, target: DiagnosedTarget): EvidenceRequest;
  decide(input: DiagnosisInput): Diagnosis<P>;
}
