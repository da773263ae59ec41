import type { Fact, Facts } from '../../core/fact.ts';
import type { GuestStatus, SeenGuest } from '../../clients/proxmox/index.ts';

/** What the guest is: its configuration in force, what waits for a restart. */
export function guestFacts({ guest, template }: SeenGuest): Facts {
  const path = `PVE GET /nodes/${guest.node}/${guest.type}/${guest.vmid}`;
  const from = (what: string) => fact(`${path}/${what}`, guest.at);
  return {
    'guest.name': from('config')(guest.name),
    'guest.type': from('config')(guest.type),
    'guest.node': fact('PVE GET /cluster/resources', guest.at)(guest.node),
    'guest.status': from('status/current')(guest.status),
    ...(guest.lock === undefined ? {} : { 'guest.lock': from('config')(guest.lock) }),
    'guest.size': from('config?current=1')(guest.running),
    ...(guest.cpu === undefined ? {} : { 'guest.cpu.settings': from('config?current=1')(guest.cpu) }),
    'guest.pending': from('pending')(guest.pending),
    'guest.template': from('config')(template),
    'guest.uptime': from('status/current')(guest.uptime),
  };
}

/** The node that it runs on now. */
export function nodeFacts({ node }: SeenGuest): Facts {
  const from = fact(`PVE GET /nodes/${node.node}/status`, node.at);
  return {
    'node.name': from(node.node),
    'node.memory.total': from(node.memoryTotal),
    'node.memory.available': from(node.memoryAvailable),
    'node.memory.promised': fact('PVE GET /cluster/resources', node.at)(node.memoryPromised),
    'node.cpus': from(node.cpus),
  };
}

/** The live figures. What PVE does not give is left out, never zero. `now` in milliseconds. */
export function statusFacts(status: GuestStatus, now: number): Facts {
  const from = fact(`PVE GET /nodes/${status.node}/${status.type}/${status.vmid}/status/current`, status.at);
  const vm = status.type === 'qemu';
  return {
    ...(status.maxmem === undefined ? {} : { 'guest.memory.cap': from(status.maxmem) }),
    ...(status.mem === undefined ? {} : { 'guest.memory.used': from(status.mem) }),
    ...(vm ? { 'guest.memory.balloonStats': from(hasBalloonStatistics(status, now)) } : {}),
    ...(vm && status.balloon !== undefined ? { 'guest.memory.current': from(status.balloon) } : {}),
    ...(vm || status.swap === undefined ? {} : { 'guest.swap.used': from(status.swap) }),
    ...(vm || status.maxswap === undefined ? {} : { 'guest.swap.cap': from(status.maxswap) }),
  };
}

// A driver that stopped reporting leaves its last figures behind (`last_update`, seconds since the epoch).
function hasBalloonStatistics({ ballooninfo, freemem }: GuestStatus, now: number): boolean {
  const updated = ballooninfo?.['last_update'];
  if (updated !== undefined && now / 1000 - updated > 300) return false;
  return freemem !== undefined || (ballooninfo?.['free_mem'] !== undefined && ballooninfo['total_mem'] !== undefined);
}

function fact(source: string, at: string): <T>(value: T) => Fact<T> {
  return (value) => ({ value, source, at });
}
