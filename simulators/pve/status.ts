import { parseProperties } from './config.ts';
import type { Lab } from './lab.ts';
import type { Usage } from './load.ts';
import { usageAt } from './load.ts';
import type { Guest } from './world.ts';
import { guestName, isBeforePve9 } from './world.ts';

/** One guest as `…/status/current` and the lists show it. */
export function guestStatus(lab: Lab, guest: Guest): Record<string, unknown> {
  const usage = usageAt(lab.world, guest, lab.now());
  const running = guest.status === 'running';
  const common = {
    vmid: guest.vmid,
    name: guestName(guest),
    status: guest.status,
    cpus: usage.cores,
    cpu: usage.cpu,
    mem: usage.mem,
    maxmem: usage.maxmem,
    maxdisk: guest.diskSize,
    uptime: uptimeOf(lab, guest),
    ...traffic(lab, guest),
    ...copied(guest, ['tags', 'lock', 'template']),
    ...(running ? { pid: 3000 + guest.vmid } : {}),
  };
  const status = guest.type === 'lxc' ? containerStatus(common, guest, usage) : machineStatus(common, guest, usage);
  return isBeforePve9(lab.world) ? withoutPressure(status) : status;
}

/**
 * pve-container `PVE::LXC::vmstatus`: `type`, `swap` and `maxswap` beside the rest, and pressure as the very text of the
 * kernel's file (`parse_pressure` keeps what the pattern matched): strings such as "31.12".
 */
function containerStatus(common: Record<string, unknown>, guest: Guest, usage: Usage): Record<string, unknown> {
  const running = guest.status === 'running';
  return {
    ...common,
    type: 'lxc',
    disk: running ? guest.diskUsed : 0,
    swap: usage.swap,
    maxswap: usage.maxswap,
    ...(running ? pressureKeys(usage, (value) => value.toFixed(2)) : {}),
  };
}

/** qemu-server `PVE::QemuServer::vmstatus`: pressure × 1, so numbers; `disk` always 0; balloon figures where there are any. */
function machineStatus(common: Record<string, unknown>, guest: Guest, usage: Usage): Record<string, unknown> {
  if (guest.status === 'stopped') return { ...common, disk: 0, memhost: 0, qmpstatus: 'stopped' };
  const balloon = usage.freemem === undefined ? {} : { balloon: usage.maxmem, freemem: usage.freemem };
  return {
    ...common,
    disk: 0,
    memhost: usage.resident,
    qmpstatus: 'running',
    'running-machine': 'pc-i440fx-10.1+pve0',
    'running-qemu': '10.1.2',
    ...balloon,
    ...pressureKeys(usage, (value) => value),
  };
}

function pressureKeys<T>({ pressure }: Usage, as: (value: number) => T): Record<string, T> {
  return {
    pressurecpusome: as(pressure.cpu.some),
    pressurecpufull: as(pressure.cpu.full),
    pressureiosome: as(pressure.io.some),
    pressureiofull: as(pressure.io.full),
    pressurememorysome: as(pressure.memory.some),
    pressurememoryfull: as(pressure.memory.full),
  };
}

/** What PVE 8 shows: the keys are not there at all. */
export function withoutPressure<T>(entry: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !key.startsWith('pressure')));
}

/** The same pressure as a number, for round-robin data. */
export const pressureNumbers = (usage: Usage): Record<string, number> => pressureKeys(usage, (value) => value);

function uptimeOf(lab: Lab, guest: Guest): number {
  return guest.status === 'running' ? Math.max(0, Math.floor((lab.now() - guest.startedAt) / 1000)) : 0;
}

/** Bytes per second: a steady stream is enough for whoever takes a rate. */
export const rates = { netin: 1800, netout: 1300, diskread: 5200, diskwrite: 7400 };

// Counters since the start.
function traffic(lab: Lab, guest: Guest): Record<string, number> {
  const seconds = uptimeOf(lab, guest);
  return Object.fromEntries(Object.entries(rates).map(([key, rate]) => [key, rate * seconds]));
}

/** Interfaces of a running container as its own network namespace shows them (pve-container `PVE::LXC::get_interfaces`). */
export function containerInterfaces(guest: Guest): Record<string, unknown>[] {
  const loopback = { name: 'lo', mac: '00:00:00:00:00:00', addresses: ['127.0.0.1/8', '::1/128'] };
  const cards = Object.entries(guest.config)
    .filter(([key]) => /^net\d+$/.test(key))
    .map(([, value]) => parseProperties(value, 'name'));
  const shown = cards.map((card) => ({
    name: card.get('name') ?? 'eth0',
    mac: (card.get('hwaddr') ?? 'BC:24:11:00:00:01').toLowerCase(),
    addresses: [card.get('ip') === 'dhcp' ? guest.lease : card.get('ip'), card.get('ip6')].filter(
      (ip): ip is string => ip?.includes('/') ?? false,
    ),
  }));
  return [loopback, ...shown].map(interfaceEntry);
}

function interfaceEntry({
  name,
  mac,
  addresses,
}: {
  name: string;
  mac: string;
  addresses: string[];
}): Record<string, unknown> {
  const list = addresses.map((address) => {
    const [ip = '', prefix = '32'] = address.split('/');
    return { 'ip-address': ip, 'ip-address-type': ip.includes(':') ? 'inet6' : 'inet', prefix: Number(prefix) };
  });
  const byFamily = Object.fromEntries(list.map((ip, index) => [ip['ip-address-type'], addresses[index]]));
  return { name, hwaddr: mac, 'hardware-address': mac, ...byFamily, 'ip-addresses': list };
}

function copied(guest: Guest, keys: string[]): Record<string, unknown> {
  return Object.fromEntries(
    keys.filter((key) => guest.config[key] !== undefined).map((key) => [key, guest.config[key]]),
  );
}
