import type { Probot } from 'probot';
import { systemClock } from './cli/clock.ts';
import { openGround } from './cli/ground.ts';
import { GitmendError } from './core/errors.ts';
import { wakingEvents } from './forges/github/events.ts';
import { planningPass } from './pipeline/deliver.ts';

/**
 * The Probot app, for who has Probot already and for registering gitmend's own App: `npm run app`. `gitmend serve` needs
 * none of it: its door takes the same events. Here too an event only wakes a pass that reads everything from the forge.
 */
export default function gitmend(app: Probot): void {
  const { env } = process;
  // Probot verifies with "development" where nobody gave it a secret, and everybody knows that one.
  if ((env['WEBHOOK_SECRET'] ?? '').trim() === '' || env['WEBHOOK_SECRET'] === 'development')
    throw new GitmendError('WEBHOOK_UNGUARDED', 'WEBHOOK_SECRET is not set: the secret of the App’s web hook');
  const directory = env['GITMEND_DIRECTORY'] ?? '.';
  const log = (event: string, facts: object = {}): void => app.log.info(facts, event);
  const account = env['GITMEND_BOT'] ?? 'gitmend';
  const pass = async (): Promise<void> => {
    await planningPass(await openGround({ directory, role: 'read', account, env, clock: systemClock, log }));
  };
  wakeOn(
    app,
    oneAtATime(pass, (error) => app.log.error(error)),
  );
}

/** Registers one listener for every event after which something may be different. Nothing of the event is read. */
export function wakeOn(app: Pick<Probot, 'on'>, wake: () => void): void {
  app.on([...wakingEvents], () => wake());
}

/** Runs a pass; whoever wakes it meanwhile gets one more after it, however often they do. */
export function oneAtATime(pass: () => Promise<void>, failed: (error: unknown) => void): () => void {
  let state: 'idle' | 'running' | 'again' = 'idle';
  const run = async (): Promise<void> => {
    do {
      state = 'running';
      await pass().catch(failed);
    } while ((state as string) === 'again');
    state = 'idle';
  };
  return () => {
    if (state === 'idle') void run();
    else state = 'again';
  };
}
