import { z } from 'zod';
import type { Status } from '../forge.ts';
import { isGitmendError } from '../../core/errors.ts';
import { isUnknown } from '../http/client.ts';
import type { GithubContext } from './context.ts';
import { listOf } from '../http/shapes.ts';
import { checkShape, type GithubCheck, workflowRunShape } from './shapes.ts';

const checkPage = z.object({ check_runs: listOf(checkShape) }).transform(({ check_runs: list }) => list);
const runPage = z.object({ workflow_runs: listOf(workflowRunShape) }).transform(({ workflow_runs: list }) => list);

/** The App's own check run of that name on a commit: made, or brought up to date in place. */
export async function ensureCheck(context: GithubContext, sha: string, wanted: Status): Promise<void> {
  const own = async (): Promise<GithubCheck | undefined> =>
    (await checkRuns(context, sha)).find(({ name, app }) => name === wanted.context && app?.slug === context.app);
  const stands = (present: GithubCheck | undefined): boolean => {
    if (present === undefined) return false;
    const { state, description } = checkStatus(present);
    return state === wanted.state && description === wanted.description;
  };
  const present = await own();
  if (stands(present)) return;
  const shown = {
    ...(wanted.state === 'pending'
      ? { status: 'in_progress' as const }
      : { status: 'completed' as const, conclusion: conclusions[wanted.state] }),
    output: {
      title: wanted.description || wanted.context,
      summary: `${wanted.context}: the comment on the pull request says more.`,
    },
  };
  try {
    // One that has ended is not begun again: GitHub keeps its conclusion, so another one takes its place.
    if (present === undefined || (present.status === 'completed' && wanted.state === 'pending'))
      await context.api.write(
        'POST /repos/{owner}/{repo}/check-runs',
        { name: wanted.context, head_sha: sha, ...shown },
        checkShape,
      );
    else {
      const route = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}';
      await context.api.write(route, { check_run_id: present.id, ...shown }, checkShape);
    }
  } catch (error) {
    if (!isUnknown(error) || !stands(await own())) throw error;
  }
}

/** `action_required` is what could not be judged: it is not green, and a person has to look. */
const conclusions = { success: 'success', failure: 'failure', error: 'action_required' } as const;

/**
 * Every check on a commit. A fine-grained token cannot be given the right to read check runs: where GitHub refuses it the
 * runs of Actions stand in, and where those are refused too, one that never ends says so, so that nothing is taken for
 * green that nobody could see.
 */
export async function checksOf(context: GithubContext, sha: string): Promise<GithubCheck[]> {
  try {
    return await checkRuns(context, sha);
  } catch (error) {
    if (!isForbidden(error)) throw error;
  }
  try {
    const runs = await context.api.all('GET /repos/{owner}/{repo}/actions/runs', { head_sha: sha }, runPage);
    return runs.map(({ id, name, status, conclusion }) => ({
      ...{ id, name: name ?? `run ${id}`, status: status ?? 'queued', output: { title: conclusion ?? '' } },
      conclusion: conclusion ?? null,
    }));
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return [unseen];
  }
}

const unseen: GithubCheck = {
  id: 0,
  name: 'checks',
  status: 'queued',
  output: { title: 'the token may not read checks: give it Actions: read' },
};

/** Of check runs with one name the latest counts, which is what `filter=latest` lists. */
async function checkRuns({ api }: GithubContext, sha: string): Promise<GithubCheck[]> {
  const route = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs';
  const all = await api.all(route, { ref: sha, filter: 'latest' }, checkPage);
  return all.sort((a, b) => b.id - a.id);
}

/** What a check says in the words of a status. Neutral and skipped hinder nothing, as in a protected branch. */
export function checkStatus({ name, status, conclusion, output }: GithubCheck): Status {
  const title = output.title ?? '';
  const description = title === name ? '' : title;
  if (status !== 'completed') return { context: name, state: 'pending', description };
  const green = conclusion === 'success' || conclusion === 'neutral' || conclusion === 'skipped';
  return { context: name, state: green ? 'success' : conclusion === 'failure' ? 'failure' : 'error', description };
}

function isForbidden(error: unknown): boolean {
  return isGitmendError(error, 'FORGE_REFUSED') && error.details['status'] === 403;
}
