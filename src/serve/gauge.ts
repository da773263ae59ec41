import type { Store } from '../store/index.ts';
import type { Picture } from '../web/view/picture.ts';
import type { Metrics } from './metrics.ts';
import { runsByOutcome } from './observe.ts';

/** Brings the gauges up to date: asked for by whoever reads the metrics, so that nothing is counted for nobody. */
export async function gauge(metrics: Metrics, store: Store, { truth, open, divergences }: Picture): Promise<void> {
  const [incoming, outgoing] = await Promise.all([store.inbox.counts(), store.outbox.counts()]);
  metrics.waiting.set({ box: 'in' }, incoming.waiting + incoming.taken);
  metrics.waiting.set({ box: 'out' }, outgoing.waiting + outgoing.taken);
  metrics.waiting.set({ box: 'dead' }, incoming.dead + outgoing.dead);
  metrics.open.set({ state: 'pull-requests' }, open.length);
  metrics.open.set({ state: 'unapproved' }, divergences.length);
  metrics.open.set({ state: 'verifying' }, truth?.journals.length ?? 0);
  for (const [outcome, count] of runsByOutcome(truth ?? { records: [] })) metrics.runs.set({ outcome }, count);
}
