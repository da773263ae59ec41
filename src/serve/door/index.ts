import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Store } from '../../store/index.ts';
import type { Metrics } from '../metrics.ts';
import { alertmanagerDoor, type AlertmanagerDoor } from './alertmanager.ts';
import type { HookSecret } from '../instruments.ts';
import type { Concern } from './hook.ts';
import { giteaDoor } from './gitea.ts';
import { githubDoor } from './github.ts';
import type { StateAccess } from './state-access.ts';
import { registerStateDoor } from './terraform-state.ts';

export interface DoorSetup extends Omit<AlertmanagerDoor, 'metrics'> {
  metrics: Metrics;
  /** The secret of the forge's web hooks, where the forge has such. */
  hook?: HookSecret | undefined;
  /** Where states of Terraform are kept, and what opens them; absent: nowhere here. */
  state?: { access: StateAccess; states: Store['states'] } | undefined;
  /** Which of the forge's events were taken already. */
  heard: Store['heard'];
  /** The forge says that something changed. */
  wake: (concern: Concern) => void;
  /** Asks the store and the forge; which of them answer, and why not. */
  ready: () => Promise<{ [part: string]: string }>;
  /** Brings the gauges up to date before they are read. */
  gauge: () => Promise<void>;
}

/** The side of machines: signals in, health and figures out. No cookie is read here, and no page is shown. */
export function registerDoor(app: Hono<{ Bindings: HttpBindings }>, setup: DoorSetup): void {
  app.post('/signals/alertmanager', alertmanagerDoor(setup));
  const { hook, wake, heard, metrics, log } = setup;
  const doors = { gitea: giteaDoor, github: githubDoor };
  if (hook !== undefined)
    app.post(`/signals/${hook.kind}`, doors[hook.kind]({ secret: hook.secret, wake, heard, metrics, log }));
  const { state, now } = setup;
  if (state !== undefined) registerStateDoor(app, { ...state, now, metrics, log });
  app.get('/healthz', (c) => c.text('ok\n'));
  app.get('/readyz', async (c) => {
    const parts = await setup.ready();
    const ready = Object.values(parts).every((state) => state === 'ok');
    return c.json({ ready, ...parts }, ready ? 200 : 503);
  });
  app.get('/metrics', async (c) => {
    await setup.gauge();
    const { type, text } = await setup.metrics.print();
    return c.body(text, 200, { 'content-type': type });
  });
}
