import { isUnknown } from '../http/client.ts';
import { refused } from '../refused.ts';
import { sayOnce } from './comments.ts';
import type { GithubContext } from './context.ts';
import { pullAt } from './pull-at.ts';
import { pullShape } from './shapes.ts';

/** The reason first, then the end: whoever is stopped in between says nothing twice. Closing a closed one changes nothing. */
export async function close(context: GithubContext, number: number, reason: string): Promise<void> {
  await context.exclusively(`comments ${number}`, async () => {
    const pull = await pullAt(context, number);
    if (pull.merged_at) throw refused(`#${number} is merged: there is nothing to close`);
    if (pull.state === 'closed') return;
    await sayOnce(context, number, reason);
    try {
      const route = 'PATCH /repos/{owner}/{repo}/pulls/{pull_number}';
      await context.api.write(route, { pull_number: number, state: 'closed' }, pullShape);
    } catch (error) {
      if (!isUnknown(error) || (await pullAt(context, number)).state !== 'closed') throw error;
    }
  });
}
