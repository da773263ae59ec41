import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { makeFaults, type Faults } from '../../simulators/pve/faults.ts';
import { makeLab } from '../../simulators/pve/lab.ts';
import { handle, type LoggedRequest } from '../../simulators/pve/server.ts';
import type { World } from '../../simulators/pve/index.ts';
import type { Call, Exchange } from '../../src/clients/proxmox/transport.ts';

/** The simulator without sockets: a request is a call, and a timeout takes no time. */
export interface DirectPve {
  endpoint: string;
  world: World;
  faults: Faults;
  requests: LoggedRequest[];
  exchange(call: Call): Promise<Exchange>;
}

/**
 * Every request goes through the simulator's own handling; only the wire is left out. `seen` is told of each before the
 * next one is handled.
 */
export function directPve(
  world: World,
  clock: { now: () => number },
  seen: (request: LoggedRequest) => void = () => undefined,
): DirectPve {
  const lab = makeLab({ world, clock, taskSeconds: 0, fingerprint: '' });
  const faults = makeFaults();
  const requests: LoggedRequest[] = [];
  const log = (request: LoggedRequest): void => {
    requests.push(request);
    seen(request);
  };
  const handling = { lab, faults, loginDelay: 0, log };
  return {
    ...{ endpoint: 'https://pve1.home.lan:8006', world, faults, requests },
    async exchange(call) {
      const answer = new AnswerSink();
      const socket = { reset: false, resetAndDestroy: () => void (socket.reset = true) };
      const { pathname, search } = call.url;
      const headers = {
        ...call.headers,
        ...(call.body === undefined ? {} : { 'content-length': String(call.body.length) }),
      };
      const body = Readable.from(call.body === undefined || call.body === '' ? [] : [Buffer.from(call.body)]);
      const request = Object.assign(body, { url: `${pathname}${search}`, method: call.method, headers, socket });
      await handle(handling, request as unknown as IncomingMessage, answer as unknown as ServerResponse);
      if (socket.reset)
        return broken('reset', 'ECONNRESET', 'the connection broke before the answer was whole (ECONNRESET)');
      if (!answer.ended) return broken('timeout', 'TIMEOUT', 'it did not answer in time');
      return { ok: true, answer: { status: answer.status, statusMessage: answer.message, body: answer.body } };
    },
  };
}

const plugged = new Map<string, DirectPve>();

/** Puts a simulator in the place of what listens at its endpoint, for `exchangeDirectly`. */
export function plugIn(pve: DirectPve): void {
  plugged.set(pve.endpoint, pve);
}

/** Stands in for the transport's `exchange`: `vi.mock('…/transport.ts', …)`. */
export async function exchangeDirectly(call: Call): Promise<Exchange> {
  const pve = plugged.get(call.url.origin);
  if (pve === undefined) throw new Error(`nothing is plugged in at ${call.url.origin}`);
  return pve.exchange(call);
}

function broken(kind: 'reset' | 'timeout', code: string, reason: string): Exchange {
  return { ok: false, fault: { kind, sent: true, code, reason } };
}

/** The part of a ServerResponse that the simulator writes to. */
class AnswerSink {
  status = 0;
  message = '';
  body = '';
  ended = false;

  writeHead(status: number, message: string): void {
    [this.status, this.message] = [status, message];
  }

  end(body: string): void {
    [this.body, this.ended] = [body, true];
  }
}
