import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { runComposite } from './ci-action.ts';
import { evaluate } from './ci-expression.ts';
import { filled, type Hands, type Result, type RunStep, runSteps, type Step } from './ci-step.ts';

export type { RunStep } from './ci-step.ts';

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
  /** Puts a commit into a folder with the branches of the repository; nothing is put there without it. */
  checkout?: (folder: string, commit: string) => Promise<void>;
  /** Where the files of a reusable action lie, as the forge fetched it: by what `uses:` says of it (`owner/name@commit`). */
  actions?: ReadonlyMap<string, string>;
  /** Tells the server of a run. `end` with how it ended. */
  begin: (workflow: string, event: string, sha: string) => { id: number; attempt: number; end: (code: number) => void };
}

interface Job {
  if?: string;
  needs?: string;
  environment?: string;
  env?: { [name: string]: unknown };
  steps: Step[];
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
 * documents: a runner just big enough for the template, which has `run:` steps and three actions.
 */
export async function runWorkflows(place: CiPlace, event: CiHappening, step: RunStep): Promise<CiRan[]> {
  const ran: CiRan[] = [];
  for (const [file, text] of await place.workflows()) {
    if (event.workflow !== undefined && event.workflow !== file) continue;
    const workflow = parse(text) as Workflow;
    if (!starts(workflow, event)) continue;
    const run = place.begin(file, event.name, event.sha);
    const results = await runJobs({ place, event, workflow, run, artefacts: new Map() }, step);
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

/** One run of a workflow, and what its jobs handed over. */
interface Running {
  place: CiPlace;
  event: CiHappening;
  workflow: Workflow;
  run: { id: number; attempt: number };
  artefacts: Map<string, { file: string; bytes: Buffer }>;
}

/** In the order in which they stand; one that needs another which failed or was not started is not started. */
async function runJobs(running: Running, step: RunStep): Promise<Result[]> {
  const results = new Map<string, Result>();
  for (const [name, job] of Object.entries(running.workflow.jobs)) {
    const needed = job.needs === undefined ? { code: 0 } : results.get(job.needs);
    const ready = needed?.code === 0 && !('skipped' in needed);
    results.set(name, ready ? await runJob(running, job, step) : { code: 0, said: '', skipped: true });
  }
  return [...results.values()];
}

async function runJob(running: Running, job: Job, step: RunStep): Promise<Result> {
  const { place, event, workflow, run } = running;
  if (!isLetIn(place, event, job)) return { code: 1, said: `${event.ref} is not allowed to use the environment\n` };
  const environment = await environmentOf(place, event, run);
  const github = { event: event.payload, event_name: event.name, repository: place.repository, token: place.token };
  const runner = { temp: environment['RUNNER_TEMP'] };
  const context = { github, runner, vars: place.vars, secrets: secretsFor(place, event, job) };
  if (job.if !== undefined && evaluate(job.if, context) !== true) return { code: 0, said: '', skipped: true };
  const env = { ...environment, ...filled(workflow.env, context), ...filled(job.env, context) };
  return runSteps(job.steps, { env, context }, { step, action: (...asked) => runAction(running, ...asked) });
}

/**
 * A reusable action whose files are there is run by its own steps. Of the three by others that the template uses only what
 * its jobs see of them is done.
 */
async function runAction({ place, event, artefacts }: Running, ...asked: Parameters<Hands['action']>): Promise<Result> {
  const [uses, inputs, { env }] = asked;
  const own = place.actions?.get(uses);
  if (own !== undefined) return runComposite(own, ...asked);
  const [, action] = /^actions\/(checkout|upload-artifact|download-artifact)@[0-9a-f]{40}$/.exec(uses) ?? [];
  const { name = '', path = '', ref = '' } = inputs;
  if (action === 'checkout') {
    await place.checkout?.(env['GITHUB_WORKSPACE'] ?? '', ref === '' ? event.sha : ref);
    return { code: 0, said: '' };
  }
  if (action === 'upload-artifact') {
    artefacts.set(name, { file: basename(path), bytes: await readFile(path) });
    return { code: 0, said: '' };
  }
  if (action !== 'download-artifact') throw new Error(`the small runner does not know the action ${uses}`);
  const found = artefacts.get(name);
  if (found === undefined) return { code: 1, said: `there is no artefact ${name}\n` };
  await writeFile(join(path, found.file), found.bytes);
  return { code: 0, said: '' };
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
  await mkdir(join(home, 'workspace'));
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
    GITHUB_WORKSPACE: join(home, 'workspace'),
    RUNNER_TEMP: home,
    HOME: home,
    TMPDIR: home,
  };
}
