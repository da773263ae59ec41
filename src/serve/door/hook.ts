import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { ServeLog } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { type BodyLimits, readBody } from './body.ts';

/** What a door for a forge's web hooks is opened with. */
export interface HookDoor {
  /** What the web hook on the forge is set up with. */
  secret: string;
  /** Something may have changed: plan and look now. */
  wake: () => void;
  metrics: Pick<Metrics, 'deliveries'>;
  log: ServeLog;
  limits?: Partial<BodyLimits>;
}

/** What one forge does differently. */
export interface HookKind {
  door: 'gitea' | 'github';
  /** Milliseconds that the forge itself waits for an answer. */
  patience: number;
  isSigned: (body: string, header: (name: string) => string | undefined) => boolean;
  /** Said to whoever is not let in. */
  unsigned: string;
  /** Whether this event is one to look again after; every one, unless told. */
  wakes?: (header: (name: string) => string | undefined) => boolean;
}

interface Answer {
  status: 200 | 400 | 401 | 408 | 413;
  reason: string;
  words: string;
}

/** An event holds the whole pull request, its body included. */
const most = 4 * 1024 * 1024;

/**
 * An event only says "look at this again". Nothing of it is believed, stored or acted upon: what is so now is read from the
 * forge, so a lost, repeated or forged-in-content event costs time and nothing else.
 */
export function hookDoor(
  setup: HookDoor,
  kind: HookKind,
): (c: Context<{ Bindings: HttpBindings }>) => Promise<Response> {
  return async (c) => {
    const header = (name: string): string | undefined => c.req.header(name);
    const body = await readBody(c.env.incoming, { most, patience: kind.patience, ...setup.limits });
    const answer = body.ok
      ? judged(kind, kind.isSigned(body.text, header), header)
      : { status: body.status, reason: reasons[body.status], words: body.why };
    const accepted = answer.status === 200;
    const result = accepted ? 'accepted' : 'refused';
    setup.metrics.deliveries.inc({ door: kind.door, result, reason: answer.reason });
    if (answer.reason === 'accepted') setup.wake();
    if (!accepted)
      setup.log('delivery-refused', { door: kind.door, status: answer.status, reason: answer.reason }, 'warn');
    return c.text(`${answer.words}\n`, answer.status, accepted ? {} : { connection: 'close' });
  };
}

function judged(
  { unsigned, wakes = () => true }: HookKind,
  signed: boolean,
  header: (name: string) => string | undefined,
): Answer {
  if (!signed) return { status: 401, reason: 'signature', words: unsigned };
  return wakes(header)
    ? { status: 200, reason: 'accepted', words: 'looking' }
    : { status: 200, reason: 'other-event', words: 'nothing to look at' };
}

const reasons = { 400: 'cut', 408: 'slow', 413: 'large' } as const;
