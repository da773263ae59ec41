import { time, userOf } from '../present.ts';
import { GiteaError, nextId, type World } from '../world.ts';
import { type Asked, ok, type Reply, type Route, textIn } from './route.ts';

/** One run of a workflow, as this stand-in is told of it: it runs none itself. */
export interface ActionsRun {
  id: number;
  workflow: string;
  event: string;
  attempt: number;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: '' | 'success' | 'failure' | 'cancelled';
  startedAt: number;
  completedAt?: number;
}

/** A dispatch that was asked for. A real server starts a run; here whoever plays it takes it from this list. */
export interface Dispatched {
  workflow: string;
  ref: string;
  inputs: { [name: string]: string };
  by: string;
}

export interface Actions {
  runs: ActionsRun[];
  dispatched: Dispatched[];
  /** Files of the workflows on the default branch that can be dispatched. */
  workflows: string[];
}

export const actionsRoutes: Route[] = [
  { method: 'GET', pattern: /^actions\/runs\/(\d+)$/, answer: runOf },
  { method: 'POST', pattern: /^actions\/workflows\/([^/]+)\/dispatches$/, answer: dispatch },
];

/** What a server knows of its runs, made when it is first asked for. */
export function actionsOf(world: World): Actions {
  return (world.actions ??= { runs: [], dispatched: [], workflows: [] });
}

/** Begins a run, as a server does when an event starts a workflow. */
export function beginRun(world: World, workflow: string, event: string, now: number): ActionsRun {
  const run: ActionsRun = {
    id: nextId(world),
    workflow,
    event,
    attempt: 1,
    status: 'in_progress',
    conclusion: '',
    startedAt: now,
  };
  actionsOf(world).runs.push(run);
  return run;
}

export function endRun(run: ActionsRun, conclusion: 'success' | 'failure' | 'cancelled', now: number): void {
  Object.assign(run, { status: 'completed', conclusion, completedAt: now });
}

function runOf({ world, parts }: Asked): Reply {
  const run = actionsOf(world).runs.find(({ id }) => id === Number(parts[0]));
  if (run === undefined) throw new GiteaError(404, 'resource does not exist');
  return ok({
    id: run.id,
    run_number: run.id,
    run_attempt: run.attempt,
    event: run.event,
    path: `${run.workflow}@refs/heads/${world.defaultBranch}`,
    status: run.status,
    conclusion: run.conclusion,
    started_at: time(run.startedAt),
    completed_at: run.completedAt === undefined ? '1970-01-01T01:00:00+01:00' : time(run.completedAt),
  });
}

function dispatch({ world, user, parts, body }: Asked): Reply {
  const ref = textIn(body, 'ref') ?? '';
  if (ref === '') throw new GiteaError(422, 'ref is required parameter');
  const actions = actionsOf(world);
  if (!actions.workflows.includes(parts[0] ?? '')) throw new GiteaError(404, `workflow "${parts[0] ?? ''}" not found`);
  const inputs = (body['inputs'] ?? {}) as { [name: string]: string };
  // As Gitea does (1.25): what was dispatched of the same workflow and has not ended is cancelled.
  const before = actions.dispatched.findIndex((one) => one.workflow === parts[0] && one.ref === ref);
  if (before !== -1) actions.dispatched.splice(before, 1);
  actions.dispatched.push({ workflow: parts[0] ?? '', ref, inputs, by: userOf(user).login });
  return { status: 204 };
}
