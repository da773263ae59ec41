import { prometheusClient } from '../clients/prometheus/index.ts';
import type { ProxmoxClient } from '../clients/proxmox/index.ts';
import type { Clock } from '../core/clock.ts';
import type { EvidenceRequest } from '../core/evidence-request.ts';
import type { Evidence } from '../core/fact.ts';
import type { Declared } from '../deliver/declared.ts';
import { type EvidenceSource, evidenceSources, gatherEvidence, proxmoxReads } from '../evidence/index.ts';
import { clusterOf } from '../inventory/index.ts';

/**
 * What reads evidence for one set of rules: Proxmox VE always, Prometheus first where `prometheus.url` names one. What
 * is asked about a guest also says how it is declared, so that what runs inside it is found.
 */
export function evidenceOf(
  rules: Declared,
  clientOf: (cluster: string) => ProxmoxClient,
  clock: Clock,
): (request: EvidenceRequest) => Promise<Evidence> {
  const proxmox = evidenceSources.proxmox((cluster) => proxmoxReads(clientOf(cluster)), clock);
  const sources = [...prometheusOf(rules, clock), proxmox];
  return (request) => gatherEvidence({ ...request, ...calledIn(rules, request) }, sources, { clock });
}

function prometheusOf({ config }: Declared, clock: Clock): EvidenceSource[] {
  if (config?.prometheus === undefined) return [];
  const { clusters, prometheus } = config;
  const client = prometheusClient({ url: prometheus.url });
  return [evidenceSources.prometheus(client, (labels) => clusterOf({ labels }, clusters), clock)];
}

/** `192.168.1.20/24` → `192.168.1.20` */
function calledIn({ guests }: Declared, { target }: EvidenceRequest): Pick<EvidenceRequest, 'name' | 'address'> {
  const declared = guests.get(target);
  const address = declared?.network.address?.split('/')[0];
  return { ...(declared && { name: declared.name }), ...(address && { address }) };
}
