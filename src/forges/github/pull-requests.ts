import type { Forge, NewPullRequest, PullRequest } from '../forge.ts';
import { done, isUnknown, readAs } from '../http/client.ts';
import type { ApiAnswer } from '../http/exchange.ts';
import { refused } from '../refused.ts';
import { validPullRequest } from '../texts.ts';
import { type GithubContext, isObjectId, known } from './context.ts';
import { ensureLabels } from './labels.ts';
import { longestText } from './limits.ts';
import { isFork, pullAt, pullRequestOf } from './pull-at.ts';
import { listOf } from '../http/shapes.ts';
import { type Pull, pullShape } from './shapes.ts';

const pullList = listOf(pullShape);

/**
 * One open pull request per branch: opened, or its title and body brought up to date, and labels added; labels that
 * people put on stay.
 */
export async function ensurePullRequest(context: GithubContext, wanted: NewPullRequest): Promise<PullRequest> {
  const valid = validPullRequest(wanted, longestText);
  return context.exclusively(`branch ${valid.branch}`, async () => {
    const open = (await openOf(context, valid)) ?? (await opened(context, valid));
    const present = await ensureTexts(context, open, valid);
    const names = present.labels.map(({ name }) => name ?? '');
    const labelled = await ensureLabels(context, present.number, names, valid.labels);
    return pullRequestOf(context, labelled ? await pullAt(context, present.number) : present);
  });
}

export async function pullRequest(context: GithubContext, number: number): Promise<PullRequest> {
  return pullRequestOf(context, await pullAt(context, number));
}

/** By number. */
export async function pullRequests(
  context: GithubContext,
  filter: Parameters<Forge['pullRequests']>[0],
): Promise<PullRequest[]> {
  const { state, branch } = filter;
  const all =
    branch === undefined && (state === 'open' || state === 'all')
      ? await context.listing.of(state)
      : await listed(context, filter);
  const told: PullRequest[] = [];
  // Who ended what people had opened is nobody's question in a list of everything.
  for (const pull of all)
    told.push(await pullRequestOf(context, pull, branch !== undefined || pull.user === context.self));
  return told.sort((a, b) => a.number - b.number);
}

/** Of one branch, or of those that ended in one way. */
async function listed(context: GithubContext, filter: Parameters<Forge['pullRequests']>[0]): Promise<Pull[]> {
  const { state, branch } = filter;
  const asked = {
    state: state === 'merged' ? ('closed' as const) : state,
    sort: 'created' as const,
    direction: 'asc' as const,
    ...(branch === undefined ? {} : { head: `${context.owner}:${branch}` }),
  };
  const all = await context.api.all('GET /repos/{owner}/{repo}/pulls', asked, pullList);
  return [...new Map(all.map((pull) => [pull.number, pull])).values()].filter(
    (pull) =>
      (state === 'all' || state === (pull.merged_at ? 'merged' : pull.state)) &&
      // A list that was not narrowed (`head` is ignored where it names nobody) is narrowed here.
      (branch === undefined || (pull.head.ref === branch && !isFork(pull))),
  );
}

/** GitHub lists what a commit came by; only the one whose merge ended in exactly it counts. */
export async function pullRequestOfMerge(context: GithubContext, commit: string): Promise<PullRequest | undefined> {
  if (!isObjectId(commit)) return undefined;
  const route = 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls';
  // 422: no such commit.
  const listed = (await context.api.find(route, { commit_sha: commit }, pullList, [404, 409, 422])) ?? [];
  const found = listed.find((pull) => pull.merged_at && pull.merge_commit_sha === commit);
  return found === undefined ? undefined : pullRequestOf(context, await pullAt(context, found.number));
}

export async function commitCount(context: GithubContext, number: number): Promise<number> {
  const { commits } = await pullAt(context, number);
  return commits ?? 0;
}

type Ends = Pick<NewPullRequest, 'branch' | 'base'>;

/** The open one for this branch and base. GitHub takes no second one. */
async function openOf({ api, owner }: GithubContext, { branch, base }: Ends): Promise<Pull | undefined> {
  const asked = { state: 'open' as const, head: `${owner}:${branch}`, base };
  const all = await api.all('GET /repos/{owner}/{repo}/pulls', asked, pullList);
  return all.find((pull) => pull.head.ref === branch && pull.base.ref === base && !isFork(pull));
}

async function opened(context: GithubContext, wanted: NewPullRequest): Promise<Pull> {
  const { branch, base, title, body } = wanted;
  const what = `a pull request of ${branch} into ${base}`;
  try {
    const answer = await context.api.send('POST /repos/{owner}/{repo}/pulls', { head: branch, base, title, body });
    // Somebody else opened it at the same moment.
    const present = answer.status === 422 ? await openOf(context, wanted) : undefined;
    if (present !== undefined) return present;
    if (answer.status === 422) throw refused(`${context.name} refuses ${what}: ${reasonsOf(answer, wanted)}`);
    return readAs(pullShape, done(context.name, answer, what), what);
  } catch (error) {
    const present = isUnknown(error) ? await openOf(context, wanted) : undefined;
    if (present === undefined) throw error;
    return present;
  }
}

/** "Validation Failed" says nothing; what failed stands beside it. */
function reasonsOf({ json }: ApiAnswer, { branch, base }: Ends): string {
  const { errors } = (json ?? {}) as { errors?: unknown };
  const said = (Array.isArray(errors) ? errors : []).map((one: unknown) => {
    const { message, field } = (one ?? {}) as { message?: unknown; field?: unknown };
    if (typeof message === 'string') return message;
    if (field === 'head' || field === 'base')
      return `there is no branch ${field === 'head' ? branch : base}: push it first`;
    return typeof one === 'string' ? one : 'it is not valid';
  });
  return (said.join('; ') || 'it is not valid').replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 300);
}

async function ensureTexts(context: GithubContext, pull: Pull, { title, body }: NewPullRequest): Promise<Pull> {
  if (pull.title === title && (pull.body ?? '') === body) return pull;
  const route = 'PATCH /repos/{owner}/{repo}/pulls/{pull_number}';
  try {
    return await context.api.write(route, { pull_number: known(pull.number), title, body }, pullShape);
  } catch (error) {
    const present = isUnknown(error) ? await pullAt(context, pull.number) : undefined;
    if (present?.title !== title || (present.body ?? '') !== body) throw error;
    return present;
  }
}
