import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { registerPage } from '../web/index.ts';
import { registerDoor } from './door/index.ts';
import type { StateAccess } from './door/state-access.ts';
import type { Ground } from '../deliver/world.ts';
import type { Store } from '../store/index.ts';
import type { ServeSetup } from './index.ts';
import type { HookSecret } from './instruments.ts';
import type { Turned } from './listen.ts';
import type { Listeners } from './listeners.ts';
import type { ServeLog } from './log.ts';
import type { Loops } from './loops.ts';
import type { Metrics } from './metrics.ts';
import { readiness } from './readiness.ts';
import { ownOrigins } from './settings.ts';

/** Everything that the routes need, constructed once. */
export interface App {
  setup: ServeSetup;
  doorToken: string;
  hook: HookSecret | undefined;
  stateAccess: StateAccess | undefined;
  ground: Ground;
  store: Store;
  metrics: Metrics;
  log: ServeLog;
  loops: Loops;
  listeners: Listeners;
}

/** Puts the routes on the listeners: from here on requests are answered. */
export function serveOn(app: App): void {
  const { page, door } = app.listeners;
  const [pages, doors] = [newApp(app.log), page === door ? undefined : newApp(app.log)];
  // Where both share a listener the door's routes come first: machines bring no Origin, and call it by any name.
  registerDoor(doors ?? pages, {
    token: app.doorToken,
    hook: app.hook,
    state: app.stateAccess && { access: app.stateAccess, states: app.store.states },
    wake: (concern) => app.loops.heard(concern),
    heard: app.store.heard,
    inbox: app.store.inbox,
    now: () => app.setup.clock.now(),
    metrics: app.metrics,
    log: app.log,
    poke: () => app.loops.inboxHasWork(),
    ready: readiness({ store: () => app.store.check(), forge: askForge(app) }, app.setup.clock),
    gauge: () => app.loops.gauge(),
  });
  registerPage(pages, {
    ground: app.ground,
    store: app.store,
    clock: app.setup.clock,
    metrics: app.metrics,
    log: app.log,
    origins: ownOrigins(page.address, app.setup.settings.urls),
    picture: () => app.loops.picture(),
    poke: () => app.loops.somethingChanged(),
  });
  const turned = tellTurned(app);
  for (const one of new Set([page, door])) one.hear(turned);
  page.serve((request, env) => pages.fetch(request, env));
  if (doors !== undefined) door.serve((request, env) => doors.fetch(request, env));
}

/** Counts each, and writes a line once a minute: a flood of them is not to become one of the log. */
function tellTurned({ metrics, log, setup: { clock } }: App): (one: Turned) => void {
  let [quiet, since] = [0, 0];
  return ({ reason, address, held }) => {
    metrics.turnedConnections.inc({ reason });
    since += 1;
    if (clock.now() < quiet) return;
    log('connections-refused', { reason, address, held, count: since }, 'warn');
    [quiet, since] = [clock.now() + 60_000, 0];
  };
}

function newApp(log: ServeLog): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.notFound((c) => c.text('there is nothing here\n', 404));
  app.onError((error, c) => {
    log(
      'request-failed',
      { method: c.req.method, path: c.req.path.slice(0, 200), message: error.message, stack: error.stack },
      'error',
    );
    return c.text('INTERNAL: gitmend met a state it did not think of; the log says more\n', 500);
  });
  return app;
}

/** Only what is new since the last answer: a forge with thousands of pull requests is not to list them for a probe. */
function askForge({ ground }: App): () => Promise<void> {
  let seen: string | undefined;
  return async () => {
    seen = (await ground.forge.changedSince(seen)).cursor;
  };
}
