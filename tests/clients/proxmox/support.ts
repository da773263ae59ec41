import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { makeCertificates } from '../../../simulators/pve/certificates.ts';
import { proxmoxClient, type ProxmoxClient, type ProxmoxClientOptions } from '../../../src/clients/proxmox/index.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { GitmendError } from '../../../src/core/errors.ts';

export const secret = '5f0c1d2e-3b4a-4c5d-8e6f-7a8b9c0d1e2f';
export const token = `gitmend@pve!read=${secret}`;

/** A clock on which sleeping takes no real time. */
export function fakeClock(start = Date.parse('2026-11-20T03:34:10Z')): Clock & { slept: number[] } {
  let now = start;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    sleep: (milliseconds) => {
      slept.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    },
  };
}

export interface Arrival {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface TestServer {
  endpoint: string;
  port: number;
  ca: string;
  fingerprint: string;
  /** Every request that arrived whole. */
  arrivals: Arrival[];
}

type Handler = (arrival: Arrival, response: ServerResponse, request: IncomingMessage) => void;

/** A real https server on a free port of 127.0.0.1, closed with the test. */
export async function serve(
  handler: Handler,
  { names = ['127.0.0.1'], madeAt = Date.now() }: { names?: string[]; madeAt?: number } = {},
): Promise<TestServer> {
  const certificates = makeCertificates(names, madeAt);
  const arrivals: Arrival[] = [];
  const server = createServer({ cert: certificates.certPem, key: certificates.keyPem }, (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const arrival = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      arrivals.push(arrival);
      handler(arrival, response, request);
    });
  });
  server.on('connection', (socket: Socket) => rawSockets.set(socket.remotePort ?? 0, socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  const { caPem: ca, fingerprint } = certificates;
  return { endpoint: `https://127.0.0.1:${port}`, port, ca, fingerprint, arrivals };
}

/** By the caller's port: only the TCP socket below TLS can be reset. */
const rawSockets = new Map<number, Socket>();

/** Breaks the connection with a TCP reset. */
export function reset(request: IncomingMessage): void {
  rawSockets.get(request.socket.remotePort ?? 0)?.resetAndDestroy();
}

/** Answers as pveproxy does: JSON with `data`, the reason in the status line. */
export function answer(response: ServerResponse, status: number, body: unknown, reason = ''): void {
  response.writeHead(status, reason, { 'content-type': 'application/json;charset=UTF-8' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** A server that answers each path below /api2/json with the given data, and 501 to anything else. */
export async function canned(data: {
  [methodAndPath: string]: unknown;
}): Promise<TestServer & { client: ProxmoxClient }> {
  const server = await serve(({ method, url }, response) => {
    const path = url.replace('/api2/json', '').replace(/\?.*$/, '');
    const key = `${method} ${path}`;
    if (Object.hasOwn(data, key)) answer(response, 200, { data: data[key] });
    else answer(response, 501, { data: null }, `Method '${key}' not implemented`);
  });
  return { ...server, client: clientOf(server) };
}

export function clientOf(server: TestServer, options: Partial<ProxmoxClientOptions> = {}): ProxmoxClient {
  return proxmoxClient({
    cluster: 'home',
    endpoint: server.endpoint,
    token,
    ca: server.ca,
    clock: fakeClock(),
    ...options,
  });
}

/** The GitmendError that a promise rejects with; fails where it does not. */
export async function errorOf(promise: Promise<unknown>): Promise<GitmendError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof GitmendError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
