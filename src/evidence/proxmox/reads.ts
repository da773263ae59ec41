import { z } from 'zod';
import type { GuestTarget } from '../../core/target.ts';
import {
  type GuestStatus,
  type ProxmoxClient,
  readRrd,
  readSeen,
  readStatus,
  readVersion,
  type RrdPoint,
  type SeenGuest,
  type Timeframe,
} from '../../clients/proxmox/index.ts';

/** The few reads that this source makes, small enough to stand in for in a test. */
export interface ProxmoxReads {
  seen(guest: GuestTarget): Promise<SeenGuest>;
  status(node: string, guest: GuestTarget): Promise<GuestStatus>;
  rrd(node: string, guest: GuestTarget, timeframe: Timeframe, cf: 'AVERAGE' | 'MAX'): Promise<RrdPoint[]>;
  version(): Promise<string>;
  /** When the guest was started on this node since then, seconds since the epoch. */
  starts(node: string, guest: GuestTarget, since: number): Promise<number[]>;
}

/** The reads by the API. Each throws a GitmendError. */
export function proxmoxReads(client: ProxmoxClient): ProxmoxReads {
  return {
    seen: (guest) => readSeen(client, guest),
    status: (node, { type, vmid }) => readStatus(client, node, type, vmid),
    rrd: (node, { type, vmid }, timeframe, cf) => readRrd(client, node, type, vmid, timeframe, cf),
    version: async () => (await readVersion(client)).version,
    starts: (node, guest, since) => readStarts(client, node, guest, since),
  };
}

const startTasks = ['vzstart', 'vzreboot', 'qmstart', 'qmreboot', 'qmreset'];
const tasks = z.array(
  z.object({ type: z.string(), starttime: z.coerce.number(), status: z.string().optional().catch(undefined) }),
);

async function readStarts(
  client: ProxmoxClient,
  node: string,
  { vmid }: GuestTarget,
  since: number,
): Promise<number[]> {
  const answer: unknown = await client.api.nodes.$(node).tasks.$get({ vmid, since: Math.floor(since), limit: 1000 });
  return client
    .read(tasks, `/nodes/${node}/tasks`, answer)
    .filter(({ type, status }) => startTasks.includes(type) && (status === 'OK' || status?.startsWith('WARNINGS')))
    .map(({ starttime }) => starttime);
}
