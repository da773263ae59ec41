import { type ListedGuest, type Network, type ProxmoxClient, readAddresses } from '../clients/proxmox/index.ts';
import { isGitmendError } from '../core/errors.ts';
import type { FoundGuest } from './found.ts';

/**
 * Where a guest is reached: by the address that Proxmox VE sets, or by the one that its first card has right now. Never
 * guessed from a name; where there is none, why not.
 */
export async function reachedAt(
  client: ProxmoxClient,
  { node, type, vmid, status }: ListedGuest,
  keys: { readonly [key: string]: unknown },
  { network, addressing, mac }: Network,
): Promise<FoundGuest['reached']> {
  const fixed = network.address?.split('/')[0];
  if (addressing === 'static' && fixed !== undefined) return { address: fixed };
  if (status !== 'running') return { why: 'it does not run, and its address is not in Proxmox VE' };
  const { agent = '' } = keys;
  if (type === 'qemu' && !((typeof agent === 'string' && /^(?:1|enabled=1)/.test(agent)) || agent === 1))
    return { why: 'it has no guest agent that would tell its address' };
  try {
    const own = (await readAddresses(client, { node, type, vmid })).filter((one) => one.mac === mac);
    const [first] = [...own.filter(isFour), ...own.filter((one) => !isFour(one))].filter(isReachable);
    return first === undefined ? { why: 'its first card has no address' } : { address: first.address };
  } catch (error) {
    if (!isGitmendError(error) || error.code === 'PVE_UNAUTHENTICATED') throw error;
    const what = type === 'qemu' ? 'its guest agent does not answer' : 'Proxmox VE does not tell its address';
    return { why: `${what} (${error.code})` };
  }
}

function isFour({ address }: { address: string }): boolean {
  return /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(address);
}

/** Not one of the link, of the machine itself, or of nobody. */
function isReachable({ address }: { address: string }): boolean {
  return /^[0-9a-f:.]{2,45}$/i.test(address) && !/^(?:fe80:|169\.254\.|127\.|::1$|0\.)/i.test(address);
}
