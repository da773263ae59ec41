import type { Clock } from '../core/clock.ts';
import { codedError, GitmendError } from '../core/errors.ts';
import type { Healed } from '../pipeline/heal.ts';
import type { Delivery, Store } from '../store/index.ts';
import { alertsIn, mostAlerts } from './batch.ts';
import { correlationOf } from '../core/correlation.ts';
import type { ServeLog } from './log.ts';
import type { Metrics } from './metrics.ts';

export interface InboxWorker {
  /** Diagnoses deliveries as one and acts on them: in this thread, or in one that was taken on for a storm. */
  heal: (payloads: readonly string[]) => Promise<Healed[]>;
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
/** Deliveries that are taken in one statement. */
const portion = 50;
/** Bytes of one look: below what the door's schema takes at once. */
const mostBytes = 3 * 1024 * 1024;

/** Takes what waits in the inbox as one batch, heals it, and marks it done. Returns how many deliveries that were. */
export async function workInbox(worker: InboxWorker): Promise<number> {
  const batch = await takeBatch(worker);
  if (batch.length === 0) return 0;
  const stop = worker.metrics.healed.startTimer();
  try {
    const healed = await worker.heal(batch.map(payloadOf));
    tell(worker, healed);
    const unseen = unseenOf(healed, batch);
    if (unseen !== undefined) throw unseen;
    await worker.inbox.allDone(batch);
    worker.metrics.passes.inc({ loop: 'heal', result: 'done' });
  } catch (error) {
    await putBack(worker, batch, error);
  } finally {
    stop();
  }
  return batch.length;
}

/** Looks after which missing evidence is an answer: by then it is not away for a moment. */
const mostBlindLooks = 6;

/**
 * An alert that nobody could look into is not dealt with: Alertmanager repeats it after hours only. A cluster that does
 * not answer is asked again until a person has to see it; evidence that is missing for good ends as `unknown`.
 */
function unseenOf(healed: readonly Healed[], batch: readonly Delivery[]): GitmendError | undefined {
  const blind = healed.flatMap((one) => (one.state === 'noted' && one.unseen !== undefined ? [one] : []));
  const found =
    blind.find(({ unseen }) => unseen === 'cluster') ??
    (batch.some(({ attempt }) => attempt >= mostBlindLooks) ? undefined : blind[0]);
  return found === undefined ? undefined : new GitmendError('PVE_UNREACHABLE', found.diagnosis.summary);
}

/**
 * What waits, as far as one look can hold it. Taken in portions, and between two of them the door is heard: it must not
 * wait for a storm to be counted.
 */
async function takeBatch({ inbox, holder }: InboxWorker): Promise<Delivery[]> {
  const first = await inbox.take(lease, holder);
  // One that failed before is looked at alone, so that it cannot drag others with it.
  if (first === undefined || first.attempt > 1) return first === undefined ? [] : [first];
  const batch = [first];
  let [bytes, alerts] = sizeOf(batch);
  while (bytes < mostBytes && alerts < mostAlerts) {
    await new Promise(setImmediate);
    const some = await inbox.takeFresh(lease, holder, portion);
    const [more, others] = sizeOf(some);
    [bytes, alerts] = [bytes + more, alerts + others];
    batch.push(...some);
    if (some.length < portion) break;
  }
  return batch;
}

/** Bytes and alerts. */
function sizeOf(deliveries: readonly Delivery[]): [number, number] {
  const payloads = deliveries.map(payloadOf);
  return [
    payloads.reduce((sum, { length }) => sum + length, 0),
    payloads.reduce((sum, payload) => sum + alertsIn(payload), 0),
  ];
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
  const failure = codedError(error);
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
