import type { FactName } from './fact.ts';
import type { GuestTarget, Target } from './target.ts';

/** What a diagnoser asks of the evidence sources. Each gives what it can; the rest becomes a gap with its reason. */
export interface EvidenceRequest {
  target: Target;
  guest: GuestTarget;
  /** Where PVE says that the guest is now. */
  node: string;
  facts: readonly FactName[];
  /** The guest's declared name and address (without the prefix length): how what runs inside it is found. */
  name?: string;
  address?: string;
  /** How far back histories shall go, in days. */
  days: number;
}
