import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Logged } from '../../simulators/github/index.ts';

type Scopes = { readonly [scope: string]: string };
interface Job {
  permissions: Scopes;
}

/** One of these lets a job do it, as "Permissions required for GitHub Apps" lists them; `metadata` every job may read. */
const needs: [string, RegExp, string[]][] = [
  ['GET', /^(branches\/.+|commits\/[0-9a-f]+\/pulls)$/, ['contents:read']],
  ['GET', /^pulls(\/\d+(\/reviews)?)?$/, ['pull-requests:read']],
  ['POST', /^pulls$/, ['pull-requests:write']],
  ['PATCH', /^pulls\/\d+$/, ['pull-requests:write']],
  ['PUT', /^pulls\/\d+\/merge$/, ['contents:write']],
  ['GET', /^issues\/(\d+(\/comments)?|comments(\/\d+)?)$/, ['issues:read', 'pull-requests:read']],
  ['POST', /^issues\/\d+\/comments$/, ['issues:write', 'pull-requests:write']],
  // One that the repository does not have is made, and that `pull-requests: write` alone may not (since 2025: 403).
  ['POST', /^issues\/\d+\/labels$/, ['issues:write']],
  ['PATCH', /^issues\/comments\/\d+$/, ['issues:write', 'pull-requests:write']],
  ['GET', /^commits\/[0-9a-f]+\/status$/, ['statuses:read']],
  ['POST', /^statuses\/[0-9a-f]+$/, ['statuses:write']],
  ['GET', /^commits\/[0-9a-f]+\/check-runs$/, ['checks:read']],
  ['GET', /^(environments\/.+|actions\/runs(\/\d+)?)$/, ['actions:read']],
  ['POST', /^actions\/workflows\/[^/]+\/dispatches$/, ['actions:write']],
  ['GET', /^(|collaborators(\/[^/]+\/permission)?|rules\/branches\/.+)$/, []],
];

/** Only what opens pull requests puts labels on, and a job that plans opens none. */
const opening = /^issues\/\d+\/labels$/;

/**
 * What a job's requests ask for beyond the `permissions:` that every workflow of the template gives its job, which of those
 * that open is asked of all but gitmend-plan.yml.
 */
export function beyondScopes(requests: readonly Logged[], repository: string): string[] {
  const granted = templateScopes();
  const beyond = requests
    .filter(({ by, path }) => by === 'github-actions[bot]' && path.startsWith(`repos/${repository}`))
    .map(({ method, path }) => ({ method, path: path.slice(`repos/${repository}/`.length) }))
    .filter((asked) => {
      const asking = granted.filter(({ plans }) => !plans || !opening.test(asked.path));
      return !asking.every(({ scopes }) => allows(scopes, asked));
    })
    .map(({ method, path }) => `${method} ${path}`);
  return [...new Set(beyond)];
}

function allows(scopes: Scopes, { method, path }: { method: string; path: string }): boolean {
  const [, , choices] = needs.find(([verb, pattern]) => verb === method && pattern.test(path)) ?? [];
  if (choices === undefined) return false;
  return choices.length === 0 || choices.some((choice) => given(scopes, choice));
}

function given(scopes: Scopes, choice: string): boolean {
  const [scope = '', level = ''] = choice.split(':');
  return scopes[scope] === 'write' || scopes[scope] === level;
}

function templateScopes(): { plans: boolean; scopes: Scopes }[] {
  const folder = join(import.meta.dirname, '../../infra/.github/workflows');
  const files = readdirSync(folder).filter((name) => name.endsWith('.yml'));
  return files.flatMap((name) => {
    const { jobs } = parse(readFileSync(join(folder, name), 'utf8')) as { jobs: { [job: string]: Job } };
    // The job synth holds no token, and asks for nothing.
    const asking = Object.entries(jobs).filter(([job]) => job !== 'synth');
    return asking.map(([, { permissions }]) => ({ plans: name === 'gitmend-plan.yml', scopes: permissions }));
  });
}
