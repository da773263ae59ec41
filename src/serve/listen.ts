import { createServer, type Server } from 'node:http';
import type { AddressInfo, DropArgument } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import { GitmendError } from '../core/errors.ts';
import { most, openCrowd } from './crowd.ts';
import { type Address, printAddress } from './settings.ts';

type Answer = (request: Request, env: HttpBindings) => Response | Promise<Response>;

/** A connection that was not let in: its address holds its share already, or the listener is full. */
export interface Turned {
  reason: 'address' | 'full';
  address: string;
  /** How many that address holds. */
  held: number;
}

export interface Listening {
  /** With the port that the system gave, where 0 was asked. */
  address: Address;
  /** Whether requests are served: before, each is answered with 503. */
  serve(answer: Answer): void;
  /** Who hears of connections that are not let in. */
  hear(turned: (one: Turned) => void): void;
  /** No new connection; resolves when what is under way was answered, or after `patience` milliseconds. */
  stop(patience: number): Promise<void>;
}

/** Milliseconds that a client may take: for its headers, and for a whole request (git pushes the largest ones). */
const patience = {
  headersTimeout: 10_000,
  requestTimeout: 300_000,
  keepAliveTimeout: 15_000,
  connectionsCheckingInterval: 2_000,
};

/** Listens, or says why not: ADDRESS_IN_USE, ADDRESS_UNUSABLE. */
export async function listen(what: string, wanted: Address): Promise<Listening> {
  const { getRequestListener } = await import('@hono/node-server');
  let answer: Answer = () => new Response('starting\n', { status: 503, headers: { 'retry-after': '1' } });
  const listener = getRequestListener((request, env) => answer(request, env as HttpBindings), {
    overrideGlobalObjects: false,
  });
  const server = createServer(
    { ...patience, maxHeaderSize: 16 * 1024 },
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
  let turned: (one: Turned) => void = () => undefined;
  bounded(server, (one) => turned(one));
  const { port } = await bound(server, what, wanted);
  return {
    address: { host: wanted.host, port },
    serve: (next) => (answer = next),
    hear: (next) => (turned = next),
    stop: (milliseconds) => stopped(server, milliseconds),
  };
}

/** No address takes all of it: a forge's web hook and a health check get through beside who only opens and waits. */
function bounded(server: Server, turned: (one: Turned) => void): void {
  const crowd = openCrowd();
  server.maxConnections = most;
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    if (crowd.enter(address)) {
      socket.once('close', () => crowd.leave(address));
      return;
    }
    socket.destroy();
    turned({ reason: 'address', address, held: crowd.held(address) });
  });
  server.on('drop', (dropped?: DropArgument) => {
    const address = dropped?.remoteAddress ?? '';
    turned({ reason: 'full', address, held: crowd.held(address) });
  });
}

async function bound(server: Server, what: string, wanted: Address): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code === 'EADDRINUSE' ? 'ADDRESS_IN_USE' : 'ADDRESS_UNUSABLE';
      reject(
        new GitmendError(code, `the ${what} cannot listen on ${printAddress(wanted)} (${error.code ?? ''})`, {
          cause: error,
        }),
      );
    });
    server.listen({ host: wanted.host, port: wanted.port }, () => resolve(server.address() as AddressInfo));
  });
}

async function stopped(server: Server, milliseconds: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), milliseconds);
  await closed;
  clearTimeout(timer);
}
