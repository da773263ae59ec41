import type { Forge, Issue } from '../forge.ts';
import { isUnknown } from '../http/client.ts';
import { ensureOne } from '../http/one-of.ts';
import { markerIn, markerText, withMarker } from '../markers.ts';
import { refused } from '../refused.ts';
import { bodyText, labelTexts, titleText } from '../texts.ts';
import { type GithubContext, known } from './context.ts';
import { ensureLabels } from './labels.ts';
import { longestText } from './limits.ts';
import { listOf } from '../http/shapes.ts';
import { type GithubIssue, issueShape } from './shapes.ts';

const at = 'GET /repos/{owner}/{repo}/issues/{issue_number}';
const edit = 'PATCH /repos/{owner}/{repo}/issues/{issue_number}';
const issueList = listOf(issueShape);

/** One open issue of this account per marker; its title and body brought up to date, labels added. */
export async function ensureIssue(context: GithubContext, wanted: Parameters<Forge['ensureIssue']>[0]): Promise<Issue> {
  const marker = markerText(wanted.marker);
  const title = titleText(wanted.title);
  const body = bodyText(withMarker(wanted.body, wanted.marker), longestText);
  const labels = labelTexts(wanted.labels);
  return context.exclusively('issues', async () => {
    const one = await ensureOne<GithubIssue>({
      own: async () => (await openOnes(context)).filter((issue) => markerIn(issue.body) === marker),
      write: () => context.api.write('POST /repos/{owner}/{repo}/issues', { title, body, labels }, issueShape),
      mend: (present) => mended(context, present, { title, body }),
      drop: ({ number }) =>
        context.api.send(edit, { issue_number: number, state: 'closed', state_reason: 'not_planned' }),
    });
    const names = one.labels.map((label) => (typeof label === 'string' ? label : (label.name ?? '')));
    await ensureLabels(context, one.number, names, labels);
    return issueOf(one);
  });
}

/** Throws FORGE_REFUSED for a number that is none, or a pull request's. */
export async function issue({ api }: GithubContext, number: number): Promise<Issue> {
  // 410: it was deleted.
  const found = await api.find(at, { issue_number: known(number) }, issueShape, [404, 410]);
  if (found === undefined || found.pull_request) throw refused(`there is no issue #${number}`);
  return issueOf(found);
}

/** Of this account, oldest first. Every pull request is an issue too, and is none here. */
async function openOnes({ api, self }: GithubContext): Promise<GithubIssue[]> {
  const route = 'GET /repos/{owner}/{repo}/issues';
  const all = await api.all(route, { state: 'open', creator: self, sort: 'created', direction: 'asc' }, issueList);
  return all.filter((one) => one.user === self && !one.pull_request).sort((a, b) => a.number - b.number);
}

async function mended(
  { api }: GithubContext,
  present: GithubIssue,
  wanted: { title: string; body: string },
): Promise<GithubIssue> {
  const same = (one: GithubIssue | undefined): boolean => one?.title === wanted.title && one.body === wanted.body;
  if (same(present)) return present;
  try {
    return await api.write(edit, { issue_number: present.number, ...wanted }, issueShape);
  } catch (error) {
    const now = isUnknown(error) ? await api.find(at, { issue_number: present.number }, issueShape) : undefined;
    if (now === undefined || !same(now)) throw error;
    return now;
  }
}

function issueOf({ number, title, body, user, state, created_at, updated_at }: GithubIssue): Issue {
  return {
    ...{ number, title, body, author: user, createdAt: created_at, updatedAt: updated_at },
    state: state === 'open' ? 'open' : 'closed',
  };
}
