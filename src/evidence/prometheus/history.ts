import { selector } from '../../clients/prometheus/index.ts';
import { isoTime } from '../../core/clock.ts';
import type { Fact, FactName, Facts, Series } from '../../core/fact.ts';
import type { Point } from '../../core/statistics.ts';
import { bestHistory } from '../histories.ts';
import { byId, byInstance, gap, over, type Question, sourceOf } from './guest.ts';
import { oneLine, type View } from './views.ts';

const halfHour = 1800;
const fiveMinutes = 300;

/** The histories that were asked for. A point stands at the end of what it sums up. */
export async function historiesOf(question: Question): Promise<Facts> {
  const wanted = (name: FactName): boolean => question.request.facts.includes(name);
  const ask = <T>(name: FactName, read: () => Promise<T>): Promise<T | undefined> =>
    wanted(name) ? read() : Promise.resolve(undefined);
  const [memory, cap, stalls, cpu] = await Promise.all([
    ask('guest.memory.history', () => memoryHistory(question)),
    ask('guest.memory.cap.history', () => capHistory(question)),
    ask('guest.psi.memory.history', () => pressureHistory(question)),
    ask('guest.cpu.history', () => cpuHistory(question)),
  ]);
  return {
    ...(memory && { 'guest.memory.history': memory }),
    ...(cap && { 'guest.memory.cap.history': cap }),
    ...(stalls && { 'guest.psi.memory.history': stalls }),
    ...(cpu && { 'guest.cpu.history': cpu }),
  };
}

/** The maximum of each half hour: the working set, else the `mem` of Proxmox VE, which is less for a container. */
async function memoryHistory(question: Question): Promise<Fact<Series> | undefined> {
  if (question.request.guest.type === 'qemu') return machineHistory(question);
  const cgroup = byMetric(question, 'container_memory_working_set_bytes');
  const candidates = await Promise.all([
    line(question, 'container_memory_working_set_bytes', `max_over_time(${cgroup}[30m])`),
    insideHistory(question),
    ofPve(question, 'pve_memory_usage_bytes', (metric) => `max_over_time(${metric}[30m])`),
  ]);
  return best(question, candidates);
}

/** The working set as lxcfs shows it in the container; without lxcfs it is the host's, and none of the guest's. */
async function insideHistory(question: Question): Promise<Fact<Series> | undefined> {
  const instance = byInstance(question);
  if (instance === undefined) return undefined;
  const total = meminfo('MemTotal', instance);
  const rest = `${meminfo('MemFree', instance)} - ${meminfo('Inactive_file', instance)}`;
  const [used, most, size] = await Promise.all([
    line(question, 'node_memory', `max_over_time((${total} - ${rest})[30m:1m])`),
    line(question, 'node_memory_MemTotal_bytes', `max_over_time(${total}[30m])`),
    capHistory(question),
  ]);
  const cap = size?.value.points.at(-1)?.[1] ?? Infinity;
  return (most?.value.points.at(-1)?.[1] ?? 0) > 1.01 * cap ? undefined : used;
}

/**
 * What a VM had minus what was available in it. What it had is MemTotal and what its kernel keeps for itself: the
 * least difference to its size, because a balloon only makes that larger.
 */
async function machineHistory(question: Question): Promise<Fact<Series> | undefined> {
  const instance = byInstance(question);
  if (instance === undefined) return undefined;
  const total = meminfo('MemTotal', instance);
  const [used, most, size] = await Promise.all([
    line(question, 'node_memory', `max_over_time((${total} - ${meminfo('MemAvailable', instance)})[30m:1m])`),
    line(question, 'node_memory_MemTotal_bytes', `max_over_time(${total}[30m])`),
    capHistory(question),
  ]);
  if (used === undefined || most === undefined) return undefined;
  const kept = size === undefined ? undefined : reserve(size.value.points, most.value.points);
  if (kept === undefined) {
    gap(question, 'what the VM’s kernel keeps for itself is not in its history: no pve_memory_size_bytes to compare');
    return used;
  }
  if (kept < 0) {
    gap(question, `${most.source} is more memory than the VM has: another machine has its name`);
    return undefined;
  }
  const points = used.value.points.map(([at, bytes]): Point => [at, bytes + kept]);
  return { ...used, value: { ...used.value, points } };
}

/** Size − MemTotal, the least of all moments of the present size. */
function reserve(sizes: readonly Point[], totals: readonly Point[]): number | undefined {
  const present = sizes.at(-1)?.[1];
  const total = new Map(totals);
  const differences = sizes.flatMap(([at, size]) => {
    const seen = total.get(at);
    return seen === undefined || size !== present ? [] : [size - seen];
  });
  return differences.length === 0 ? undefined : Math.min(...differences);
}

function capHistory(question: Question): Promise<Fact<Series> | undefined> {
  return ofPve(question, 'pve_memory_size_bytes', (metric) => `last_over_time(${metric}[30m])`);
}

/** The worst five minutes of each half hour. */
async function pressureHistory(question: Question): Promise<Fact<Series> | undefined> {
  const lxc = question.request.guest.type === 'lxc';
  const where = lxc ? byId(question) : byInstance(question);
  if (where === undefined) return undefined;
  const metric = `${lxc ? 'container' : 'node'}_pressure_memory_waiting_seconds_total`;
  const rate = `rate(${selector({ __name__: metric, ...where })}[5m])`;
  return line(question, metric, `max_over_time(${rate}[30m:5m])`);
}

/** Cores in use, means of five minutes. The ratio of Proxmox VE is of the cores that were given then. */
async function cpuHistory(question: Question): Promise<Fact<Series> | undefined> {
  const lxc = question.request.guest.type === 'lxc';
  const limit = byMetric(question, 'pve_cpu_usage_limit');
  const total = selector({ __name__: 'container_cpu_usage_seconds_total', ...byId(question), cpu: 'total' });
  const candidates = await Promise.all([
    ofPve(
      question,
      'pve_cpu_usage_ratio',
      (metric) => `avg_over_time(${metric}[5m]) * last_over_time(${limit}[5m])`,
      fiveMinutes,
    ),
    lxc ? line(question, 'container_cpu_usage_seconds_total', `rate(${total}[5m])`, fiveMinutes) : undefined,
  ]);
  return best(question, candidates);
}

/**
 * One line of the exporter of Proxmox VE. It names its guests: where it calls this id otherwise, it is another
 * cluster's, or another guest had the id then.
 */
function ofPve(
  question: Question,
  metric: string,
  expression: (metric: string) => string,
  step?: number,
): Promise<Fact<Series> | undefined> {
  const { name } = question.request;
  const others = { __name__: 'pve_guest_info', ...byId(question), name: { noneOf: ['', name ?? ''] } };
  const named = name === undefined ? '' : ` unless on (id, instance, job) ${selector(others)}`;
  return line(question, metric, `(${expression(byMetric(question, metric))})${named}`, step);
}

function byMetric(question: Question, metric: string): string {
  return selector({ __name__: metric, ...byId(question) });
}

function meminfo(field: string, where: Parameters<typeof selector>[0] = {}): string {
  return selector({ __name__: `node_memory_${field}_bytes`, ...where });
}

/** One expression over the days that were asked for; `undefined` where nothing answers. */
async function line(
  question: Question,
  words: string,
  expression: string,
  step = halfHour,
): Promise<Fact<Series> | undefined> {
  const views = await over(question, expression, { days: question.request.days, step });
  const lines = views.map((view) => [...view.metrics.values()][0] ?? []);
  const points = oneLine(lines);
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  // The end of the last point: a history that ended days ago is stale, however young the query is.
  const at = isoTime(Math.min(last[0], question.now) * 1000);
  return { value: { points, step }, source: sourceOf(words, longest(views)), at };
}

function longest(views: readonly View[]): View {
  const length = (view: View): number => [...view.metrics.values()][0]?.length ?? 0;
  return [...views].sort((a, b) => length(b) - length(a))[0] ?? { labels: {}, metrics: new Map() };
}

/** What ended long ago is not weighed against what goes on. */
function best({ now }: Question, candidates: readonly (Fact<Series> | undefined)[]): Fact<Series> | undefined {
  const found = candidates.filter((one) => one !== undefined);
  const alive = found.filter(({ at }) => now - Date.parse(at) / 1000 <= 2 * halfHour);
  return bestHistory(alive.length === 0 ? found : alive);
}
