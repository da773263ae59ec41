import { isoTime } from '../../core/clock.ts';
import type { Fact, Facts } from '../../core/fact.ts';
import type { Point } from '../../core/statistics.ts';
import { byId, byInstance, called, gap, type Question, samples, sourceOf } from './guest.ts';
import { newest, rateOf, together, type View } from './views.ts';

const container = {
  workingSet: 'container_memory_working_set_bytes',
  usage: 'container_memory_usage_bytes',
  swap: 'container_memory_swap',
} as const;
const stalls = { some: 'waiting', full: 'stalled' } as const;
const meminfo = (field: string): string => `node_memory_${field}_bytes`;
const pressure = (who: 'node' | 'container', kind: 'some' | 'full'): string =>
  `${who}_pressure_memory_${stalls[kind]}_seconds_total`;

const fromHost = [
  ...Object.values(container),
  ...['pve_memory_size_bytes', 'pve_guest_info'],
  ...[pressure('container', 'some'), pressure('container', 'full')],
];
const fromInside = [
  ...['MemTotal', 'MemFree', 'MemAvailable', 'Inactive_file', 'SwapTotal', 'SwapFree'].map(meminfo),
  ...['node_vmstat_pswpin', pressure('node', 'some'), pressure('node', 'full')],
];

/** The live figures of memory, each with the time of its own sample: a query's own time would make old ones young. */
export async function memoryNow(question: Question): Promise<Facts> {
  const instance = byInstance(question);
  const [host, inside, root] = await Promise.all([
    samples(question, fromHost, byId(question), '5m'),
    instance === undefined ? [] : samples(question, fromInside, instance, '5m'),
    instance === undefined ? [] : samples(question, Object.values(container), { id: '/', ...instance }, '5m'),
  ]);
  const known = host.filter((view) => isCalledSo(question, view, host));
  const own = inside.filter((view) => isInside(question, view, known));
  const vm = question.request.guest.type === 'qemu';
  return vm ? ofMachine(question, own) : { ...ofContainer(question, known, own, root), ...lasting(known) };
}

/** The exporter of Proxmox VE names its guests: one that is called otherwise is another cluster's. */
function isCalledSo({ request }: Question, view: View, host: readonly View[]): boolean {
  if (request.name === undefined || view.labels['id']?.startsWith('/') === true) return true;
  const sameExporter = ({ labels }: View): boolean =>
    labels['instance'] === view.labels['instance'] && labels['job'] === view.labels['job'];
  const info = host.filter((other) => other.metrics.has('pve_guest_info') && sameExporter(other));
  return info.length === 0 || info.some(({ labels }) => labels['name'] === request.name);
}

// Without lxcfs a container sees its host's memory; and what has more than the guest is another machine.
function isInside(question: Question, view: View, host: readonly View[]): boolean {
  const total = together(view, [meminfo('MemTotal')])?.values[0];
  const cap = newest(host, ['pve_memory_size_bytes'])?.values[0];
  if (total === undefined || cap === undefined || total <= cap * 1.01) return true;
  gap(question, `${sourceOf(meminfo('MemTotal'), view)} is more memory than the guest has: it shows its host’s`);
  return false;
}

/** The working set of a container, shared memory included: `memory.current − inactive_file`. */
function ofContainer(question: Question, host: readonly View[], inside: readonly View[], root: readonly View[]): Facts {
  const cgroup = newest(host, [container.workingSet]) ?? newest(root, [container.workingSet]);
  const fields = [meminfo('MemTotal'), meminfo('MemFree'), meminfo('Inactive_file')];
  const lxcfs = newest(inside, fields);
  if (cgroup !== undefined) return ofControlGroup(cgroup.view);
  if (lxcfs !== undefined) {
    const words = 'node_memory: MemTotal − MemFree − Inactive_file';
    return {
      ...figure(lxcfs.view, 'guest.memory.workingSet', fields, words, (total, free, cache) => total - free - cache),
      ...figure(lxcfs.view, 'guest.memory.cache', [meminfo('Inactive_file')]),
    };
  }
  gap(question, `no working set: neither cAdvisor nor a node_exporter whose instance is ${called(question)} gives one`);
  return {};
}

function ofControlGroup(view: View): Facts {
  const { workingSet, usage, swap } = container;
  return {
    ...figure(view, 'guest.memory.workingSet', [workingSet]),
    ...figure(view, 'guest.memory.cache', [usage, workingSet], `${usage} − working set`, (all, set) => all - set),
    ...figure(view, 'guest.swap.used', [swap]),
  };
}

/** Five minutes of stalls of a container's control group. */
function lasting(host: readonly View[]): Facts {
  return {
    ...stalled(host, 'container', 'some', 'guest.psi.memory.some.5m'),
    ...stalled(host, 'container', 'full', 'guest.psi.memory.full.5m'),
  };
}

/** What a VM sees of itself. Inside a container its figures of pressure, swapping and kills would be the host's. */
function ofMachine(question: Question, inside: readonly View[]): Facts {
  const [total, available, free] = [meminfo('MemTotal'), meminfo('MemAvailable'), meminfo('MemFree')];
  const [swapTotal, swapFree] = [meminfo('SwapTotal'), meminfo('SwapFree')];
  const view = newest(inside, [total, available])?.view;
  if (view === undefined) {
    gap(question, `no MemAvailable: no node_exporter whose instance is ${called(question)}, a port may follow`);
    return {};
  }
  const swapIn = rateOf(lastSeconds(view.metrics.get('node_vmstat_pswpin'), 120), 10);
  const cache = `${available} − MemFree`;
  return {
    ...figure(view, 'guest.memory.available', [available]),
    ...figure(view, 'guest.memory.cache', [available, free], cache, (most, least) => Math.max(most - least, 0)),
    ...figure(view, 'guest.swap.used', [swapTotal, swapFree], `${swapTotal} − SwapFree`, (all, left) => all - left),
    ...figure(view, 'guest.swap.cap', [swapTotal]),
    ...(swapIn && { 'guest.swapIn': fact(sourceOf('node_vmstat_pswpin', view), swapIn.at)(swapIn.rate) }),
    ...stalled([view], 'node', 'some', 'guest.psi.memory.some.inside'),
    ...stalled([view], 'node', 'full', 'guest.psi.memory.full.inside'),
  };
}

type Figure = `guest.memory.${'workingSet' | 'available' | 'cache'}` | `guest.swap.${'used' | 'cap'}`;

/** One fact from metrics of the same scrape; none where the exporter does not give them all. */
function figure(
  view: View,
  name: Figure,
  metrics: readonly string[],
  words = metrics[0] ?? '',
  compute: (...values: [number, number, number]) => number = (value) => value,
): Facts {
  const seen = together(view, metrics);
  if (seen === undefined) return {};
  const value = compute(...(seen.values as [number, number, number]));
  return { [name]: fact(sourceOf(words, view), seen.at)(value) };
}

type StallFact = `guest.psi.memory.${'some' | 'full'}.${'5m' | 'inside'}`;

function stalled(views: readonly View[], who: 'node' | 'container', kind: 'some' | 'full', name: StallFact): Facts {
  const metric = pressure(who, kind);
  const view = newest(views, [metric])?.view;
  // Half of the five minutes at least: a shorter stretch is a moment, not a mean.
  const seen = rateOf(view?.metrics.get(metric), 150);
  if (view === undefined || seen === undefined) return {};
  return { [name]: fact(sourceOf(metric, view), seen.at)(fraction(seen.rate)) };
}

/** Seconds stalled per second. Scrapes are not exactly on time, so a little over one is one. */
export function fraction(rate: number): number {
  return rate > 1 && rate <= 1.05 ? 1 : rate;
}

function lastSeconds(points: readonly Point[] | undefined, seconds: number): readonly Point[] {
  const last = points?.at(-1)?.[0] ?? 0;
  return (points ?? []).filter(([at]) => at >= last - seconds);
}

/** A fact with its source and the time of its sample in seconds. */
export function fact(source: string, at: number): <T>(value: T) => Fact<T> {
  return (value) => ({ value, source, at: isoTime(at * 1000) });
}
