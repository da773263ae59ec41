import { openGround } from '../cli/ground.ts';
import type { Clock } from '../core/clock.ts';
import { openStore, type Role } from '../store/index.ts';
import { addPerson, type AddedPerson } from './people.ts';
import { storeFile } from './store-file.ts';

export interface AddPerson {
  directory: string;
  /** gitmend's own account, which nobody else gets. */
  account: string;
  env: { readonly [name: string]: string | undefined };
  clock: Clock;
  name: string;
  role: Role;
}

/** Opens the store that `gitmend serve` of this repository uses, running or not, and adds one person to it. */
export async function addPersonTo({ directory, account, env, clock, name, role }: AddPerson): Promise<AddedPerson> {
  const { repo } = await openGround({ directory, role: 'read', account, env, clock, log: () => undefined });
  const store = await openStore({ url: env['DATABASE_URL'], file: storeFile(repo.folder), clock });
  try {
    return await addPerson(store.accounts, name, role, account);
  } finally {
    await store.close();
  }
}
