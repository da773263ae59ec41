import { isoTime } from '../../core/clock.ts';
import type { EvidenceRequest } from '../../core/evidence-request.ts';
import type { Evidence, EvidenceGap, Fact, Facts, Series } from '../../core/fact.ts';
import { median } from '../../core/statistics.ts';
import type { RrdPoint } from '../../clients/proxmox/index.ts';
import { problemOf } from '../gather.ts';
import type { ProxmoxReads } from './reads.ts';

const day = 86_400;

/**
 * The month that PVE keeps itself: the maximum of each half hour (of twelve hours before PVE 9). A container's `mem` in
 * it is a lower bound; a VM's counts its page cache and is left out. `now` in seconds.
 */
export async function historyFacts(request: EvidenceRequest, reads: ProxmoxReads, now: number): Promise<Evidence> {
  const { guest, node } = request;
  const path = `/nodes/${node}/${guest.type}/${guest.vmid}`;
  const parts = await Promise.all([
    wants(request, /memory.*\.history$/) ? readHistory(request, reads, path, now) : nothing,
    wants(request, /^guest\.cpu\.history$/) ? readCpu(request, reads, path, now) : nothing,
    wants(request, /^guest\.restarts$/) ? readRestarts(request, reads, path, now) : nothing,
  ]);
  return {
    facts: Object.assign({}, ...parts.map(({ facts }) => facts)) as Facts,
    gaps: parts.flatMap(({ gaps }) => gaps),
  };
}

const nothing: Evidence = { facts: {}, gaps: [] };

function wants(request: EvidenceRequest, asked: RegExp): boolean {
  return request.facts.some((name) => asked.test(name));
}

async function readHistory(
  request: EvidenceRequest,
  reads: ProxmoxReads,
  path: string,
  now: number,
): Promise<Evidence> {
  const rows = await reads.rrd(request.node, request.guest, 'month', 'MAX');
  const source = `PVE GET ${path}/rrddata?timeframe=month&cf=MAX`;
  const series = seriesOf(rows, now, request.days);
  const vm = request.guest.type === 'qemu';
  const gaps: EvidenceGap[] = vm
    ? [{ source, problem: 'a VM’s `mem` counts its page cache, so its history proves no need' }]
    : [];
  const pressure = series('pressurememorysome');
  const facts: Facts = {
    ...(vm ? {} : { 'guest.memory.history': as(source, series('mem')) }),
    'guest.memory.cap.history': as(source, series('maxmem')),
    ...(pressure.value.points.length === 0 ? {} : { 'guest.psi.memory.history': as(source, pressure) }),
  };
  return { facts, gaps };
}

/** Cores in use: the share of those that were given then, means of half an hour (of twelve hours before PVE 9). */
async function readCpu(request: EvidenceRequest, reads: ProxmoxReads, path: string, now: number): Promise<Evidence> {
  const rows = await reads.rrd(request.node, request.guest, 'month', 'AVERAGE');
  const used = rows.map(({ time, values: { cpu, maxcpu } }): RrdPoint => ({
    time,
    values: cpu === undefined || maxcpu === undefined ? {} : { cores: cpu * maxcpu },
  }));
  const source = `PVE GET ${path}/rrddata?timeframe=month&cf=AVERAGE`;
  return { facts: { 'guest.cpu.history': as(source, seriesOf(used, now, request.days)('cores')) }, gaps: [] };
}

function as(source: string, { value, at }: { value: Series; at: string }): Fact<Series> {
  return { value, source, at };
}

/**
 * One figure as a series. PVE names a row by the start of its interval; a point stands at the end of it, when its
 * value is known.
 */
function seriesOf(rows: readonly RrdPoint[], now: number, days: number) {
  const step = stepOf(rows);
  const oldest = now - days * day;
  const end = (row: RrdPoint): number => Math.min(row.time + step, now);
  const last = rows.at(-1);
  // The end of what was answered, also where the newest rows are empty: the guest may have been off.
  const at = isoTime((last === undefined ? now : end(last)) * 1000);
  return (figure: string): { value: Series; at: string } => {
    const points = rows.flatMap((row): [number, number][] => {
      const value = row.values[figure];
      return value === undefined || end(row) <= oldest || row.time > now ? [] : [[end(row), value]];
    });
    return { value: { points, step }, at };
  };
}

function stepOf(rows: readonly RrdPoint[]): number {
  const steps = rows.slice(1).map(({ time }, index) => time - (rows[index]?.time ?? time));
  return steps.length === 0 ? 1800 : median(steps);
}

/** Starts by the node's own tasks, and the last one by the uptime. Without the tasks the last one is all there is. */
async function readRestarts(
  request: EvidenceRequest,
  reads: ProxmoxReads,
  path: string,
  now: number,
): Promise<Evidence> {
  const source = `PVE GET /nodes/${request.node}/tasks and ${path}/status/current`;
  const [status, tasks] = await Promise.all([reads.status(request.node, request.guest), startsOf(request, reads, now)]);
  const byUptime = status.uptime > 0 ? [Math.round(now - status.uptime)] : [];
  // A task and the uptime that it led to are seconds apart.
  const known = byUptime.filter((start) => !tasks.starts.some((at) => Math.abs(at - start) < 120));
  const value = [...tasks.starts, ...known].sort((a, b) => a - b);
  return { facts: { 'guest.restarts': { value, source, at: isoTime(now * 1000) } }, gaps: tasks.gaps };
}

async function startsOf(
  { node, guest, days }: EvidenceRequest,
  reads: ProxmoxReads,
  now: number,
): Promise<{ starts: number[]; gaps: EvidenceGap[] }> {
  try {
    return { starts: await reads.starts(node, guest, now - days * day), gaps: [] };
  } catch (error) {
    return { starts: [], gaps: [{ source: `PVE GET /nodes/${node}/tasks`, problem: problemOf(error) }] };
  }
}
