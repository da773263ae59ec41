import { type ProxmoxClient, readSeen, readStorages } from '../clients/proxmox/index.ts';
import { oneOf } from '../config/words.ts';
import { isCalled } from '../core/declared-guest.ts';
import type { LiveGuest } from '../core/guest.ts';
import type { RawGuest } from '../declarations/guest/index.ts';
import type { ListedGuest } from '../inventory/index.ts';
import { plainText } from '../records/escape.ts';

/** The template that a guest is to be cloned from, or why it is not clear which. */
export type FoundTemplate = { ok: true; live: LiveGuest } | { ok: false; fault: string };

/** By its id, its type and id, or its name: `900`, `lxc/900`, `base`. Reads only. */
export async function templateCalled(
  client: ProxmoxClient,
  live: readonly ListedGuest[],
  called: string,
): Promise<FoundTemplate> {
  const named = live.filter(
    ({ type, vmid, name }) => called === String(vmid) || called === `${type}/${vmid}` || isCalled(called, name),
  );
  const [one, ...more] = named.some(isTemplate) ? named.filter(isTemplate) : named;
  const word = plainText(called, 60);
  if (one === undefined)
    return no(`no guest of ${client.cluster} that the token may see is called ${word}; ${there(live)}`);
  if (more.length > 0) return no(`${word} is ${oneOf([one, ...more].map(idOf))}: say the id`);
  if (!isTemplate(one)) return no(`${one.name} (${idOf(one)} on ${one.node}) is no template; ${there(live)}`);
  const { type, vmid } = one;
  return { ok: true, live: (await readSeen(client, { cluster: client.cluster, type, vmid })).guest };
}

function there(live: readonly ListedGuest[]): string {
  const templates = live.filter(isTemplate).map((one) => `${one.name} (${idOf(one)})`);
  return templates.length === 0
    ? 'there is no template: qm template ID, or pct template ID, makes one of a stopped guest'
    : `templates are ${templates.slice(0, 8).join(', ')}${templates.length > 8 ? ' …' : ''}`;
}

/** What is not said is as the template has it: type, node, sizes, storage and network, never its name, id and tags. */
export function lentBy({ type, node, running, rootDisk, network }: LiveGuest): RawGuest {
  return {
    ...{ type, node, ...running },
    ...(rootDisk === undefined ? {} : { disk: { ...rootDisk } }),
    ...(network === undefined ? {} : { network: { bridge: network.bridge, ...addressOf(network) } }),
  };
}

function addressOf({ address, gateway }: NonNullable<LiveGuest['network']>): { address?: string; gateway?: string } {
  return { ...(address === undefined ? {} : { address }), ...(gateway === undefined ? {} : { gateway }) };
}

/** To another node only what lies on a shared storage is cloned (pve-container and qemu-server, `clone_vm`). */
export async function againstDistance(
  client: ProxmoxClient,
  { node, rootDisk, type, vmid }: LiveGuest,
  to: string,
): Promise<string[]> {
  if (node === to) return [];
  const store = (await readStorages(client, node)).find(({ storage }) => storage === rootDisk?.storage);
  if (store?.shared === true) return [];
  const where = `${type}/${vmid} is on ${node}, and its storage ${rootDisk?.storage ?? ''} is not shared with ${to}`;
  return [`--node: the template ${where}; leave --node out, or move the clone afterwards: gitmend guest migrate`];
}

function isTemplate({ template }: ListedGuest): boolean {
  return template === true;
}

function idOf({ type, vmid }: ListedGuest): string {
  return `${type}/${vmid}`;
}

function no(why: string): FoundTemplate {
  return { ok: false, fault: `--clone: ${why}` };
}
