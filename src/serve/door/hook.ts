import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { isGitmendError } from '../../core/errors.ts';
import type { Heard } from '../../store/index.ts';
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
  /** Which events were taken already, here or by another replica. */
  heard: Pick<Heard, 'take'>;
  metrics: Pick<Metrics, 'deliveries'>;
  log: ServeLog;
  limits?: Partial<BodyLimits>;
  /** Milliseconds that an event waits for the store at most. */
  storePatience?: number;
}

/** What an event is about, by its name: only which look comes first depends on it. */
export type Concern = 'comments' | 'issues' | 'pull-requests' | 'checks' | 'anything';

type Header = (name: string) => string | undefined;

/** What one forge does differently. */
export interface HookKind {
  door: 'gitea' | 'github';
  /** Milliseconds that the forge itself waits for an answer. */
  patience: number;
  /** The hexadecimal digits, where the request has any. */
  signature: (header: Header) => string | undefined;
  isSigned: (body: string, signature: string) => boolean;
  /** The forge's own number of this delivery: the same when it is sent again. */
  delivery: (header: Header) => string | undefined;
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

/** Milliseconds: a store that is slow or away may cost a look too many, and never makes an event late. */
const storePatience = 250;

/**
 * An event only says "look at this again". Nothing of it is believed or acted upon, and nothing but a digest that tells it
 * apart is stored: what is so now is read from the forge, so a lost, repeated or forged-in-content event costs time and
 * nothing else. One that was taken already wakes nobody; should its wake have died with the process that took it, the start
 * of the next one and every poll look anyway.
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
  setup: HookDoor,
  kind: HookKind,
  header: Header,
): Promise<Answer> {
  const signature = kind.signature(header);
  if (!looksSigned(signature)) return judged(kind, false, header);
  const body = await readBody(incoming, { most, patience: kind.patience, ...setup.limits });
  if (!body.ok) return { status: body.status, reason: body.reason, words: body.why };
  const answer = judged(kind, kind.isSigned(body.text, signature), header);
  // Before the signature holds nothing is stored, and what wakes nobody need not be remembered.
  const known = answer.concern !== undefined && (await wasTaken(setup, kind, header, signature));
  return known ? { status: 200, reason: 'known', words: 'taken already' } : answer;
}

/** Whoever cannot tell looks: a wake too many costs a look, one too few costs until the next poll. */
async function wasTaken(setup: HookDoor, kind: HookKind, header: Header, signature: string): Promise<boolean> {
  const id = kind.delivery(header) ?? '';
  if (!/^[\w-]{1,64}$/.test(id)) return false;
  const late = Promise.withResolvers<'new'>();
  const timer = setTimeout(() => late.resolve('new'), setup.storePatience ?? storePatience);
  try {
    const taking = setup.heard.take({ door: kind.door, id, proof: signature.toLowerCase() });
    return (await Promise.race([taking, late.promise])) === 'known';
  } catch (error) {
    if (!isGitmendError(error)) throw error;
    setup.log('delivery-not-remembered', { door: kind.door, code: error.code, message: error.message }, 'warn');
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function judged({ unsigned, concern }: HookKind, signed: boolean, header: Header): Answer {
  if (!signed) return { status: 401, reason: 'signature', words: unsigned };
  const about = concern(header);
  return about === undefined
    ? { status: 200, reason: 'other-event', words: 'nothing to look at' }
    : { status: 200, reason: 'accepted', words: 'looking', concern: about };
}

/**
 * The same on every forge. Whatever gitmend writes itself comes back as an event: its statuses and check runs, the dashboard,
 * its comments and pull requests. So none of these is a reason to plan everything.
 */
export function concernOf(event: string | undefined = ''): Concern {
  if (event === 'issue_comment') return 'comments';
  if (/^issue(s|_assign|_label|_milestone)$/.test(event)) return 'issues';
  if (/^(status|check_suite|check_run|workflow_run|workflow_job)$/.test(event)) return 'checks';
  return /^pull_request(_|$)/.test(event) || event === 'push' ? 'pull-requests' : 'anything';
}
