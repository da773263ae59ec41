import type { PullRequest } from '../src/forges/forge.ts';
import { type Gitea, startGitea } from '../simulators/gitea/index.ts';
import * as giteaActions from '../simulators/gitea/routes/actions.ts';
import { type Github, startGithub } from '../simulators/github/index.ts';
import * as githubActions from '../simulators/github/routes/actions.ts';
import type { Clock } from '../src/core/clock.ts';
import type { CiHappening, CiPlace } from './ci-runner.ts';
import { giteaHome } from './gitea-home.ts';
import { githubHome } from './github-home.ts';
import type { Home, PersonForge } from './home.ts';

/** A dispatch that a job asked for, and that nobody started yet. */
export type CiDispatch = Pick<CiHappening, 'ref'> & { workflow: string; inputs: unknown };

/** A stand-in whose workflows are run by the small runner: what differs between forges, and nothing else. */
export interface CiServer {
  kind: CiPlace['forge'];
  url: string;
  repository: string;
  /** Its own folder of workflow files. */
  folder: string;
  jobToken: string;
  /** Names of the secrets that an environment holds, and the branches whose jobs get them; of the others every job does. */
  bound?: { environment: string; secrets: string[]; branches: string[] };
  /** Which workflow files the default branch holds now. */
  knows: (files: string[]) => void;
  begin: CiPlace['begin'];
  /** Takes the next one. */
  dispatched: () => CiDispatch | undefined;
  /** What workflows of a pull request are started for; `undefined`: none is started. */
  started: (pr: Pick<PullRequest, 'number' | 'base' | 'head'>) => Promise<{ ref: string; sha: string } | undefined>;
}

/** A stand-in with Actions, the home of a lab on it, and how to end it. */
export interface CiHost<S> {
  server: S;
  ci: CiServer;
  home: Home<PersonForge>;
}

/** Gitea: no environments, a pull request's workflows are started for its head. */
export async function giteaWithCi(clock: Clock): Promise<CiHost<Gitea>> {
  const server = await startGitea({ clock });
  const place = { url: server.url, token: server.token('maintainer'), botToken: server.token('gitmend') };
  return { server, ci: actionsOfGitea(server, clock), home: await giteaHome(place) };
}

function actionsOfGitea(gitea: Gitea, clock: Clock): CiServer {
  const actions = giteaActions.actionsOf(gitea.world);
  return {
    kind: 'gitea',
    url: gitea.url,
    get repository() {
      return gitea.repository;
    },
    folder: '.gitea/workflows/',
    jobToken: gitea.token('gitea-actions'),
    knows: (files) => void (actions.workflows = files),
    begin(workflow, event) {
      const run = giteaActions.beginRun(gitea.world, workflow, event, clock.now());
      const end = (code: number) => giteaActions.endRun(run, code === 0 ? 'success' : 'failure', clock.now());
      return { id: run.id, attempt: run.attempt, end };
    },
    dispatched: () => actions.dispatched.shift(),
    started: async ({ number, head }) => ({ ref: `refs/pull/${number}/head`, sha: head }),
  };
}

/** GitHub: the write secret lies in an environment of the default branch, as the template's page says. */
export async function githubWithCi(clock: Clock): Promise<CiHost<Github>> {
  const server = await startGithub({ clock });
  server.world.environments.set('gitmend', ['main']);
  // Settings → Actions → General: "Allow GitHub Actions to create and approve pull requests".
  server.world.jobsOpenPulls = true;
  return { server, ci: actionsOfGithub(server), home: githubHome(server) };
}

function actionsOfGithub(github: Github): CiServer {
  const { world } = github;
  return {
    kind: 'github',
    url: github.url,
    get repository() {
      return github.repository;
    },
    folder: '.github/workflows/',
    jobToken: github.jobToken(),
    bound: { environment: 'gitmend', secrets: ['GITMEND_PVE_WRITE'], branches: ['main'] },
    knows: (files) => void (world.workflows = files),
    begin(workflow, _event, sha) {
      const run = githubActions.beginRun(world, workflow, sha);
      return { id: run.id, attempt: 1, end: (code) => githubActions.endRun(run, code === 0 ? 'success' : 'failure') };
    },
    dispatched() {
      const next = world.dispatches.shift();
      return next && { ...next, ref: `refs/heads/${next.ref}` };
    },
    async started(pr) {
      const sha = await githubActions.testMerge(world, pr);
      return sha === undefined ? undefined : { ref: `refs/pull/${pr.number}/merge`, sha };
    },
  };
}
