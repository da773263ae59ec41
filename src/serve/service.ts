import type { Config } from '../core/config.ts';
import type { Ground } from '../deliver/world.ts';
import { openStore } from '../store/index.ts';
import type { StateAccess } from './door/state-access.ts';
import { countingForge } from './forge-writes.ts';
import { printHolder, releaseLeftovers } from './holder.ts';
import type { Cleanup, ServeSetup, Serving } from './index.ts';
import { type HookSecret, secretsOf } from './instruments.ts';
import { type Listeners, origin } from './listeners.ts';
import type { ServeLog } from './log.ts';
import { lateLoops } from './late-loops.ts';
import type { Metrics } from './metrics.ts';
import { firstPerson } from './people.ts';
import { serveOn } from './routes.ts';
import type { sharedPace } from './shared-pace.ts';
import { printAddress } from './settings.ts';
import { storeFile } from './store-file.ts';
import { openTeller } from './teller.ts';

/** What a start has opened before the service itself is put together. */
export interface Opened {
  setup: ServeSetup;
  config: Config;
  doorToken: string;
  hook: HookSecret | undefined;
  stateAccess: StateAccess | undefined;
  listeners: Listeners;
  ground: Ground;
  pace: ReturnType<typeof sharedPace>;
  log: ServeLog;
  metrics: Metrics;
}

/** Store, people, loops and routes, in that order: requests are answered once everything behind them is there. */
export async function startService(opened: Opened, cleanup: Cleanup): Promise<Omit<Serving, 'stop'>> {
  const { setup, config, doorToken, hook, stateAccess, listeners, log, metrics } = opened;
  const { clock, env, settings } = setup;
  const ground = countedGround(opened);
  metrics.build.set({ version: ground.tools['gitmend'] ?? '' }, 1);
  const store = await openStore({ url: settings.database, file: storeFile(ground.repo.folder), clock });
  cleanup.unshift(() => store.close());
  // A file has one service; a server may have several, and the forge counts what they write together.
  if (store.engine === 'postgres') opened.pace.join(store.cursors);
  const person = await firstPerson(store.accounts, config.approvers, setup.account);
  if (person === undefined && (await store.accounts.list()).length === 0)
    log('nobody-can-log-in', { why: 'approvers names no person', next: 'gitmend serve --add-person NAME' });
  const holder = printHolder(ground.machine);
  await releaseLeftovers({ store, machine: ground.machine, log });
  const page = settings.urls[0] ?? origin(listeners.page);
  const teller = openTeller({
    deps: { outbox: store.outbox, env, holder, secrets: secretsOf(setup, config) },
    ...{ page, log, configured: config.notify, now: () => clock.now() },
  });
  const hand = { directory: setup.directory, account: setup.account, env: { ...env } };
  const loops = lateLoops({ ground, store, metrics, log, clock, holder, teller, hand });
  cleanup.unshift(() => loops.stop());
  serveOn({ setup, doorToken, hook, stateAccess, ground, store, metrics, log, loops, listeners });
  log('serving', { page: origin(listeners.page), door: printAddress(listeners.door.address), store: store.engine });
  return { door: `${origin(listeners.door)}/signals/alertmanager`, page, person };
}

function countedGround({ ground, metrics }: Opened): Ground {
  const forge = countingForge(ground.forge, (intent, result) => metrics.forgeWrites.inc({ intent, result }));
  return { ...ground, forge };
}
