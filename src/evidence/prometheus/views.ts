import type { PrometheusSeries } from '../../clients/prometheus/index.ts';
import type { Point } from '../../core/statistics.ts';

/** What one exporter says of one thing: every metric whose other labels are the same, by name. Oldest first. */
export interface View {
  labels: { readonly [label: string]: string };
  metrics: ReadonlyMap<string, readonly Point[]>;
}

/** Series by exporter. The order is always the same: by the labels as text. */
export function viewsOf(series: readonly PrometheusSeries[]): View[] {
  const views = new Map<string, { labels: View['labels']; metrics: Map<string, readonly Point[]> }>();
  for (const { labels, points } of series) {
    const { __name__: metric = '', ...rest } = labels;
    const key = keyOf(rest);
    const view = views.get(key) ?? { labels: rest, metrics: new Map<string, readonly Point[]>() };
    view.metrics.set(metric, points);
    views.set(key, view);
  }
  return [...views.values()].sort((a, b) => (keyOf(a.labels) < keyOf(b.labels) ? -1 : 1));
}

/** The newest moment at which an exporter gave all of these metrics, with their values in that order. */
export function together(view: View, metrics: readonly string[]): { at: number; values: number[] } | undefined {
  const [first, ...others] = metrics.map((metric) => new Map(view.metrics.get(metric) ?? []));
  const times = [...(first?.keys() ?? [])].filter((at) => others.every((points) => points.has(at)));
  if (first === undefined || times.length === 0) return undefined;
  const at = Math.max(...times);
  return { at, values: [first, ...others].map((points) => points.get(at) ?? NaN) };
}

/**
 * One of several exporters that say the same thing, never a sum: the one with the newest sample; of equals the first.
 * `undefined` where none has all of these metrics.
 */
export function newest(
  views: readonly View[],
  metrics: readonly string[],
): { view: View; at: number; values: number[] } | undefined {
  const found = views.flatMap((view) => {
    const sample = together(view, metrics);
    return sample === undefined ? [] : [{ view, ...sample }];
  });
  return found.sort((a, b) => b.at - a.at)[0];
}

/**
 * How fast a counter of seconds or events rose between its first and its last sample, per second. A counter that fell
 * began again at zero. `undefined` with fewer than two samples, or where they span less than `least` seconds.
 */
export function rateOf(points: readonly Point[] | undefined, least: number): { at: number; rate: number } | undefined {
  const first = points?.[0];
  const last = points?.at(-1);
  if (points === undefined || first === undefined || last === undefined || last[0] - first[0] < least) return undefined;
  const rises = risesOf(points).map(([, rise]) => rise);
  return { at: last[0], rate: rises.reduce((sum, rise) => sum + rise, 0) / (last[0] - first[0]) };
}

/** How much a counter rose from each sample to the next; what stands after a fall was counted since the fall. */
export function risesOf(points: readonly Point[]): Point[] {
  return points.slice(1).map(([at, value], index) => {
    const before = points[index]?.[1] ?? 0;
    return [at, value >= before ? value - before : value];
  });
}

/** The views joined on one line: that of the most points, and others only where it has none. Never a sum. */
export function oneLine(lines: readonly (readonly Point[])[]): Point[] {
  const [longest = [], ...others] = [...lines].sort((a, b) => b.length - a.length);
  const line = new Map(longest);
  for (const [at, value] of others.flat()) if (!line.has(at)) line.set(at, value);
  return [...line].sort(([a], [b]) => a - b);
}

function keyOf(labels: View['labels']): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
