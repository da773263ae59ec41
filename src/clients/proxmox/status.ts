import { isoTime } from '../../core/clock.ts';
import type { LiveGuest } from '../../core/guest.ts';
import type { GuestType } from '../../core/target.ts';
import type { ProxmoxClient } from './client.ts';
import { nodeStatus, rrdPoints, statusCurrent, tagsOf, version } from './shapes.ts';

/** Fractions of time (0–1) in which some or all tasks stalled, mean over the last 10 s. Absent where PVE has none. */
export interface Stalls {
  some?: number;
  full?: number;
}

/** `status/current`. Bytes, seconds and fractions; a figure that PVE does not give is absent, never zero. */
export interface GuestStatus {
  node: string;
  type: GuestType;
  vmid: number;
  name?: string;
  status: LiveGuest['status'];
  uptime: number;
  lock?: string;
  template: boolean;
  /** Its high availability (HA) is managed. */
  ha?: true;
  tags: string[];
  cpu?: number;
  cpus?: number;
  /** Container: memory.current without file cache (and so without shared memory). VM: about maxmem without a balloon. */
  mem?: number;
  maxmem?: number;
  /** Container only, and undocumented. */
  swap?: number;
  maxswap?: number;
  disk?: number;
  maxdisk?: number;
  /** VM only: what the balloon leaves to the guest, and what is free in it. */
  balloon?: number;
  freemem?: number;
  memhost?: number;
  ballooninfo?: { [figure: string]: number };
  /** PVE 9 only. */
  pressure?: { cpu: Stalls; io: Stalls; memory: Stalls };
  /** ISO 8601 UTC. */
  at: string;
}

export interface NodeStatus {
  node: string;
  memoryTotal: number;
  /** What PVE says is available (MemAvailable), else total − used. */
  memoryAvailable: number;
  cpus: number;
  version?: string;
  at: string;
}

/** One point of a history: seconds since the epoch, and the figures measured then. Pressures are fractions (0–1). */
export interface RrdPoint {
  time: number;
  values: { [figure: string]: number };
}

export type Timeframe = 'hour' | 'day' | 'week' | 'month' | 'year';

/** What a guest shows now. Throws a GitmendError. */
export async function readStatus(
  client: ProxmoxClient,
  node: string,
  type: GuestType,
  vmid: number,
): Promise<GuestStatus> {
  const answer: unknown = await client.api.nodes.$(node)[type].$(vmid).status.current.$get();
  const raw = client.read(statusCurrent, `/nodes/${node}/${type}/${vmid}/status/current`, answer);
  const { status, qmpstatus, tags, template, ballooninfo, lock, uptime, name, ha, ...figures } = raw;
  const pressure = pressureOf(raw);
  return {
    ...{ node, type, vmid },
    ...(name === undefined ? {} : { name }),
    status: statusOf(status, qmpstatus),
    uptime: uptime ?? 0,
    ...(lock === undefined || lock === '' ? {} : { lock }),
    template: template ?? false,
    ...(ha?.managed === true ? { ha: true as const } : {}),
    tags: tagsOf(tags),
    ...present(withoutPressure(figures)),
    ...(ballooninfo === undefined ? {} : { ballooninfo: numbersOf(ballooninfo) }),
    ...(pressure === undefined ? {} : { pressure }),
    at: isoTime(client.clock.now()),
  };
}

/** A guest's history as PVE keeps it: about 70 points an hour, one each half hour for a month. Oldest first. */
export async function readRrd(
  client: ProxmoxClient,
  node: string,
  type: GuestType,
  vmid: number,
  timeframe: Timeframe,
  cf: 'AVERAGE' | 'MAX' = 'AVERAGE',
): Promise<RrdPoint[]> {
  const answer: unknown = await client.api.nodes.$(node)[type].$(vmid).rrddata.$get({ timeframe, cf });
  const points = client.read(rrdPoints, `/nodes/${node}/${type}/${vmid}/rrddata`, answer);
  return points
    .map(({ time, ...figures }) => ({ time, values: asFractions(numbersOf(figures)) }))
    .sort((a, b) => a.time - b.time);
}

/** A node's memory and CPUs now. Throws a GitmendError; PVE_FORBIDDEN names Sys.Audit where the token lacks it. */
export async function readNode(client: ProxmoxClient, node: string): Promise<NodeStatus> {
  const answer: unknown = await client.api.nodes.$(node).status.$get();
  const { memory, cpuinfo, pveversion } = client.read(nodeStatus, `/nodes/${node}/status`, answer);
  return {
    node,
    memoryTotal: memory.total,
    memoryAvailable: memory.available ?? memory.total - (memory.used ?? memory.total - (memory.free ?? 0)),
    cpus: cpuinfo.cpus,
    ...(pveversion === undefined ? {} : { version: pveversion }),
    at: isoTime(client.clock.now()),
  };
}

/** `9.1.3`: which PVE answers. */
export async function readVersion(client: ProxmoxClient): Promise<{ version: string; release?: string }> {
  const answer: unknown = await client.api.version.$get();
  const read = client.read(version, '/version', answer);
  return { version: read.version, ...(read.release === undefined ? {} : { release: read.release }) };
}

/** A paused VM is `running` to PVE; what QEMU says of it decides. */
export function statusOf(status: string, qmpstatus = ''): LiveGuest['status'] {
  if (status === 'running') return ['paused', 'suspended', 'prelaunch'].includes(qmpstatus) ? 'paused' : 'running';
  return status === 'stopped' || status === 'paused' ? status : 'unknown';
}

/** Pressure comes in percent: strings for a container (pve-container `vmstatus`), numbers for a VM. */
function pressureOf(raw: { [figure: string]: unknown }): GuestStatus['pressure'] {
  const stalls = (what: string): Stalls => {
    const [some, full] = [raw[`pressure${what}some`], raw[`pressure${what}full`]];
    return {
      ...(typeof some === 'number' && { some: fractionOf(some) }),
      ...(typeof full === 'number' && { full: fractionOf(full) }),
    };
  };
  const pressure = { cpu: stalls('cpu'), io: stalls('io'), memory: stalls('memory') };
  return Object.values(pressure).every((one) => Object.keys(one).length === 0) ? undefined : pressure;
}

/** Percent to a fraction, without the noise of the division. */
function fractionOf(percent: number): number {
  return Math.round(percent * 1e4) / 1e6;
}

function withoutPressure<T extends object>(figures: T): Omit<T, `pressure${string}`> {
  const kept = Object.entries(figures).filter(([figure]) => !figure.startsWith('pressure'));
  return Object.fromEntries(kept) as Omit<T, `pressure${string}`>;
}

function asFractions(values: { [figure: string]: number }): { [figure: string]: number } {
  return Object.fromEntries(
    Object.entries(values).map(([figure, value]) => [
      figure,
      figure.startsWith('pressure') ? fractionOf(value) : value,
    ]),
  );
}

/** The figures that are there. */
function present<T extends { [figure: string]: unknown }>(figures: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const there = Object.entries(figures).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as { [K in keyof T]?: NonNullable<T[K]> };
}

function numbersOf(figures: { [figure: string]: number | undefined }): { [figure: string]: number } {
  return Object.fromEntries(
    Object.entries(figures).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}
