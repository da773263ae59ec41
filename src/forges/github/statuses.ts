import { z } from 'zod';
import type { Status } from '../forge.ts';
import { isUnknown } from '../http/client.ts';
import { titleText } from '../texts.ts';
import { checksOf, checkStatus, ensureCheck } from './checks.ts';
import { type GithubContext, knownCommit } from './context.ts';
import { longestDescription } from './limits.ts';
import { listOf } from '../http/shapes.ts';
import { statusShape } from './shapes.ts';

/**
 * The latest of its context on this commit: a check run where gitmend is an App, a commit status where it has a token. The
 * same one again is not written.
 */
export async function ensureStatus(context: GithubContext, commit: string, status: Status): Promise<void> {
  const sha = knownCommit(commit);
  const wanted = { ...status, context: titleText(status.context), description: shortened(status.description) };
  await context.exclusively(`statuses ${sha}`, () =>
    context.app === undefined ? ensureCommitStatus(context, sha, wanted) : ensureCheck(context, sha, wanted),
  );
}

/** Statuses and check runs, one per context, in the order of their names. Of two with one name the worse one is told. */
export async function statuses(context: GithubContext, commit: string): Promise<Status[]> {
  const sha = knownCommit(commit);
  const all = [...(await commitStatuses(context, sha)), ...(await checksOf(context, sha)).map(checkStatus)];
  const told = new Map<string, Status>();
  for (const one of all) {
    const other = told.get(one.context);
    if (other === undefined || worst.indexOf(one.state) < worst.indexOf(other.state)) told.set(one.context, one);
  }
  return [...told.values()].sort((a, b) => (a.context < b.context ? -1 : 1));
}

const worst: readonly Status['state'][] = ['error', 'failure', 'pending', 'success'];

async function ensureCommitStatus(context: GithubContext, sha: string, wanted: Status): Promise<void> {
  const stands = async (): Promise<boolean> => {
    const present = (await commitStatuses(context, sha)).find((one) => one.context === wanted.context);
    return present?.state === wanted.state && present.description === wanted.description;
  };
  if (await stands()) return;
  try {
    await context.api.write('POST /repos/{owner}/{repo}/statuses/{sha}', { sha, ...wanted }, statusShape);
  } catch (error) {
    if (!isUnknown(error) || !(await stands())) throw error;
  }
}

const combined = z.object({ statuses: listOf(statusShape) }).transform(({ statuses: list }) => list);

/** The combined status lists the latest of each context. A commit that is not there has none. */
async function commitStatuses({ api }: GithubContext, sha: string): Promise<Status[]> {
  const all = await api.all('GET /repos/{owner}/{repo}/commits/{ref}/status', { ref: sha }, combined);
  return all.map(({ context, state, description }) => ({
    context,
    state: stateOf(state),
    description: description ?? '',
  }));
}

function stateOf(state: string): Status['state'] {
  return worst.find((one) => one === state) ?? 'error';
}

/** Cut by characters that people see; GitHub refuses what is longer. */
function shortened(description: string): string {
  const text = description.toWellFormed().replaceAll('\0', '\uFFFD');
  if (text.length <= longestDescription) return text;
  let kept = '';
  for (const { segment } of new Intl.Segmenter('en').segment(text)) {
    if (kept.length + segment.length >= longestDescription) break;
    kept += segment;
  }
  return `${kept}…`;
}
