import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { ServeLog } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { type BodyLimits, readBody } from './body.ts';
import { signedBy } from './signature.ts';

export interface GiteaDoor {
  /** What the web hook on Gitea is set up with. */
  secret: string;
  /** Something may have changed: plan and look now. */
  wake: () => void;
  metrics: Pick<Metrics, 'deliveries'>;
  log: ServeLog;
  limits?: Partial<BodyLimits>;
}

/** An event holds the whole pull request, its body included; Gitea gives up after 5 seconds. */
const limits: BodyLimits = { most: 4 * 1024 * 1024, patience: 5_000 };

interface Answer {
  status: 200 | 400 | 401 | 408 | 413;
  reason: string;
  words: string;
}

/**
 * `POST /signals/gitea`: an event only says "look at this again". Nothing of it is believed, stored or acted upon: what
 * is so now is read from the forge, so a lost, repeated or forged-in-content event costs time and nothing else. Gitea's
 * events carry GitHub's headers as well; the path tells the two forges apart.
 */
export function giteaDoor(setup: GiteaDoor): (c: Context<{ Bindings: HttpBindings }>) => Promise<Response> {
  const isSigned = signedBy(setup.secret);
  return async (c) => {
    const body = await readBody(c.env.incoming, { ...limits, ...setup.limits });
    const answer = body.ok
      ? judged(isSigned(body.text, c.req.header('x-gitea-signature')))
      : { status: body.status, reason: reasons[body.status], words: body.why };
    const accepted = answer.status === 200;
    const result = accepted ? 'accepted' : 'refused';
    setup.metrics.deliveries.inc({ door: 'gitea', result, reason: answer.reason });
    if (accepted) setup.wake();
    else setup.log('delivery-refused', { door: 'gitea', status: answer.status, reason: answer.reason }, 'warn');
    return c.text(`${answer.words}\n`, answer.status, accepted ? {} : { connection: 'close' });
  };
}

function judged(signed: boolean): Answer {
  if (signed) return { status: 200, reason: 'accepted', words: 'looking' };
  const words =
    'X-Gitea-Signature is missing or wrong: give the web hook the secret that forge.webhookSecret names, and application/json';
  return { status: 401, reason: 'signature', words };
}

const reasons = { 400: 'cut', 408: 'slow', 413: 'large' } as const;
