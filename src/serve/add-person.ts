import type { Role } from '../store/index.ts';
import { type OwnStoreSetup, storeOfServe } from './own-store.ts';
import { addPerson, type AddedPerson } from './people.ts';

export interface AddPerson extends OwnStoreSetup {
  /** Nobody else gets `account`, which is gitmend's own. */
  name: string;
  role: Role;
}

/** Opens the store that `gitmend serve` of this repository uses, running or not, and adds one person to it. */
export async function addPersonTo({ name, role, ...setup }: AddPerson): Promise<AddedPerson> {
  const store = await storeOfServe(setup);
  try {
    return await addPerson(store.accounts, name, role, setup.account);
  } finally {
    await store.close();
  }
}
