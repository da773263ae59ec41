import type { NotifyConfig } from '../../src/core/config.ts';
import { notifier, type Notice } from '../../src/notify/index.ts';
import { emptyFile, opened } from '../store/engines.ts';
import { testClock } from '../support/test-clock.ts';

export const notice: Notice = {
  kind: 'needs-person',
  title: 'postgres: memory 2048 → 3072 MiB',
  text: 'Out of memory for 22 minutes.\nMerge to approve.',
  link: 'https://gitmend.home.lan/pulls/42',
  key: 'pull/42',
};

/** A notifier on a store of its own. */
export async function telling(
  configs: NotifyConfig[],
  env: { [name: string]: string } = {},
  { secrets = [] as string[], patience = 10_000 } = {},
) {
  const clock = testClock();
  const store = await opened({ ...(await emptyFile()), clock });
  const events: { event: string; [key: string]: unknown }[] = [];
  const log = (event: string, details: { [key: string]: unknown }): void => void events.push({ event, ...details });
  const make = (which: NotifyConfig[]) =>
    notifier(which, { outbox: store.outbox, env, holder: 'test:1', secrets, patience, log });
  return { ...make(configs), make, clock, store, events };
}
