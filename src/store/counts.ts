import type { ExpressionBuilder, Selectable, SelectQueryBuilder } from 'kysely';
import { sql } from './kysely.ts';
import type { StoreContext, Tables, WorkTable } from './tables.ts';

export interface Counts {
  waiting: number;
  taken: number;
  done: number;
  dead: number;
  /** When the oldest piece of work that has not ended was accepted, in milliseconds since the epoch. */
  oldest?: number;
}

/** How much of one box is in each state. */
export async function countsOf(store: StoreContext, box: WorkTable['box']): Promise<Counts> {
  const open = await openOf(store, box);
  const [all] = await store.db.selectFrom('work').select(amount).where('box', '=', box).execute();
  return { ...open, done: (all?.amount ?? 0) - open.waiting - open.taken - open.dead };
}

/** By indexes that what was done is not in: asked every second. */
export async function openOf({ db }: StoreContext, box: WorkTable['box']): Promise<Omit<Counts, 'done'>> {
  const open = await db
    .selectFrom('work')
    .select(({ fn }) => ['state', fn.countAll<number>().as('amount'), fn.min('received_at').as('oldest')])
    .where('box', '=', box)
    .where('due_at', 'is not', null)
    .groupBy('state')
    .execute();
  const [dead] = await isDead(db.selectFrom('work').select(amount), box).execute();
  const counts = { waiting: 0, taken: 0, dead: dead?.amount ?? 0 };
  for (const { state, amount } of open) if (state === 'waiting' || state === 'taken') counts[state] = amount;
  return open.length === 0 ? counts : { ...counts, oldest: Math.min(...open.map(({ oldest }) => oldest)) };
}

function amount({ fn }: ExpressionBuilder<Tables, 'work'>) {
  return fn.countAll<number>().as('amount');
}

/** The word itself stands in the statement: only so does SQLite take the index of the dead. */
function isDead<O>(query: SelectQueryBuilder<Tables, 'work', O>, box: WorkTable['box']) {
  return query.where('box', '=', box).where('state', '=', sql.lit('dead' as const));
}

/** What was given up, the latest first. */
export function deadOf({ db }: StoreContext, box: WorkTable['box'], most: number): Promise<Selectable<WorkTable>[]> {
  return isDead(db.selectFrom('work').selectAll(), box)
    .orderBy('ended_at', 'desc')
    .orderBy('seq', 'desc')
    .limit(most)
    .execute();
}
