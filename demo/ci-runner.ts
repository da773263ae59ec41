import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { evaluate, interpolate } from './ci-expression.ts';

/** What happened on the forge, with the payload that it sends. */
export interface CiHappening {
  name: 'pull_request' | 'push' | 'workflow_dispatch' | 'schedule';
  payload: { [key: string]: unknown };
  ref: string;
  sha: string;
  base?: string;
  head?: string;
  /** Only this workflow: of a dispatch, and of a schedule. */
  workflow?: string;
}

/** A server whose workflows are run. */
export interface CiPlace {
  forge: 'gitea' | 'github';
  url: string;
  repository: string;
  /** The job's own token. */
  token: string;
  secrets: { readonly [name: string]: string };
  /** Those that an environment holds: given to jobs that name it, of these branches. */
  bound?: { environment: string; secrets: readonly string[]; branches: readonly string[] };
  /** Variables of the repository, which are no secret. */
  vars: { readonly [name: string]: string };
  /** Where jobs find their files. */
  folder: string;
  /** The workflow files that count now, by file name. */
  workflows: () => Promise<ReadonlyMap<string, string>>;
  /** Tells the server of a run. `end` with how it ended. */
  begin: (workflow: string, event: string, sha: string) => { id: number; attempt: number; end: (code: number) => void };
}

/** One `run:` step: its script, and exactly the environment that it gets. Resolves with its exit code and its lines. */
export type RunStep = (script: string, env: { [name: string]: string }) => Promise<{ code: number; said: string }>;

interface Job {
  if?: string;
  environment?: string;
  env?: { [name: string]: unknown };
  steps: { run?: string; uses?: string; env?: { [name: string]: unknown } }[];
}

interface Workflow {
  on: { [event: string]: { branches?: string[] } | null };
  env?: { [name: string]: unknown };
  jobs: { [name: string]: Job };
}

/** How one workflow went. */
export interface CiRan {
  workflow: string;
  code: number;
  said: string;
}

/**
 * Runs the jobs of every workflow that an event starts, one after the other, each step with the environment that the forge
 * documents: a runner just big enough for the template, which has `run:` steps alone.
 */
export async function runWorkflows(place: CiPlace, event: CiHappening, step: RunStep): Promise<CiRan[]> {
  const ran: CiRan[] = [];
  for (const [file, text] of await place.workflows()) {
    if (event.workflow !== undefined && event.workflow !== file) continue;
    const workflow = parse(text) as Workflow;
    if (!starts(workflow, event)) continue;
    const run = place.begin(file, event.name, event.sha);
    const environment = await environmentOf(place, event, run);
    const results: { code: number; said: string }[] = [];
    for (const job of Object.values(workflow.jobs))
      results.push(await runJob(place, event, workflow, job, environment, step));
    const code = Math.max(0, ...results.map((one) => one.code));
    run.end(code);
    ran.push({ workflow: file, code, said: results.map(({ said }) => said).join('\n') });
  }
  return ran;
}

function starts({ on }: Workflow, event: CiHappening): boolean {
  if (!(event.name in on)) return false;
  const branches = on[event.name]?.branches;
  return event.name !== 'push' || branches === undefined || branches.includes(event.ref.replace('refs/heads/', ''));
}

async function runJob(
  place: CiPlace,
  event: CiHappening,
  workflow: Workflow,
  job: Job,
  environment: { [name: string]: string },
  step: RunStep,
): Promise<{ code: number; said: string }> {
  if (!isLetIn(place, event, job)) return { code: 1, said: `${event.ref} is not allowed to use the environment\n` };
  const github = { event: event.payload, event_name: event.name, repository: place.repository, token: place.token };
  const context = { github, vars: place.vars, secrets: secretsFor(place, event, job) };
  if (job.if !== undefined && evaluate(job.if, context) !== true) return { code: 0, said: '' };
  const filled = (env: { [name: string]: unknown } = {}) =>
    Object.fromEntries(Object.entries(env).map(([name, value]) => [name, interpolate(String(value), context)]));
  const all = { code: 0, said: '' };
  for (const one of job.steps) {
    if (one.run === undefined)
      throw new Error(`the small runner has no actions, and a step uses ${one.uses ?? 'nothing'}`);
    const env = { ...environment, ...filled(workflow.env), ...filled(job.env), ...filled(one.env) };
    const { code, said } = await step(one.run, env);
    all.said += said;
    all.code = code;
    if (code !== 0) break;
  }
  return all;
}

/** A job of another branch than its environment is given to is not started. */
function isLetIn({ bound }: CiPlace, { ref }: CiHappening, { environment }: Job): boolean {
  if (bound === undefined || environment !== bound.environment) return true;
  return bound.branches.includes(ref.replace('refs/heads/', ''));
}

/** The forge gives a fork's pull request no secrets, and those of an environment to jobs that name it alone. */
function secretsFor({ secrets, bound }: CiPlace, event: CiHappening, { environment }: Job): CiPlace['secrets'] {
  if (isFork(event)) return {};
  if (bound === undefined || environment === bound.environment) return secrets;
  return Object.fromEntries(Object.entries(secrets).filter(([name]) => !bound.secrets.includes(name)));
}

function isFork({ name, payload }: CiHappening): boolean {
  const { head, base } = (payload['pull_request'] ?? {}) as { [side: string]: { repo?: { id?: number } } };
  return name === 'pull_request' && head?.repo?.id !== base?.repo?.id;
}

/** As documented: both forges say `GITHUB_*`; Gitea adds its own name, and its API lies at /api/v1. */
async function environmentOf(
  { forge, url, repository, folder }: CiPlace,
  event: CiHappening,
  run: { id: number; attempt: number },
): Promise<{ [name: string]: string }> {
  await mkdir(folder, { recursive: true });
  const home = await mkdtemp(join(folder, 'job-'));
  const file = join(home, 'event.json');
  await writeFile(file, JSON.stringify(event.payload));
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    ...(forge === 'gitea' ? { GITEA_ACTIONS: 'true' } : {}),
    GITHUB_SERVER_URL: url,
    GITHUB_API_URL: forge === 'gitea' ? `${url}/api/v1` : `${url}/api/v3`,
    GITHUB_REPOSITORY: repository,
    GITHUB_RUN_ID: String(run.id),
    GITHUB_RUN_ATTEMPT: String(run.attempt),
    GITHUB_EVENT_NAME: event.name,
    GITHUB_EVENT_PATH: file,
    GITHUB_REF: event.ref,
    GITHUB_SHA: event.sha,
    ...(event.base === undefined ? {} : { GITHUB_BASE_REF: event.base }),
    ...(event.head === undefined ? {} : { GITHUB_HEAD_REF: event.head }),
    GITHUB_STEP_SUMMARY: join(home, 'summary.md'),
    RUNNER_TEMP: home,
    HOME: home,
    TMPDIR: home,
  };
}
