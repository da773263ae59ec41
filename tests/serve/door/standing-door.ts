import { connect } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/cli/clock.ts';
import { registerDoor } from '../../../src/serve/door/index.ts';
import type { HookSecret } from '../../../src/serve/instruments.ts';
import { listen } from '../../../src/serve/listen.ts';
import { openMetrics } from '../../../src/serve/metrics.ts';
import { openStore, type Store } from '../../../src/store/index.ts';

export const token = 'a-token-for-the-door-of-tests';

export interface StandingDoor {
  url: string;
  port: number;
  store: Store;
  /** Value of one sample of /metrics; 0 where there is none. */
  sample(name: string): Promise<number>;
  /** Everything in the inbox, whatever state it is in. */
  stored(): Promise<number>;
  logged: string[];
  /** How often the planning was woken. */
  wakened: { times: number };
  /** How often somebody was sent to the inbox. */
  poked: { times: number };
}

export interface DoorOptions {
  token?: string;
  patience?: number;
  inbox?: Pick<Store['inbox'], 'accept'>;
  /** Which events were taken: another one than the store's, where that shall be slow, away or somebody else's. */
  heard?: Store['heard'];
  ready?: { [part: string]: string };
  giteaSecret?: string;
  githubSecret?: string;
}

/** The door on a real listener with a real store, for one test. */
export async function standingDoor(options: DoorOptions = {}): Promise<StandingDoor> {
  const folder = await mkdtemp(join(tmpdir(), 'gitmend-door-'));
  const store = await openStore({ file: join(folder, 'store.sqlite'), clock: systemClock });
  const metrics = openMetrics();
  const logged: string[] = [];
  const [wakened, poked] = [{ times: 0 }, { times: 0 }];
  const listening = await listen('door', { host: '127.0.0.1', port: 0 });
  const app = new Hono<{ Bindings: HttpBindings }>();
  registerDoor(app, {
    token: options.token ?? token,
    inbox: options.inbox ?? store.inbox,
    now: () => systemClock.now(),
    metrics,
    hook: hookOf(options),
    wake: () => void (wakened.times += 1),
    heard: options.heard ?? store.heard,
    log: (event, details) => logged.push(JSON.stringify({ event, ...details })),
    poke: () => void (poked.times += 1),
    limits: { patience: options.patience ?? 5000 },
    ready: async () => options.ready ?? { store: 'ok', forge: 'ok' },
    gauge: async () => undefined,
  });
  listening.serve((request, env) => app.fetch(request, env));
  onTestFinished(async () => {
    await listening.stop(100);
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${listening.address.port}`;
  return {
    url,
    port: listening.address.port,
    store,
    logged,
    wakened,
    poked,
    sample: async (name) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = text.split('\n').find((one) => one.startsWith(`${name} `));
      return Number(line?.slice(name.length + 1) ?? 0);
    },
    stored: async () => {
      const { waiting, taken, done, dead } = await store.inbox.counts();
      return waiting + taken + done + dead;
    },
  };
}

function hookOf({ giteaSecret, githubSecret }: DoorOptions): HookSecret | undefined {
  if (giteaSecret !== undefined) return { kind: 'gitea', secret: giteaSecret };
  return githubSecret === undefined ? undefined : { kind: 'github', secret: githubSecret };
}

/** Writes bytes to the door by hand and answers what came back until the connection ended. */
export async function rawRequest(
  port: number,
  write: (send: (text: string) => boolean, leave: () => void) => void,
): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () =>
      write(
        (text) => socket.writable && socket.write(text),
        () => socket.end(),
      ),
    );
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}
