import { prometheusEvidence } from './prometheus/index.ts';
import { proxmoxEvidence } from './proxmox/index.ts';

export type { EvidenceRequest } from '../core/evidence-request.ts';
export { type ProxmoxReads, proxmoxReads } from './proxmox/index.ts';
export { gatherEvidence, type GatherOptions } from './gather.ts';
export type { EvidenceSource } from './source.ts';

/** Every evidence source by name, equal to the folders beside this file (a test compares them). */
export const evidenceSources = { prometheus: prometheusEvidence, proxmox: proxmoxEvidence } as const;
