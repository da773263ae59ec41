import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import { isGitmendError } from '../../core/errors.ts';
import type { Store } from '../../store/index.ts';
import { stackName, type StateRole } from '../../terraform/state/index.ts';
import { type Limiter, loginLimiter } from '../../web/limiter.ts';
import type { ServeLog } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { type BodyLimits, readBody } from './body.ts';
import { type StateAccess, stateRoleOf } from './state-access.ts';
import {
  deleteState,
  getLock,
  getState,
  lockState,
  md5Of,
  putState,
  sameMd5,
  type StateAnswer,
  type StateAsk,
  type StateShelf,
  unlockState,
} from './state-verbs.ts';

export interface StateDoor {
  access: StateAccess;
  states: Store['states'];
  now: () => number;
  metrics: Pick<Metrics, 'stateRequests'>;
  log: ServeLog;
  limits?: Partial<BodyLimits>;
}

/** A state of a hundred guests is about 1 MiB. */
export const largestState = 8 * 1024 * 1024;
const limits: BodyLimits = { most: largestState, patience: 60_000, hint: 'split the stack' };
/** What LOCK and UNLOCK carry is a few lines. */
const largestLock = 16 * 1024;

interface Verb {
  method: string;
  /** Behind the stack's name. */
  path?: string;
  do: (shelf: StateShelf, ask: StateAsk) => Promise<StateAnswer>;
  /** Who may; the writer always. */
  reader: boolean;
  /** Bytes of its body; 0: it has none. */
  most: number;
}

const verbs: readonly Verb[] = [
  { method: 'GET', do: getState, reader: true, most: 0 },
  { method: 'POST', do: putState, reader: false, most: largestState },
  { method: 'DELETE', do: deleteState, reader: false, most: 0 },
  { method: 'LOCK', do: lockState, reader: true, most: largestLock },
  { method: 'UNLOCK', do: unlockState, reader: true, most: largestLock },
  { method: 'GET', path: '/lock', do: getLock, reader: true, most: 0 },
];

/**
 * `/terraform/state/<stack>` as Terraform's and OpenTofu's `http` backend speaks, methods included. What is asked of the
 * store is answered once it is on the disk; 5xx, which Terraform repeats, only where it could not be kept.
 */
export function registerStateDoor(app: Hono<{ Bindings: HttpBindings }>, setup: StateDoor): void {
  const enter = doorkeeper(setup);
  for (const verb of verbs)
    app.on(verb.method, `/terraform/state/:stack${verb.path ?? ''}`, async (c) => {
      const answer = await answerTo(c, setup, verb, enter(c));
      setup.metrics.stateRequests.inc({ method: verb.method, result: answer.result });
      tell(setup.log, verb.method, c.req.param('stack'), answer);
      return c.body(answer.body, answer.status, headersOf(answer));
    });
}

type Entered = { role: StateRole } | StateAnswer;

/** The password is looked at first: whoever has a right one does not wait for what a neighbour behind the same proxy gets wrong. */
function doorkeeper({ access, now }: StateDoor): (c: Context<{ Bindings: HttpBindings }>) => Entered {
  const roleOf = stateRoleOf(access);
  const limiter: Limiter = loginLimiter(now);
  return (c) => {
    const who = c.env.incoming.socket.remoteAddress ?? '';
    const role = roleOf(c.req.header('authorization'));
    if (role !== undefined) {
      limiter.succeeded(who);
      return { role };
    }
    const wait = limiter.blocked(who);
    const slow = `too many wrong passwords from this address: wait ${wait} s\n`;
    if (wait > 0) return { status: 429, result: 'blocked', body: slow };
    limiter.failed(who);
    const words = 'this door opens to the users read and write, with the passwords that terraform.state names\n';
    return { status: 401, result: 'password', body: words };
  };
}

async function answerTo(
  c: Context<{ Bindings: HttpBindings }>,
  setup: StateDoor,
  verb: Verb,
  entered: Entered,
): Promise<StateAnswer> {
  if ('status' in entered) return entered;
  const stack = c.req.param('stack') ?? '';
  if (!stackName.test(stack))
    return { status: 404, result: 'name', body: 'a stack is called by letters, digits, _ and -\n' };
  if (entered.role === 'read' && !verb.reader)
    return { status: 403, result: 'role', body: 'the user read may read and lock, and not write\n' };
  const body = await bodyOf(c, verb, setup.limits);
  if ('status' in body) return body;
  const ask = { ...entered, stack, lock: c.req.query('ID'), forced: c.req.query('force') === 'true', text: body.text };
  try {
    return await verb.do({ states: setup.states, keys: setup.access.keys }, ask);
  } catch (error) {
    if (!isGitmendError(error)) throw error;
    setup.log('state-failed', { stack, code: error.code, message: error.message }, 'error');
    // Waiting opens no seal. What the store said may name its path: the log has it.
    return error.code === 'TERRAFORM_STATE_SEALED'
      ? { status: 500, result: error.code, body: `${error.print()}\n` }
      : { status: 503, result: error.code, body: `${error.code}: it could not be kept or read; ask again\n` };
  }
}

async function bodyOf(
  c: Context<{ Bindings: HttpBindings }>,
  { most }: Verb,
  own: Partial<BodyLimits> = {},
): Promise<{ text: string } | StateAnswer> {
  if (most === 0) return { text: '' };
  const body = await readBody(c.env.incoming, { ...limits, ...own, most: Math.min(most, own.most ?? most) });
  if (!body.ok) return { status: body.status, result: body.reason, body: `${body.why}\n` };
  if (sameMd5(body.text, c.req.header('content-md5'))) return { text: body.text };
  return { status: 400, result: 'md5', body: 'the body is not the one that its Content-MD5 was made of\n' };
}

/** Nobody on the way keeps a copy. A body that was not read is not read any further: the connection ends with the answer. */
function headersOf({ status, json, body }: StateAnswer): { [name: string]: string } {
  return {
    'cache-control': 'no-store',
    'content-type': json === true ? 'application/json' : 'text/plain; charset=utf-8',
    ...(status === 200 && json === true ? { 'content-md5': md5Of(body) } : {}),
    ...(status === 401 ? { 'www-authenticate': 'Basic realm="gitmend"' } : {}),
    ...([400, 401, 403, 408, 413, 415, 429].includes(status) ? { connection: 'close' } : {}),
  };
}

/** What was changed, and what was refused; never a body, never a password. Reading is not worth a line. */
function tell(log: ServeLog, method: string, stack: string, { status, result, details }: StateAnswer): void {
  if (status >= 400 && result !== 'absent') {
    const named = stackName.test(stack) ? { stack } : {};
    log('state-refused', { ...named, method, status, reason: result, ...details }, 'warn');
  } else if (method !== 'GET') log(`state-${result}`, { stack, ...details });
}
