import { demandTokens } from '../cli/engines.ts';
import { openGround, readLocalConfig } from '../cli/ground.ts';
import type { Clock } from '../core/clock.ts';
import { stateAccessOf } from './door/state-access.ts';
import { doorTokenOf, hookSecretOf, openInstruments } from './instruments.ts';
import { closeListeners, type Listeners, openListeners } from './listeners.ts';
import type { ServeLog } from './log.ts';
import type { NewPerson } from './people.ts';
import type { Settings } from './settings.ts';
import { sharedPace } from './shared-pace.ts';

/** What the entry point brings. */
export interface ServeSetup {
  /** A clone of the infrastructure repository. */
  directory: string;
  account: string;
  env: { readonly [name: string]: string | undefined };
  clock: Clock;
  settings: Settings;
  /** One line of the structured log, with its line end. */
  write: (line: string) => void;
}

export interface Serving {
  /** `http://127.0.0.1:8788/signals/alertmanager` */
  door: string;
  /** `http://127.0.0.1:8787` */
  page: string;
  /** The first person, where this was the first start: printed once by the caller, and known to nobody afterwards. */
  person: NewPerson | undefined;
  /** Lets go of the ports, finishes what is under way or leaves it in the store, closes the store. */
  stop(): Promise<void>;
}

/** What has to be undone when a start fails, and at the end: the last first. */
export type Cleanup = (() => Promise<void>)[];

/**
 * Starts the doors, the healing, the planning and the page, with read credentials alone. Resolves once the store and the
 * forge have answered and requests are served. Throws coded errors: DOOR_UNGUARDED, WEBHOOK_UNGUARDED, TERRAFORM_STATE_UNGUARDED, ENV_MISSING, ADDRESS_IN_USE,
 * GIT_TOO_OLD, FORGE_NOT_FOUND, STORE_… .
 */
export async function startServe(setup: ServeSetup): Promise<Serving> {
  const config = await readLocalConfig(setup.directory);
  const doorToken = doorTokenOf(config, setup.env);
  demandTokens(config.clusters, 'read', setup.env);
  const hook = hookSecretOf(config, setup.env);
  const stateAccess = stateAccessOf(config, setup.env);
  const listeners = await openListeners(setup.settings);
  const cleanup: Cleanup = [() => closeListeners(listeners, 0)];
  try {
    const { directory, account, env, clock } = setup;
    // Git answers while everything else is loaded: that is most of the time that a start takes.
    let heard: ServeLog = () => undefined;
    const log: ServeLog = (...said) => heard(...said);
    const pace = sharedPace(clock);
    const opening = openGround({ directory, role: 'read', account, env, clock, log, shared: pace });
    const [{ startService }, instruments, ground] = await Promise.all([
      import('./service.ts'),
      openInstruments(setup, config),
      opening,
    ]);
    heard = instruments.log;
    const doors = { doorToken, hook, stateAccess, listeners };
    const started = await startService({ setup, config, ...doors, ground, pace, ...instruments }, cleanup);
    return { ...started, stop: () => stopAll(listeners, cleanup, heard) };
  } catch (error) {
    for (const undo of cleanup) await undo();
    throw error;
  }
}

async function stopAll(listeners: Listeners, cleanup: Readonly<Cleanup>, log: ServeLog): Promise<void> {
  log('stopping');
  // First no new work, then what is under way, then the store that it is written to.
  await closeListeners(listeners, 5000);
  for (const undo of cleanup) await undo();
  log('stopped');
}
