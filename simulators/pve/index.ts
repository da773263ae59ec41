import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeCertificates } from './certificates.ts';
import type { Faults } from './faults.ts';
import { makeFaults } from './faults.ts';
import { makeLab } from './lab.ts';
import { homeLab } from './presets.ts';
import { memoryShort } from './scenarios.ts';
import type { LoggedRequest } from './server.ts';
import { handle } from './server.ts';
import type { World } from './world.ts';

export type { Fault, Faults, Injection } from './faults.ts';
export type { Load } from './load.ts';
export { GiB, MiB, usageAt } from './load.ts';
export * from './presets.ts';
export * from './scenarios.ts';
export type { LoggedRequest } from './server.ts';
export type { Guest, Node, Storage, Task, Token, World } from './world.ts';

export interface PveOptions {
  /** The lab; without one, `homeLab` in the scenario *memory*. */
  world?: World;
  /** 0, a free one, unless told. */
  port?: number;
  /** The lab's clock; real time unless told. */
  clock?: { now: () => number };
  /** How long a task takes on that clock; 0 unless told, so a UPID is finished when it is first asked for. */
  taskSeconds?: number;
  /** Real milliseconds before a refused login is answered: 0 here, 3000 in PVE. */
  loginDelay?: number;
  /** Sees every finished request, e.g. to hold it against the API's own description. */
  onRequest?: (request: LoggedRequest) => void;
}

/** A running stand-in for Proxmox VE. */
export interface Pve {
  /** `https://127.0.0.1:PORT`; the API is below `/api2/json`. */
  endpoint: string;
  port: number;
  /** The CA to trust. */
  caPem: string;
  /** SHA-256 of the server's certificate, `AA:BB:…`. */
  fingerprint: string;
  /** The lab's state: read it, change it. */
  world: World;
  faults: Faults;
  /** Every request so far, the ones that got no answer included. */
  requests: LoggedRequest[];
  /** Milliseconds since the epoch on the lab's clock. */
  now: () => number;
  /** Lets the lab's time pass: tasks end, leaks grow. */
  advance: (seconds: number) => void;
  /** Ends all connections, also those that a fault left hanging. */
  close: () => Promise<void>;
}

/** Starts the simulator on 127.0.0.1. TLS 1.3 only, as bpg/proxmox demands by default; its own CA, made at each start. */
export async function startPve(options: PveOptions = {}): Promise<Pve> {
  const clock = options.clock ?? { now: () => Date.now() };
  const world = options.world ?? memoryShort(homeLab(clock.now()), clock.now());
  // Certificates are judged by the caller's real clock, whatever the lab's says.
  const certificates = makeCertificates(['127.0.0.1', 'localhost', ...world.nodes.keys()], Date.now());
  const lab = makeLab({ world, clock, taskSeconds: options.taskSeconds ?? 0, fingerprint: certificates.fingerprint });
  const faults = makeFaults();
  const requests: LoggedRequest[] = [];
  const log = (request: LoggedRequest): void => {
    requests.push(request);
    options.onRequest?.(request);
  };
  const handling = { lab, faults, log, loginDelay: options.loginDelay ?? 0 };
  const server = createServer(
    { cert: certificates.certPem, key: certificates.keyPem, minVersion: 'TLSv1.3' },
    (request, response) =>
      void handle(handling, request, response).catch((error: unknown) => response.destroy(asError(error))),
  );
  const port = await listen(server, options.port ?? 0);
  const endpoint = `https://127.0.0.1:${port}`;
  const { caPem, fingerprint } = certificates;
  const { now, advance } = lab;
  return { endpoint, port, caPem, fingerprint, world, faults, requests, now, advance, close: () => close(server) };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
