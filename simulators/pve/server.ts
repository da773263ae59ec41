import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { authenticate } from './authentication.ts';
import { PveError } from './errors.ts';
import type { Fault, Faults } from './faults.ts';
import type { Lab, Trouble } from './lab.ts';
import type { Received } from './receive.ts';
import { receive } from './receive.ts';
import type { Reply } from './reply.ts';
import { failure, plain, send, success } from './reply.ts';
import { answer } from './router.ts';

/** One request as the log keeps it. */
export interface LoggedRequest {
  /** Milliseconds since the epoch on the lab's clock. */
  at: number;
  method: string;
  /** Below /api2/json. */
  path: string;
  parameters: Record<string, unknown>;
  /** The token's id, never its secret; absent where none was accepted. */
  token?: string;
  /** The status that was sent, or `none` where a fault sent nothing. */
  status: number | 'none';
  /** `data` of an answer with 200, also where a fault kept it from being sent. */
  data?: unknown;
  /** The fault that struck. */
  fault?: Fault['fault'];
}

export interface Handling {
  lab: Lab;
  faults: Faults;
  /** Real milliseconds that a refused login waits. */
  loginDelay: number;
  log: (request: LoggedRequest) => void;
}

/** Answers one HTTP request as pveproxy would, or as the armed fault has it. */
export async function handle(handling: Handling, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const received = await receive(request);
  const { method, path, parameters } = received;
  const entry: LoggedRequest = { at: handling.lab.now(), method, path, parameters, status: 'none' };
  const fault = handling.faults.take(method, path);
  if (fault) entry.fault = fault.fault;
  const reply = received.refusal ?? authenticated(handling, request, received, entry, fault);
  if (fault?.fault === 'slow') await pause(fault.milliseconds);
  // "always delay unauthorized calls by 3 seconds" (pve-http-server)
  if (reply.status === 401) await pause(handling.loginDelay);
  const silent = fault !== undefined && /^(timeout|reset)-/.test(fault.fault);
  if (!silent) entry.status = reply.status;
  handling.log(entry);
  if (fault?.fault.startsWith('reset-') === true) request.socket.resetAndDestroy();
  if (!silent) send(response, reply);
}

function authenticated(
  handling: Handling,
  request: IncomingMessage,
  received: Received,
  entry: LoggedRequest,
  fault: Fault | undefined,
): Reply {
  const { lab } = handling;
  const token = authenticate(lab.world, request.headers.authorization, lab.now());
  // A refused login says so in the status line and has no body.
  if (typeof token === 'string') return plain(401, token, '');
  entry.token = token.id;
  const instead = replyInstead(fault);
  if (instead) return instead;
  lab.settle();
  try {
    const { data, total } = answer(lab, { ...received, token, trouble: troubleOf(fault) });
    entry.data = structuredClone(data ?? null);
    return fault?.fault === 'error-596-after' ? gaveUp(fault.message) : success(data, total);
  } catch (error) {
    if (error instanceof PveError) return failure(error);
    throw error;
  }
}

const gaveUp = (message = 'Connection timed out'): Reply => plain(596, message, '');

// Faults that strike before the effect.
function replyInstead(fault: Fault | undefined): Reply | undefined {
  if (fault?.fault === 'error-500') return failure(new PveError(500, `${fault.message ?? 'simulated failure'}\n`));
  if (fault?.fault === 'error-596') return gaveUp(fault.message);
  return fault?.fault === 'timeout-before' || fault?.fault === 'reset-before' ? plain(500, '') : undefined;
}

function troubleOf(fault: Fault | undefined): Trouble {
  if (fault?.fault === 'locked') return { lock: fault.lock ?? 'backup' };
  if (fault?.fault === 'task-failure') return { taskFailure: fault.message };
  return fault?.fault === '400-after-write' ? { writtenThenRefused: true } : {};
}
