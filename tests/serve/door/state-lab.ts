import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { onTestFinished } from 'vitest';
import { runProgram, type ProgramRun } from '../../../src/appliers/program.ts';
import { type StateAccess, stateAccessOf } from '../../../src/serve/door/state-access.ts';
import { registerStateDoor } from '../../../src/serve/door/terraform-state.ts';
import { listen } from '../../../src/serve/listen.ts';
import { openMetrics } from '../../../src/serve/metrics.ts';
import type { Store } from '../../../src/store/index.ts';
import type { TestClock } from '../../support/test-clock.ts';

export const readPassword = 'the-password-of-who-reads';
export const writePassword = 'the-password-of-who-writes';
export const key = Buffer.alloc(32, 7).toString('base64');
export const otherKey = Buffer.alloc(32, 9).toString('hex');

/** What a start makes of these variables. */
export function accessOf(env: { [name: string]: string } = {}, formerKeys: string[] = []): StateAccess {
  const setting = {
    ...{ url: 'http://127.0.0.1:8788', read: { env: 'READ' }, write: { env: 'WRITE' }, key: { env: 'KEY' } },
    formerKeys: formerKeys.map((name) => ({ env: name })),
  };
  const terraform = { program: 'terraform', providers: [], modules: [], environment: {}, timeout: 60, lockTimeout: 0 };
  const values = { READ: readPassword, WRITE: writePassword, KEY: key, ...env };
  const access = stateAccessOf({ terraform: { ...terraform, state: setting } }, values);
  if (access === undefined) throw new Error('there is no such door');
  return access;
}

export interface StateLab {
  url: string;
  port: number;
  logged: string[];
  ask(method: string, path: string, asked?: Asked): Promise<Response>;
  sample(name: string): Promise<number>;
  stop(): Promise<void>;
}

interface Asked {
  body?: string;
  /** `read`, `write`, or a header as it is; '' for none. */
  as?: string;
  headers?: { [name: string]: string };
}

/** The door for states on a real listener, with this store. */
export async function stateDoor(
  { store, clock }: { store: Store; clock: TestClock },
  access: StateAccess = accessOf(),
  port = 0,
): Promise<StateLab> {
  const metrics = openMetrics();
  const logged: string[] = [];
  const listening = await listen('door', { host: '127.0.0.1', port });
  const app = new Hono<{ Bindings: HttpBindings }>();
  registerStateDoor(app, {
    ...{ access, metrics, states: store.states, now: () => clock.now() },
    log: (event, details) => logged.push(JSON.stringify({ event, ...details })),
  });
  listening.serve((request, env) => app.fetch(request, env));
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= listening.stop(100));
  onTestFinished(stop);
  const { port: own } = listening.address;
  const url = `http://127.0.0.1:${own}`;
  return {
    ...{ url, port: own, logged, stop },
    ask: (method, path, { body, as = 'write', headers = {} } = {}) =>
      fetch(`${url}/terraform/state/${path}`, {
        method,
        headers: { ...authorization(as), ...headers },
        ...(body === undefined ? {} : { body }),
      }),
    sample: async (name) => {
      const line = (await metrics.print()).text.split('\n').find((one) => one.startsWith(`${name} `));
      return Number(line?.slice(name.length + 1) ?? 0);
    },
  };
}

function authorization(as: string): { authorization?: string } {
  if (as === '') return {};
  const password = { read: readPassword, write: writePassword }[as];
  return { authorization: password === undefined ? as : basic(as, password) };
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** A state as Terraform writes it, with a secret in it. */
export function stateText(serial: number, more: { [key: string]: unknown } = {}): string {
  const resources = [
    { type: 'terraform_data', name: 'a', instances: [{ attributes: { input: 'hunter2-in-a-state' } }] },
  ];
  const lineage = 'd7043a50-9702-f35c-f38b-a425ada3cf8d';
  return JSON.stringify({ version: 4, terraform_version: '1.11.4', serial, lineage, outputs: {}, resources, ...more });
}

export function lockText(id: string, who = 'alice@desk'): string {
  const [Version, Created] = ['1.11.4', '2026-11-20T03:00:00Z'];
  return JSON.stringify({ ID: id, Operation: 'OperationTypeApply', Info: '', Who: who, Version, Created, Path: '' });
}

export interface Workspace {
  folder: string;
  /** Writes the stack with this value in its one resource. */
  write(input: string): void;
  run(args: string[], as?: 'read' | 'write', more?: { [name: string]: string }): Promise<ProgramRun & { said: string }>;
}

/** A stack of the builtin provider, which nothing has to be downloaded for, with its state at this door. */
export function workspace(
  { url }: Pick<StateLab, 'url'>,
  { program = 'terraform', stack = 'guests', retries = 0 } = {},
): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'gitmend-state-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const address = `${url}/terraform/state/${stack}`;
  // Each wait would be a second.
  const http = { address, lock_address: address, unlock_address: address, retry_max: retries };
  const write = (input: string): void =>
    writeFileSync(
      join(folder, 'main.tf.json'),
      JSON.stringify({ terraform: { backend: { http } }, resource: { terraform_data: { a: { input } } } }),
    );
  write('first');
  return {
    folder,
    write,
    run: async (args, as = 'write', more = {}) => {
      const env = {
        ...{ PATH: process.env['PATH'] ?? '', HOME: folder, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' },
        ...{ TF_HTTP_USERNAME: as, TF_HTTP_PASSWORD: as === 'read' ? readPassword : writePassword },
        ...more,
      };
      const ended = await runProgram(program, args, { folder, env, timeout: 50 });
      return { ...ended, said: `${ended.stdout}${ended.stderr}` };
    },
  };
}

/** Terraform and OpenTofu, as far as they are here. */
export const programs = ['terraform', 'tofu'].filter(
  (program) => spawnSync(program, ['version'], { stdio: 'ignore' }).status === 0,
);
