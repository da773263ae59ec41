import { isoTime } from '../../core/clock.ts';
import { isObjectId } from '../../git/history.ts';
import type { Status } from '../forge.ts';
import { refused } from '../refused.ts';
import type { LocalForgeContext } from './context.ts';
import { readRefs } from './refs.ts';
import { titleText } from '../texts.ts';

/** The latest of its context on this commit. The same one again changes nothing. */
export async function ensureStatus(context: LocalForgeContext, commit: string, status: Status): Promise<void> {
  await refuseUnknown(context, commit);
  const name = titleText(status.context);
  const now = isoTime(context.clock.now());
  context.database.write(() =>
    context.database.run(
      `INSERT INTO status (head, context, state, description, by, updated_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET state = excluded.state, description = excluded.description, by = excluded.by,
         updated_at = excluded.updated_at
       WHERE state <> excluded.state OR description <> excluded.description`,
      ...[commit, name, status.state, status.description.toWellFormed(), context.account, now],
    ),
  );
}

/** One per context, in the order of their names. */
export function statusesOf({ database }: Pick<LocalForgeContext, 'database'>, commit: string): Status[] {
  return database.all('SELECT * FROM status WHERE head = ? ORDER BY context', commit).map((row) => ({
    context: String(row['context']),
    state: row['state'] as Status['state'],
    description: String(row['description']),
  }));
}

async function refuseUnknown(context: LocalForgeContext, commit: string): Promise<void> {
  // Most often it is the head of a pull request, and nobody has to be asked.
  const known = [...(await readRefs(context)).values()].includes(commit) || (await isThere(context, commit));
  if (!known) throw refused(`there is no commit ${JSON.stringify(commit.slice(0, 80))}`);
}

async function isThere(context: LocalForgeContext, commit: string): Promise<boolean> {
  if (!isObjectId(commit)) return false;
  return (await context.git(['cat-file', '-e', `${commit}^{commit}`], { accept: [0, 1, 128] })).code === 0;
}
