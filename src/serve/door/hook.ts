import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { ServeLog } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { type BodyLimits, readBody } from './body.ts';
import { looksSigned } from './signature.ts';

/** What a door for a forge's web hooks is opened with. */
export interface HookDoor {
  /** What the web hook on the forge is set up with. */
  secret: string;
  /** Something may have changed: look now. */
  wake: (concern: Concern) => void;
  metrics: Pick<Metrics, 'deliveries'>;
  log: ServeLog;
  limits?: Partial<BodyLimits>;
}

/** What an event is about, by its name: only which look comes first depends on it. */
export type Concern = 'comments' | 'pull-requests' | 'anything';

type Header = (name: string) => string | undefined;

/** What one forge does differently. */
export interface HookKind {
  door: 'gitea' | 'github';
  /** Milliseconds that the forge itself waits for an answer. */
  patience: number;
  /** The hexadecimal digits, where the request has any. */
  signature: (header: Header) => string | undefined;
  isSigned: (body: string, signature: string) => boolean;
  /** Said to whoever is not let in. */
  unsigned: string;
  /** What the event is about; `undefined` for one that changes nothing. */
  concern: (header: Header) => Concern | undefined;
}

interface Answer {
  status: 200 | 400 | 401 | 408 | 413 | 415;
  reason: string;
  words: string;
  concern?: Concern;
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
    const header: Header = (name) => c.req.header(name);
    const answer = await received(c.env.incoming, setup, kind, header);
    const accepted = answer.status === 200;
    const result = accepted ? 'accepted' : 'refused';
    setup.metrics.deliveries.inc({ door: kind.door, result, reason: answer.reason });
    if (answer.concern !== undefined) setup.wake(answer.concern);
    if (!accepted)
      setup.log('delivery-refused', { door: kind.door, status: answer.status, reason: answer.reason }, 'warn');
    return c.text(`${answer.words}\n`, answer.status, accepted ? {} : { connection: 'close' });
  };
}

async function received(
  incoming: HttpBindings['incoming'],
  { limits }: HookDoor,
  kind: HookKind,
  header: Header,
): Promise<Answer> {
  const signature = kind.signature(header);
  if (!looksSigned(signature)) return judged(kind, false, header);
  const body = await readBody(incoming, { most, patience: kind.patience, ...limits });
  if (!body.ok) return { status: body.status, reason: body.reason, words: body.why };
  return judged(kind, kind.isSigned(body.text, signature), header);
}

function judged({ unsigned, concern }: HookKind, signed: boolean, header: Header): Answer {
  if (!signed) return { status: 401, reason: 'signature', words: unsigned };
  const about = concern(header);
  return about === undefined
    ? { status: 200, reason: 'other-event', words: 'nothing to look at' }
    : { status: 200, reason: 'accepted', words: 'looking', concern: about };
}

/** The same on every forge. */
export function concernOf(event: string | undefined): Concern {
  if (event === 'issue_comment') return 'comments';
  return event === 'pull_request' || event === 'push' ? 'pull-requests' : 'anything';
}
