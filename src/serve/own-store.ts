import { openGround } from '../cli/ground.ts';
import type { Clock } from '../core/clock.ts';
import { openStore, type Store } from '../store/index.ts';
import { storeFile } from './store-file.ts';

export interface OwnStoreSetup {
  directory: string;
  /** gitmend's own account. */
  account: string;
  env: { readonly [name: string]: string | undefined };
  clock: Clock;
}

/** Opens the store that `gitmend serve` of this repository uses, running or not; the caller closes it. */
export async function storeOfServe({ directory, account, env, clock }: OwnStoreSetup): Promise<Store> {
  const { repo } = await openGround({ directory, role: 'read', account, env, clock, log: () => undefined });
  return openStore({ url: env['DATABASE_URL'], file: storeFile(repo.folder), clock });
}
