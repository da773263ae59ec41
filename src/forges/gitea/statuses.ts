import { z } from 'zod';
import type { Status } from '../forge.ts';
import { isUnknown } from '../http/client.ts';
import { pages } from '../http/pages.ts';
import { refused } from '../refused.ts';
import { titleText } from '../texts.ts';
import { find, type GiteaContext, pathOf, write } from './context.ts';
import { type GiteaStatus, statusShape } from './shapes.ts';

/** The latest of its context on this commit. The same one again is not written. */
export async function ensureStatus(context: GiteaContext, commit: string, status: Status): Promise<void> {
  const wanted = { ...status, context: titleText(status.context), description: status.description.toWellFormed() };
  await context.exclusively(`statuses ${commit}`, async () => {
    await refuseUnknown(context, commit);
    if (await stands(context, commit, wanted)) return;
    const path = pathOf(context, 'statuses', commit);
    const { state, description, context: name } = wanted;
    try {
      await write(context, 'POST', path, { state, description, context: name }, statusShape);
    } catch (error) {
      if (!isUnknown(error) || !(await stands(context, commit, wanted))) throw error;
    }
  });
}

/** One per context, in the order of their names. */
export async function statuses(context: GiteaContext, commit: string): Promise<Status[]> {
  const path = pathOf(context, 'commits', commit, 'statuses');
  const latest = new Map<string, GiteaStatus>();
  const listed = pages(context.http, { path, query: { sort: 'recentupdate' } }, statusShape);
  for await (const page of listed) {
    for (const one of page) if (one.id > (latest.get(one.context)?.id ?? -1)) latest.set(one.context, one);
  }
  return [...latest.values()].map(statusOf).sort((a, b) => (a.context < b.context ? -1 : 1));
}

async function stands(context: GiteaContext, commit: string, wanted: Status): Promise<boolean> {
  const present = (await statuses(context, commit)).find((one) => one.context === wanted.context);
  return present?.state === wanted.state && present.description === wanted.description;
}

async function refuseUnknown(context: GiteaContext, commit: string): Promise<void> {
  const known =
    /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(commit) &&
    (await find(context, pathOf(context, 'git', 'commits', commit), z.object({ sha: z.string() }), {
      stat: 'false',
      verification: 'false',
      files: 'false',
    })) !== undefined;
  if (!known) throw refused(`there is no commit ${JSON.stringify(commit.slice(0, 80))}`);
}

function statusOf({ context, status, description }: GiteaStatus): Status {
  return { context, state: stateOf(status), description: description ?? '' };
}

/** Gitea has more words than the contract: a warning is not green, what was skipped hinders nothing. */
function stateOf(status: string): Status['state'] {
  if (status === 'pending' || status === 'success' || status === 'failure') return status;
  if (status === 'skipped') return 'success';
  return status === 'warning' ? 'failure' : 'error';
}
