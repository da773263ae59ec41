import type { Forge, Issue } from '../forge.ts';
import { isUnknown } from '../http/client.ts';
import { allPages } from '../http/pages.ts';
import { markerIn, markerText, withMarker } from '../markers.ts';
import { refused } from '../refused.ts';
import { bodyText, labelTexts, titleText } from '../texts.ts';
import { find, type GiteaContext, pathOf, write } from './context.ts';
import { ensureLabels, labelIds } from './labels.ts';
import { known } from './pull-at.ts';
import { type GiteaIssue, issueShape } from './shapes.ts';

/**
 * One open issue of this account per marker. What other accounts wrote is never taken for it. Two processes that open
 * the first one at the same moment both find two: the older stays, the younger is closed.
 */
export async function ensureIssue(
  context: GiteaContext,
  { marker, title, body, labels }: Parameters<Forge['ensureIssue']>[0],
): Promise<Issue> {
  const wish = { title: titleText(title), body: withMarker(bodyText(body), marker) };
  const names = labelTexts(labels);
  return context.exclusively(`issue ${marker}`, async () => {
    const own = () => ownIssues(context, markerText(marker));
    let [present] = await own();
    if (present === undefined) {
      const ids = await labelIds(context, names);
      await unlessDone(
        () => write(context, 'POST', pathOf(context, 'issues'), { ...wish, labels: ids }, issueShape),
        async () => (await own()).length > 0,
      );
      const [oldest, ...younger] = await own();
      for (const { number } of younger) await close(context, number);
      present = oldest;
    }
    if (present === undefined) throw refused('the issue is gone as soon as it is opened');
    return issueOf(await brought(context, present, wish, names));
  });
}

export async function issue(context: GiteaContext, number: number): Promise<Issue> {
  const found = await find(context, issuePath(context, known(number)), issueShape);
  if (found === undefined || isPull(found)) throw refused(`there is no issue #${number}`);
  return issueOf(found);
}

async function brought(
  context: GiteaContext,
  present: GiteaIssue,
  wish: { title: string; body: string },
  names: readonly string[],
): Promise<GiteaIssue> {
  let now = present;
  if (present.title !== wish.title || present.body !== wish.body) {
    const path = issuePath(context, present.number);
    await unlessDone(
      () => write(context, 'PATCH', path, wish, issueShape),
      async () => (await find(context, path, issueShape))?.body === wish.body,
    );
    now = (await find(context, path, issueShape)) ?? present;
  }
  await ensureLabels(context, { number: now.number, labels: now.labels }, names);
  return now;
}

async function close(context: GiteaContext, number: number): Promise<void> {
  await write(context, 'PATCH', issuePath(context, number), { state: 'closed' }, issueShape);
}

/** A write is sent once; where nobody knows whether it was done, `done` tells. */
async function unlessDone(work: () => Promise<unknown>, done: () => Promise<boolean>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isUnknown(error) || !(await done())) throw error;
  }
}

async function ownIssues(context: GiteaContext, marker: string): Promise<GiteaIssue[]> {
  const query = { state: 'open', type: 'issues', created_by: context.self };
  const all = await allPages(context.http, { path: pathOf(context, 'issues'), query }, issueShape);
  return all
    .filter((one) => !isPull(one) && one.user === context.self && markerIn(one.body ?? '') === marker)
    .sort((a, b) => a.number - b.number);
}

function isPull({ pull_request }: GiteaIssue): boolean {
  return pull_request !== null && pull_request !== undefined;
}

function issuePath(context: GiteaContext, number: number): string {
  return pathOf(context, 'issues', number);
}

function issueOf({ number, title, body, user, state, created_at, updated_at }: GiteaIssue): Issue {
  return { number, title, body: body ?? '', author: user, state, createdAt: created_at, updatedAt: updated_at };
}
