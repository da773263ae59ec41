import { isoTime } from '../../core/clock.ts';
import type { Facts } from '../../core/fact.ts';
import type { Point } from '../../core/statistics.ts';
import { selector } from '../../clients/prometheus/index.ts';
import { byInstance, over, type Question, samples, sourceOf } from './guest.ts';
import { fact } from './now.ts';
import { newest, oneLine, risesOf, type View } from './views.ts';

/** The OOM kills that were seen in the window: when, and how many at once. */
export interface Kills {
  facts: Facts;
  /** Seconds since the epoch. */
  times: number[];
}

const none: Kills = { facts: {}, times: [] };

/**
 * OOM kills of this guest: of a container by its control group, as cAdvisor on the host counts them; of a VM by its own
 * kernel. Inside a container `node_vmstat_oom_kill` counts the whole host's, so it is not asked. A counter that nobody
 * gives now is no evidence that nothing was killed.
 */
export async function killsOf(question: Question): Promise<Kills> {
  const lxc = question.request.guest.type === 'lxc';
  const metric = lxc ? 'container_oom_events_total' : 'node_vmstat_oom_kill';
  const where = lxc ? { id: `/lxc/${question.request.guest.vmid}` } : byInstance(question);
  if (where === undefined) return none;
  // At least what a verification watches: a look asks for no days.
  const days = Math.max(question.request.days, 26 / 24);
  const [live, lines] = await Promise.all([
    samples(question, [metric], where, '5m'),
    over(question, selector({ __name__: metric, ...where }), { days, step: 300 }),
  ]);
  const now = newest(live, [metric]);
  if (now === undefined) return none;
  const seen = oneLine(lines.map((view) => risesOf(view.metrics.get(metric) ?? [])));
  const since = lastStretch(now.view, metric, seen.at(-1)?.[0] ?? 0);
  const kills = [...seen, ...since].filter(([, count]) => count > 0);
  const as = fact(sourceOf(metric, now.view), now.at);
  const last = await lastTime(question, metric, where, kills.at(-1)?.[0]);
  const count = kills.reduce((sum, [, killed]) => sum + killed, 0);
  return {
    facts: {
      'guest.oomKills': as(Math.round(count)),
      ...(last === undefined ? {} : { 'guest.oomKills.last': as(isoTime(last * 1000)) }),
    },
    times: kills.map(([at]) => at),
  };
}

/** What happened after the last point of the grid. */
function lastStretch(view: View, metric: string, from: number): Point[] {
  const points = view.metrics.get(metric) ?? [];
  const before = points.findLast(([at]) => at <= from);
  return before === undefined ? [] : risesOf([before, ...points.filter(([at]) => at > from)]);
}

/**
 * When the last kill was: the sample that first shows it, less the time since the one before (at most a minute). Never
 * later than it was, so that a kill from before a change does not count as one after it.
 */
async function lastTime(
  question: Question,
  metric: string,
  where: Parameters<typeof selector>[0],
  seen: number | undefined,
): Promise<number | undefined> {
  if (seen === undefined) return undefined;
  const views = await samples(question, [metric], where, '10m', seen);
  const found = views.flatMap((view) => {
    const points = view.metrics.get(metric) ?? [];
    const rises = risesOf(points);
    const index = rises.findLastIndex(([, rise]) => rise > 0);
    const [before, at] = [points[index]?.[0], rises[index]?.[0]];
    return before === undefined || at === undefined ? [] : [Math.max(before, at - 60)];
  });
  return found.length === 0 ? seen - 300 : Math.max(...found);
}
