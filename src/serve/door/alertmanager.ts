import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { isGitmendError } from '../../core/errors.ts';
import { doors } from '../../signals/index.ts';
import type { DeliveredAlert } from '../../signals/alertmanager/index.ts';
import type { Store } from '../../store/index.ts';
import { correlationOf } from '../../core/correlation.ts';
import type { ServeLog } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { type BodyLimits, readBody } from './body.ts';
import { bearerIs } from './token.ts';

export interface AlertmanagerDoor {
  /** What Alertmanager presents as `authorization: { credentials: … }`. */
  token: string;
  inbox: Pick<Store['inbox'], 'accept'>;
  now: () => number;
  metrics: Pick<Metrics, 'deliveries' | 'acknowledged'>;
  log: ServeLog;
  /** Somebody shall look at the inbox. */
  poke: () => void;
  limits?: Partial<BodyLimits>;
}

/** A webhook of 5000 alerts is about 4 MiB, and comes from the same network. */
const limits: BodyLimits = { most: 4 * 1024 * 1024, patience: 10_000 };

/** What is answered to a delivery: a status that Alertmanager understands, and words for whoever reads its log. */
interface Answer {
  status: 200 | 400 | 401 | 408 | 413 | 415 | 422 | 503;
  reason: string;
  words: string;
}

/**
 * `POST /signals/alertmanager`: 2xx only once the delivery is on the disk; 4xx, which Alertmanager does not repeat, for
 * what will never be right, with everything that is wrong; 5xx, which it repeats, only when it could not be kept.
 */
export function alertmanagerDoor(
  setup: AlertmanagerDoor,
): (c: Context<{ Bindings: HttpBindings }>) => Promise<Response> {
  const mayEnter = bearerIs(setup.token);
  return async (c) => {
    const stop = setup.metrics.acknowledged.startTimer();
    const answer = mayEnter(c.req.header('authorization')) ? await receive(c.env.incoming, setup) : unauthorized;
    const accepted = answer.status === 200;
    setup.metrics.deliveries.inc({
      door: 'alertmanager',
      result: accepted ? 'accepted' : 'refused',
      reason: answer.reason,
    });
    if (accepted) stop();
    else setup.log('delivery-refused', { door: 'alertmanager', status: answer.status, reason: answer.reason }, 'warn');
    return c.text(`${answer.words}\n`, answer.status, headersFor(answer.status));
  };
}

/** A body that was not read to its end is not read any further: the connection ends with the answer. */
function headersFor(status: Answer['status']): { [name: string]: string } {
  if (status === 401) return { 'www-authenticate': 'Bearer', connection: 'close' };
  return status === 400 || status === 408 || status === 413 || status === 415 ? { connection: 'close' } : {};
}

const unauthorized: Answer = {
  status: 401,
  reason: 'token',
  words:
    'this door opens to the token that alertmanager.doorToken names: authorization: { credentials: … } in the http_config',
};

async function receive(incoming: HttpBindings['incoming'], setup: AlertmanagerDoor): Promise<Answer> {
  const body = await readBody(incoming, { ...limits, ...setup.limits });
  if (!body.ok) return { status: body.status, reason: body.reason, words: body.why };
  const read = doors.alertmanager.read(body.text);
  if (!read.ok)
    return { status: 422, reason: 'payload', words: `SIGNAL_INVALID: nothing was stored\n${read.problems.join('\n')}` };
  const { id, alerts } = read.delivery;
  try {
    const receivedAt = setup.now();
    const state = await setup.inbox.accept({ door: 'alertmanager', id, payload: body.text, receivedAt, again: true });
    setup.log('delivery-accepted', {
      door: 'alertmanager',
      delivery: short(id),
      state,
      alerts: alerts.length,
      correlation: correlations(alerts),
    });
    setup.poke();
    return { status: 200, reason: state, words: `${state} ${short(id)}` };
  } catch (error) {
    if (!isGitmendError(error)) throw error;
    setup.log('delivery-not-kept', { delivery: short(id), code: error.code, message: error.message }, 'error');
    return { status: 503, reason: error.code, words: `${error.code}: it could not be kept; send it again` };
  }
}

/** At most twenty: a storm shall not become a storm of log lines. */
function correlations(alerts: readonly DeliveredAlert[]): string[] {
  return [...new Set(alerts.slice(0, 1000).map(correlationOf))].slice(0, 20);
}

function short(id: string): string {
  return id.replace('sha256:', '').slice(0, 12);
}
