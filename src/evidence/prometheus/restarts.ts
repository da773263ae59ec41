import { selector } from '../../clients/prometheus/index.ts';
import type { Facts } from '../../core/fact.ts';
import type { Point } from '../../core/statistics.ts';
import { byId, byInstance, over, type Question, sourceOf } from './guest.ts';
import { fact } from './now.ts';
import type { View } from './views.ts';

/** Starts of the guest by its uptime (of a VM also of its kernel), and OOM kills. Seconds since the epoch. */
export async function restartsOf(question: Question, kills: readonly number[]): Promise<Facts> {
  const { days, guest } = question.request;
  const uptime = selector({ __name__: 'pve_uptime_seconds', ...byId(question) });
  const instance = guest.type === 'qemu' ? byInstance(question) : undefined;
  const [uptimes, boots] = await Promise.all([
    over(question, uptime, { days, step: 300 }),
    instance === undefined
      ? []
      : over(question, selector({ __name__: 'node_boot_time_seconds', ...instance }), { days, step: 300 }),
  ]);
  const views = [...uptimes, ...boots];
  if (views.length === 0) return {};
  const oldest = question.now - days * 86_400;
  const starts = [
    ...uptimes.flatMap((view) => startsOf(pointsOf(view))),
    ...boots.flatMap((view) => pointsOf(view).map(([, at]) => at)),
  ];
  const times = [...starts, ...kills].filter((at) => at > oldest && at <= question.now).sort((a, b) => a - b);
  const [first] = views;
  return first === undefined
    ? {}
    : { 'guest.restarts': fact(sourceOf('pve_uptime_seconds', first), question.now)(apart(times)) };
}

/** When an uptime says that it began, each time that moves. A stopped guest has none. */
function startsOf(points: readonly Point[]): number[] {
  const begun = points.flatMap(([at, uptime]) => (uptime > 0 ? [at - uptime] : []));
  // A sample is up to five minutes older than its point, so less than ten minutes is the same start.
  return begun.filter((at, index) => index === 0 || at - (begun[index - 1] ?? at) > 600);
}

/** The same moment seen twice is one: by two exporters, or as a kill and the start that followed it. */
function apart(times: readonly number[]): number[] {
  const kept: number[] = [];
  for (const at of times) if (at - (kept.at(-1) ?? -Infinity) > 600) kept.push(Math.round(at));
  return kept;
}

function pointsOf(view: View): readonly Point[] {
  return [...view.metrics.values()][0] ?? [];
}
