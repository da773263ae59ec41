import { type Clock, isoTime } from '../../core/clock.ts';
import type { EvidenceRequest } from '../../core/evidence-request.ts';
import type { Evidence, EvidenceGap, Facts } from '../../core/fact.ts';
import type { GuestStatus } from '../../clients/proxmox/index.ts';
import { problemOf } from '../gather.ts';
import type { EvidenceSource } from '../source.ts';
import { given } from './facts.ts';
import { guestFacts, nodeFacts, statusFacts } from './now.ts';
import { historyFacts } from './history.ts';
import { pressureFacts } from './pressure.ts';
import type { ProxmoxReads } from './reads.ts';

export { type ProxmoxReads, proxmoxReads } from './reads.ts';

/**
 * Facts from the API of Proxmox VE: what the guest and its node are now, PVE's own history, pressure. `readsOf` gives
 * the reads of one cluster; `undefined` for a cluster without a reader.
 */
export function proxmoxEvidence(readsOf: (cluster: string) => ProxmoxReads | undefined, clock: Clock): EvidenceSource {
  return { name: 'proxmox', gives: given, gather: (request) => gather(request, readsOf, clock) };
}

async function gather(
  request: EvidenceRequest,
  readsOf: (cluster: string) => ProxmoxReads | undefined,
  clock: Clock,
): Promise<Evidence> {
  const reads = readsOf(request.guest.cluster);
  if (reads === undefined) return { facts: {}, gaps: [gap(`cluster ${request.guest.cluster}`, 'no reader for it')] };
  const parts = await Promise.all([
    attempt('PVE guest and node', async () => {
      const seen = await reads.seen(request.guest);
      return { facts: { ...guestFacts(seen), ...nodeFacts(seen) }, gaps: [] };
    }),
    attempt('PVE status', () => current(request, reads, clock)),
    attempt('PVE history', () => historyFacts(request, reads, clock.now() / 1000)),
    attempt('PVE version', async () => ({
      facts: { 'pve.version': { value: await reads.version(), source: 'PVE GET /version', at: isoTime(clock.now()) } },
      gaps: [],
    })),
  ]);
  const facts = Object.assign({}, ...parts.map((part) => part.facts)) as Facts;
  return { facts: asked(facts, request), gaps: [...parts.flatMap(({ gaps }) => gaps), ...withoutPressure(facts)] };
}

async function current(request: EvidenceRequest, reads: ProxmoxReads, clock: Clock): Promise<Evidence> {
  const status: GuestStatus = await reads.status(request.node, request.guest);
  const pressure = await pressureFacts(request, status, reads, clock);
  return { facts: { ...statusFacts(status, clock.now()), ...pressure.facts }, gaps: pressure.gaps };
}

async function attempt(source: string, read: () => Promise<Evidence>): Promise<Evidence> {
  try {
    return await read();
  } catch (error) {
    return { facts: {}, gaps: [gap(source, problemOf(error))] };
  }
}

function asked(facts: Facts, request: EvidenceRequest): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => (request.facts as string[]).includes(name)));
}

// PSI needs Proxmox VE 9: before it the gap says so, and nothing is taken for zero.
function withoutPressure(facts: Facts): EvidenceGap[] {
  const running = facts['guest.status']?.value === 'running';
  if (!running || facts['guest.psi.memory.some'] !== undefined || facts['guest.memory.used'] === undefined) return [];
  const version = facts['pve.version']?.value ?? '';
  const old = Number.parseInt(version, 10) < 9;
  return [gap('PVE status', old ? `Proxmox VE ${version} gives no pressure (9 does)` : 'no pressure in the answer')];
}

function gap(source: string, problem: string): EvidenceGap {
  return { source, problem };
}
