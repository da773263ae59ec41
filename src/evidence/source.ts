import type { EvidenceRequest } from '../core/evidence-request.ts';
import type { Evidence, FactName } from '../core/fact.ts';

/** One place that facts are read from. It only reads, and never throws for what it cannot give: that is a gap. */
export interface EvidenceSource {
  /** `proxmox`, `prometheus` … */
  name: string;
  /** The facts that it can give; it is not asked for others. */
  gives: readonly FactName[];
  gather(request: EvidenceRequest): Promise<Evidence>;
}
