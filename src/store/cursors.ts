import type { StoreContext } from './tables.ts';

/** Small things that pollers remember: the last event seen, an ETag. */
export interface Cursors {
  get(name: string): Promise<string | undefined>;
  set(name: string, value: string): Promise<void>;
}

export function openCursors({ db, now }: StoreContext): Cursors {
  return {
    get: async (name) => {
      const row = await db.selectFrom('cursors').select('value').where('name', '=', name).executeTakeFirst();
      return row?.value;
    },
    set: async (name, value) => {
      const row = { value, updated_at: now() };
      await db
        .insertInto('cursors')
        .values({ name, ...row })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute();
    },
  };
}
