import type { Clock } from '../core/clock.ts';
import { codedError, GitmendError } from '../core/errors.ts';
import type { Healed } from '../pipeline/heal.ts';
import type { Delivery, Store } from '../store/index.ts';
import { alertsIn, mostAlerts } from '../signals/alertmanager/index.ts';
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
  /** What the store did not take yet: kept by the caller between two looks. */
  unsettled: (() => Promise<unknown>)[];
  /** Milliseconds between two renewals of the lease; a third of it unless told. */
  renewal?: number;
}

/** Seconds after which another replica takes the deliveries over, unless the lease is renewed: it is, as long as they are healed. */
const lease = 300;
/** Milliseconds between two renewals. */
const renewal = 100_000;
/** Deliveries that are taken in one statement. */
const portion = 50;
/** Bytes of one look: below what the door's schema takes at once. */
const mostBytes = 3 * 1024 * 1024;

/**
 * Takes what waits in the inbox as one batch, heals it, and marks it done; and after it one delivery that may itself be why
 * a look failed before, alone. Returns how many deliveries that were.
 */
export async function workInbox(worker: InboxWorker): Promise<number> {
  await settle(worker);
  const together: Delivery[] = [];
  await workOn(worker, together, () => takeTogether(worker, together));
  const alone: Delivery[] = [];
  await workOn(worker, alone, async () => {
    const suspect = await worker.inbox.take(lease, worker.holder);
    if (suspect !== undefined) alone.push(suspect);
  });
  return together.length + alone.length;
}

/** What could not be written back while the store was away is written first: else it would wait for its lease to run out. */
async function settle({ unsettled }: InboxWorker): Promise<void> {
  for (let next = unsettled[0]; next !== undefined; next = unsettled[0]) {
    await next();
    unsettled.shift();
  }
}

async function workOn(worker: InboxWorker, batch: Delivery[], take: () => Promise<void>): Promise<void> {
  const stop = worker.metrics.healed.startTimer();
  try {
    await take();
    if (batch.length === 0) return;
    const healed = await renewing(worker, batch, () => worker.heal(batch.map(payloadOf)));
    tell(worker, healed);
    const unseen = unseenOf(healed, batch);
    if (unseen !== undefined) throw unseen;
    await durably(worker, () => allDone(worker, batch));
    worker.metrics.passes.inc({ loop: 'heal', result: 'done' });
    stop();
  } catch (error) {
    await putBack(worker, batch, error);
    // Nothing was taken: it is the store itself, and the loop says so.
    if (batch.length === 0) throw error;
  }
}

/** Tries now, and else before the next look. */
async function durably(worker: InboxWorker, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    worker.unsettled.push(write);
    worker.log('inbox-unsettled', { code: codedError(error).code, message: codedError(error).message }, 'error');
  }
}

async function allDone({ inbox, log }: InboxWorker, batch: readonly Delivery[]): Promise<void> {
  const own = await inbox.allDone(batch);
  if (own < batch.length) log('lease-lost', { deliveries: batch.length, lost: batch.length - own }, 'warn');
}

async function renewing<T>(worker: InboxWorker, batch: readonly Delivery[], work: () => Promise<T>): Promise<T> {
  const renew = () =>
    worker.inbox.renewAll(batch, lease).catch((error: unknown) => {
      worker.log('lease-not-renewed', { code: codedError(error).code }, 'warn');
    });
  const timer = setInterval(() => void renew(), worker.renewal ?? renewal);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
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
async function takeTogether({ inbox, holder }: InboxWorker, batch: Delivery[]): Promise<void> {
  for (let [bytes, alerts] = [0, 0]; bytes < mostBytes && alerts < mostAlerts;) {
    const some = await inbox.takeTogether(lease, holder, portion);
    batch.push(...some);
    const [more, others] = sizeOf(some);
    [bytes, alerts] = [bytes + more, alerts + others];
    if (some.length < portion) return;
    await new Promise(setImmediate);
  }
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
async function putBack(worker: InboxWorker, batch: readonly Delivery[], error: unknown): Promise<void> {
  const { inbox, clock, metrics, log } = worker;
  const failure = codedError(error);
  for (const delivery of batch) {
    const wait = Math.min(15 * 60_000, 5_000 * 3 ** (delivery.attempt - 1));
    const at = clock.now() + wait;
    await durably(worker, () => inbox.failed(delivery, `${failure.code}: ${failure.message}`, at));
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
