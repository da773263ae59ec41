import type { Facts } from '../../core/fact.ts';
import { byId, byInstance, type Question, samples, sourceOf } from './guest.ts';
import { fact, fraction } from './now.ts';
import { newest, rateOf, type View } from './views.ts';

const waiting = (who: 'node' | 'container', what: 'cpu' | 'io'): string =>
  `${who}_pressure_${what}_waiting_seconds_total`;
const periods = 'container_cpu_cfs_periods_total';
const throttled = 'container_cpu_cfs_throttled_periods_total';

// Half of the thirty minutes at least.
const least = 900;

/** Thirty minutes of CPU: who waited for it, who was held back, and whether it was the CPU at all. */
export async function cpuNow(question: Question): Promise<Facts> {
  if (question.request.guest.type === 'lxc') {
    const metrics = [waiting('container', 'cpu'), waiting('container', 'io'), periods, throttled];
    return ofContainer(await samples(question, metrics, byId(question), '30m'));
  }
  const instance = byInstance(question);
  if (instance === undefined) return {};
  const [pressure, times] = await Promise.all([
    samples(question, [waiting('node', 'cpu'), waiting('node', 'io')], instance, '30m'),
    samples(question, ['node_cpu_seconds_total'], { mode: { oneOf: ['iowait', 'steal'] }, ...instance }, '30m'),
  ]);
  return {
    ...stalled(pressure, waiting('node', 'cpu'), 'guest.psi.cpu.some.inside'),
    ...stalled(pressure, waiting('node', 'io'), 'guest.psi.io.some.inside'),
    ...share(times, 'iowait'),
    ...share(times, 'steal'),
  };
}

function ofContainer(host: readonly View[]): Facts {
  const limited = newest(host, [periods, throttled])?.view;
  const all = rateOf(limited?.metrics.get(periods), least);
  const held = rateOf(limited?.metrics.get(throttled), least);
  return {
    ...stalled(host, waiting('container', 'cpu'), 'guest.psi.cpu.some.30m'),
    ...stalled(host, waiting('container', 'io'), 'guest.psi.io.some.30m'),
    ...(limited && all && held && all.rate > 0
      ? { 'guest.cpu.throttled': fact(sourceOf(throttled, limited), held.at)(held.rate / all.rate) }
      : {}),
  };
}

type StallFact = `guest.psi.${'cpu' | 'io'}.some.${'30m' | 'inside'}`;

function stalled(views: readonly View[], metric: string, name: StallFact): Facts {
  const view = newest(views, [metric])?.view;
  const seen = rateOf(view?.metrics.get(metric), least);
  if (view === undefined || seen === undefined) return {};
  return { [name]: fact(sourceOf(metric, view), seen.at)(fraction(seen.rate)) };
}

/** The mean over the VM's CPUs of the share of time in one mode. One exporter: that of the newest sample. */
function share(views: readonly View[], mode: 'iowait' | 'steal'): Facts {
  const metric = 'node_cpu_seconds_total';
  const newestView = newest(
    views.filter(({ labels }) => labels['mode'] === mode),
    [metric],
  )?.view;
  if (newestView === undefined) return {};
  const exporter = exporterOf(newestView);
  const cpus = views.filter((view) => view.labels['mode'] === mode && exporterOf(view) === exporter);
  const rates = cpus.flatMap((view) => rateOf(view.metrics.get(metric), least) ?? []);
  if (rates.length < cpus.length) return {};
  const mean = rates.reduce((sum, { rate }) => sum + rate, 0) / rates.length;
  const at = Math.min(...rates.map((rate) => rate.at));
  return { [`guest.cpu.${mode}`]: fact(sourceOf(`${metric} ${mode}`, newestView), at)(fraction(mean)) };
}

function exporterOf({ labels }: View): string {
  const rest = Object.entries(labels).filter(([label]) => label !== 'cpu' && label !== 'mode');
  return JSON.stringify(rest.sort(([a], [b]) => (a < b ? -1 : 1)));
}
