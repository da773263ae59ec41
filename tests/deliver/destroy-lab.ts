import { onTestFinished } from 'vitest';
import { homeTokens } from '../../simulators/pve/index.ts';
import { type ProxmoxClient, proxmoxClient } from '../../src/clients/proxmox/index.ts';
import { deliverLab, type DeliverLab, type Files, shortWindow } from '../support/deliver-lab.ts';

/** Takes the guest 202 out of the repository. */
export const gone: Files = { 'guests/frigate.yaml': null };

/** The template's policies of a home of one, as `gitmend init` writes them. */
const ofOne: Files = {
  ...shortWindow,
  'policies/guests.yaml': (text) => text.replaceAll('approve-2', 'approve'),
};

/** A home in which 202 is stopped, and whose tokens may destroy. */
export async function ready(begin: Files = ofOne): Promise<DeliverLab> {
  const lab = await deliverLab({ begin });
  onTestFinished(async () => {
    await lab.close();
  });
  setStatus(lab, 'stopped');
  for (const { acl } of lab.lab.pve.world.tokens.values()) acl['/'] = [...(acl['/'] ?? []), 'VM.Allocate'];
  return lab;
}

/** Of 202. */
export function setStatus(lab: DeliverLab, status: 'running' | 'stopped'): void {
  Object.assign(lab.lab.pve.world.guests.get(202) ?? {}, { status });
}

/** Of 202. */
export function configOf(lab: DeliverLab): object {
  return lab.lab.pve.world.guests.get(202)?.config ?? {};
}

/** A backup of these guests in one task, by Proxmox VE itself. */
export async function backUp(lab: DeliverLab, ...vmids: number[]): Promise<void> {
  await clientOf(lab)
    .api.nodes.$('pve1')
    .vzdump.$post({ vmid: vmids.join(','), storage: 'local' });
  lab.clock.advance(60_000);
}

/** As an administrator. */
export function clientOf({ lab, clock }: DeliverLab): ProxmoxClient {
  return proxmoxClient({
    cluster: 'home',
    endpoint: lab.pve.endpoint,
    ca: lab.pve.caPem,
    token: homeTokens.admin,
    clock,
  });
}
