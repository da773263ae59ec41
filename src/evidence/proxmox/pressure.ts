import { type Clock, isoTime } from '../../core/clock.ts';
import type { EvidenceRequest } from '../../core/evidence-request.ts';
import type { Evidence, EvidenceGap, Fact, Facts } from '../../core/fact.ts';
import type { GuestStatus, RrdPoint, Stalls } from '../../clients/proxmox/index.ts';
import { problemOf } from '../gather.ts';
import type { ProxmoxReads } from './reads.ts';

/**
 * Pressure now (avg10) and whether it lasts: the mean of the last five minutes from PVE's own points; where they carry
 * none, two more reads ten seconds apart, of which the lowest stands for the mean.
 */
export async function pressureFacts(
  request: EvidenceRequest,
  status: GuestStatus,
  reads: ProxmoxReads,
  clock: Clock,
): Promise<Evidence> {
  const { pressure } = status;
  if (pressure === undefined || status.status !== 'running') return { facts: {}, gaps: [] };
  const path = `PVE GET /nodes/${status.node}/${status.type}/${status.vmid}`;
  const now = (value: number | undefined): Fact<number> | undefined =>
    value === undefined ? undefined : { value, source: `${path}/status/current`, at: status.at };
  const lasting = await means(request, status, reads, clock, path);
  const facts = present({
    'guest.psi.memory.some': now(pressure.memory.some),
    'guest.psi.memory.full': now(pressure.memory.full),
    'guest.psi.cpu.some': now(pressure.cpu.some),
    'guest.psi.io.some': now(pressure.io.some),
  });
  return { facts: { ...facts, ...lasting.facts }, gaps: lasting.gaps };
}

async function means(
  request: EvidenceRequest,
  status: GuestStatus,
  reads: ProxmoxReads,
  clock: Clock,
  path: string,
): Promise<Evidence> {
  const gaps: EvidenceGap[] = [];
  const source = `${path}/rrddata?timeframe=hour`;
  const rows = await reads.rrd(request.node, request.guest, 'hour', 'AVERAGE').catch((error: unknown) => {
    gaps.push({ source, problem: problemOf(error) });
    return [];
  });
  const now = clock.now() / 1000;
  const mean = (figure: string, minutes: number) => meanOf(rows, figure, minutes, now, source);
  const facts = present({
    'guest.psi.memory.some.5m': mean('pressurememorysome', 5),
    'guest.psi.memory.full.5m': mean('pressurememoryfull', 5),
    'guest.psi.cpu.some.30m': mean('pressurecpusome', 30),
    'guest.psi.io.some.30m': mean('pressureiosome', 30),
  });
  const known = facts['guest.psi.memory.some.5m'] !== undefined && facts['guest.psi.memory.full.5m'] !== undefined;
  if (known || !worthAsking(status.pressure?.memory)) return { facts, gaps };
  return { facts: { ...facts, ...(await threeReads(request, status, reads, clock, path)) }, gaps };
}

// Below every threshold nothing lasts, whatever two more reads would say.
function worthAsking(stalls: Stalls | undefined): boolean {
  return Math.max(stalls?.some ?? 0, stalls?.full ?? 0) >= 0.05;
}

/** The mean of the newest points; `undefined` where half of the minutes are missing or the newest is old. */
function meanOf(
  rows: readonly RrdPoint[],
  figure: string,
  minutes: number,
  now: number,
  source: string,
): Fact<number> | undefined {
  // A row stands at the start of its minute, and the newest is written up to a minute late.
  const recent = rows.filter(({ time }) => time > now - (minutes + 2) * 60 && time <= now);
  const known = recent.flatMap(({ time, values }) =>
    values[figure] === undefined ? [] : [{ time, value: values[figure] }],
  );
  const newest = known.slice(-minutes);
  const last = newest.at(-1);
  if (last === undefined || last.time < now - 240 || newest.length < minutes / 2) return undefined;
  const value = newest.reduce((sum, point) => sum + point.value, 0) / newest.length;
  return { value, source, at: isoTime(Math.min(last.time + 60, now) * 1000) };
}

async function threeReads(
  request: EvidenceRequest,
  first: GuestStatus,
  reads: ProxmoxReads,
  clock: Clock,
  path: string,
): Promise<Facts> {
  const seen = [first.pressure?.memory];
  let { at } = first;
  for (let read = 0; read < 2; read += 1) {
    await clock.sleep(10_000);
    const status = await reads.status(request.node, request.guest);
    seen.push(status.pressure?.memory);
    at = status.at;
  }
  const lowest = (kind: keyof Stalls): Fact<number> | undefined => {
    const values = seen.flatMap((stalls) => stalls?.[kind] ?? []);
    if (values.length < 3) return undefined;
    return { value: Math.min(...values), source: `${path}/status/current, lowest of 3 reads 10 s apart`, at };
  };
  return present({ 'guest.psi.memory.some.5m': lowest('some'), 'guest.psi.memory.full.5m': lowest('full') });
}

function present(facts: { [name: string]: Fact<number> | undefined }): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined));
}
