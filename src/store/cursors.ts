import type { StoreContext } from './tables.ts';

/** Small things that pollers remember: the last event seen, an ETag. */
export interface Cursors {
  get(name: string): Promise<string | undefined>;
  set(name: string, value: string): Promise<void>;
  /** Writes only where it still is what it was (`undefined`: not there). false: somebody else was quicker. */
  swap(name: string, from: string | undefined, to: string): Promise<boolean>;
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
    swap: async (name, from, to) => {
      const row = { value: to, updated_at: now() };
      if (from === undefined) {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('cursors')
          .values({ name, ...row })
          .onConflict((conflict) => conflict.column('name').doNothing())
          .executeTakeFirst();
        return Number(numInsertedOrUpdatedRows ?? 0) > 0;
      }
      const { numUpdatedRows } = await db
        .updateTable('cursors')
        .set(row)
        .where('name', '=', name)
        .where('value', '=', from)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}
