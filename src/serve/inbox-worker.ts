import type { Clock } from '../core/clock.ts';
import { GitmendError, isGitmendError } from '../core/errors.ts';
import type { Ground } from '../deliver/world.ts';
import { type Healed, healDelivery } from '../pipeline/heal.ts';
import type { Delivery, Store } from '../store/index.ts';
import { alertsIn, mergeDeliveries, mostAlerts } from './batch.ts';
import { correlationOf } from '../core/correlation.ts';
import type { ServeLog } from './log.ts';
import type { Metrics } from './metrics.ts';

export interface InboxWorker {
  ground: Ground;
  inbox: Store['inbox'];
  clock: Clock;
  metrics: Pick<Metrics, 'diagnoses' | 'healed' | 'passes'>;
  log: ServeLog;
  /** `host:pid`, for people who look into the store. */
  holder: string;
  /** Told what came of every look, for the page. */
  healed: (results: readonly Healed[]) => void;
}

/** Seconds that a look may take before another replica takes the deliveries over. */
const lease = 300;
/** Bytes of one look: below what the door's schema takes at once. */
const mostBytes = 3 * 1024 * 1024;

/** Takes what waits in the inbox as one batch, heals it, and marks it done. Returns whether there was anything. */
export async function workInbox(worker: InboxWorker): Promise<boolean> {
  const batch = await takeBatch(worker);
  if (batch.length === 0) return false;
  const stop = worker.metrics.healed.startTimer();
  try {
    const healed = await healDelivery(worker.ground, mergeDeliveries(batch.map(payloadOf)));
    tell(worker, healed);
    for (const delivery of batch) await worker.inbox.done(delivery);
    worker.metrics.passes.inc({ loop: 'heal', result: 'done' });
  } catch (error) {
    await putBack(worker, batch, error);
  } finally {
    stop();
  }
  return true;
}

async function takeBatch({ inbox, holder }: InboxWorker): Promise<Delivery[]> {
  const batch: Delivery[] = [];
  let [bytes, alerts] = [0, 0];
  while (bytes < mostBytes && alerts < mostAlerts) {
    const next = await inbox.take(lease, holder);
    if (next === undefined) break;
    const payload = payloadOf(next);
    [bytes, alerts] = [bytes + payload.length, alerts + alertsIn(payload)];
    batch.push(next);
    // One that failed before ends the batch, so that whatever it drags along is looked at alone the next time.
    if (next.attempt > 1) break;
  }
  return batch;
}

function payloadOf({ payload }: Delivery): string {
  return typeof payload === 'string' ? payload : JSON.stringify(payload);
}

/** Nothing is dropped: what failed waits, longer every time, and after the last attempt a person sees it. */
async function putBack(
  { inbox, clock, metrics, log }: InboxWorker,
  batch: readonly Delivery[],
  error: unknown,
): Promise<void> {
  const failure = isGitmendError(error)
    ? error
    : new GitmendError('INTERNAL', error instanceof Error ? error.message : String(error), { cause: error });
  for (const delivery of batch) {
    const wait = Math.min(15 * 60_000, 5_000 * 3 ** (delivery.attempt - 1));
    await inbox.failed(delivery, `${failure.code}: ${failure.message}`, clock.now() + wait);
  }
  metrics.passes.inc({ loop: 'heal', result: failure.code });
  const stack = failure.code === 'INTERNAL' && error instanceof Error ? { stack: error.stack } : {};
  log('heal-failed', { code: failure.code, message: failure.message, deliveries: batch.length, ...stack }, 'error');
}

function tell({ metrics, log, healed }: InboxWorker, results: readonly Healed[]): void {
  for (const one of results) {
    const { outcome, family, name, rule, signal } = one.diagnosis;
    metrics.diagnoses.inc({ outcome, family: family === '' ? 'none' : family });
    log('diagnosed', {
      correlation: correlationOf(signal),
      state: one.state,
      outcome,
      rule,
      target: name,
      ...('pullRequest' in one ? { pullRequest: one.pullRequest.number } : {}),
      ...('refusal' in one ? { refused: one.refusal.reason } : {}),
    });
  }
  healed(results);
}
