import { readEvent } from './event.ts';
import type { CiJob } from './job.ts';

/** Either the job, or everything that is wrong, one sentence each. */
export type ReadJob = { ok: true; job: CiJob } | { ok: false; problems: string[] };

export interface JobEnvironment {
  env: { readonly [name: string]: string | undefined };
  /** The text behind GITHUB_EVENT_PATH; undefined where it cannot be read. */
  payload: string | undefined;
}

/** Reads one variable, or notes what is wrong with it. */
type Take = (name: string, form: RegExp, what: string) => string;

/**
 * The environment of a job → the job, or every fault at once. Both forges set `GITHUB_*`; Gitea adds `GITEA_ACTIONS=true`,
 * and its API lies at `/api/v1`. `GITHUB_SHA` is not read (on a pull request the head on one and a merge on the other),
 * nor `GITHUB_WORKFLOW`, which is not the same on both. Values are never repeated: one of them could be a secret.
 */
export function readCiJob({ env, payload }: JobEnvironment): ReadJob {
  const problems: string[] = [];
  const take: Take = (name, form, what) => {
    const value = env[name] ?? '';
    if (form.test(value)) return value;
    problems.push(value === '' ? `${name} is not set (${what})` : `${name} is not ${what}`);
    return '';
  };
  take('GITHUB_ACTIONS', /^true$/, '“true”, as it is in a job of Actions');
  const server = take('GITHUB_SERVER_URL', /^https?:\/\/[^\s/?#@]+(\/[^\s?#@]*)?$/, 'the address of the forge');
  const api = take('GITHUB_API_URL', /^https?:\/\/[^\s?#@]+$/, "the address of the forge's API");
  const repository = take('GITHUB_REPOSITORY', /^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/, 'owner/name');
  const run = take('GITHUB_RUN_ID', /^[1-9]\d{0,19}$/, 'the number of a run');
  const name = take('GITHUB_EVENT_NAME', /^[a-z_]{1,40}$/, 'the name of an event');
  const gitea = env['GITEA_ACTIONS'] === 'true';
  // Gitea counts the attempts of a job and not those of its run, so there a later one proves nothing of the others.
  const counted = !gitea && (env['GITHUB_RUN_ATTEMPT'] ?? '') !== '';
  const attempt = counted ? take('GITHUB_RUN_ATTEMPT', /^[1-9]\d{0,5}$/, 'the number of an attempt') : '1';
  if (api !== '' && gitea !== /\/api\/v1\/?$/.test(api))
    problems.push(
      gitea
        ? 'GITEA_ACTIONS says Gitea, and GITHUB_API_URL does not end with /api/v1'
        : 'GITHUB_API_URL ends with /api/v1, as on Gitea, and GITEA_ACTIONS is not set',
    );
  const event = name === '' ? undefined : readEvent(name, env['GITHUB_REF'] ?? '', payload);
  if (event !== undefined && 'problem' in event) problems.push(event.problem);
  if (problems.length > 0 || event === undefined || 'problem' in event) return { ok: false, problems };
  return {
    ok: true,
    job: {
      forge: gitea ? 'gitea' : 'github',
      server: server.replace(/\/+$/, ''),
      repository,
      run,
      attempt: Number(attempt),
      event,
      ...named('summary', env['GITHUB_STEP_SUMMARY']),
      ...named('temporary', env['RUNNER_TEMP']),
    },
  };
}

function named<K extends 'summary' | 'temporary'>(key: K, path: string | undefined): { [key in K]?: string } {
  return path === undefined || path === '' ? {} : ({ [key]: path } as { [key in K]: string });
}
