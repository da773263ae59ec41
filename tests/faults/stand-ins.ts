import { createHmac } from 'node:crypto';
import { giteaHome } from '../../demo/gitea-home.ts';
import { githubHome } from '../../demo/github-home.ts';
import type { Home, PersonForge } from '../../demo/home.ts';
import type { Injection } from '../../simulators/forge/faults.ts';
import { startGitea } from '../../simulators/gitea/index.ts';
import { pullsOf, startGithub } from '../../simulators/github/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import { faultsOf as faultsOfGitea } from '../forges/gitea/described.ts';
import { personOn as personOnGitea } from '../forges/gitea/person.ts';
import { faultsOf as faultsOfGithub } from '../forges/github/described.ts';
import { personOn as personOnGithub } from '../forges/github/person.ts';
import type { Person } from '../forges/harness.ts';

/** Of the web hooks. */
export const secret = 'a-secret-of-the-web-hook';

/** A stand-in, seen from the outside: what a fault needs, and what the forge itself holds in the end. */
export interface StandIn {
  home: Home<PersonForge>;
  inject: (injection: Injection) => void;
  /** Requests of gitmend's account that reached it, of that kind where one is named, whatever was answered. */
  sent: (method?: string, path?: RegExp) => number;
  person: (login: string) => Promise<Person>;
  /** Every pull request that there is, oldest first. */
  pulls: () => { number: number; branch: string; state: 'open' | 'closed' | 'merged' }[];
  /** Every comment of gitmend's account, oldest first. */
  comments: () => { number: number; body: string }[];
  /** What requests and answers have that the forge's own description does not. */
  undescribed: () => string[];
  /** Headers of a delivery of this body. */
  signed: (body: string, event: string) => { [name: string]: string };
  /** How it asks for patience: GitHub's secondary limit, a proxy's before Gitea. */
  limit: (seconds: number) => Injection;
  /** The request that merges. */
  merging: { method: string; path: RegExp };
  close: () => Promise<void>;
}

const digest = (body: string): string => createHmac('sha256', secret).update(body).digest('hex');

/** A Gitea on which two openings at the same moment are two, as on a real one. */
async function onGitea(clock: Clock): Promise<StandIn> {
  const gitea = await startGitea({ clock });
  const { world, url } = gitea;
  world.unaware = 1;
  world.permissions.set('gitmend', 'write').set('maintainer', 'admin');
  const home = await giteaHome({ url, token: gitea.token('maintainer'), botToken: gitea.token('gitmend') });
  return {
    home,
    inject: gitea.faults.inject,
    sent: sentTo(gitea.requests),
    person: (login) => personOnGitea({ url, repository: gitea.repository, clock }, gitea.token(login)),
    pulls: () =>
      world.pulls.map(({ number, branch, state, merged }) => ({ number, branch, state: merged ? 'merged' : state })),
    comments: () =>
      world.notes
        .filter(({ type, user }) => type === 'comment' && user.login === 'gitmend')
        .map(({ pull, body }) => ({ number: pull, body })),
    undescribed: () => gitea.requests.flatMap(faultsOfGitea),
    signed: (body, event) => ({ 'x-gitea-event': event, 'x-gitea-signature': digest(body) }),
    limit: (seconds) => ({ fault: 'status', status: 429, headers: { 'Retry-After': String(seconds) } }),
    merging: { method: 'POST', path: /\/merge$/ },
    close: () => gitea.close(),
  };
}

async function onGithub(clock: Clock): Promise<StandIn> {
  const github = await startGithub({ clock });
  const { world, url } = github;
  return {
    home: githubHome(github),
    inject: github.faults.inject,
    sent: sentTo(github.requests),
    person: (login) => personOnGithub({ url, repository: github.repository, clock }, github.token(login)),
    pulls: () =>
      pullsOf(world).map(({ number, branch, state, merged }) => ({ number, branch, state: merged ? 'merged' : state })),
    comments: () =>
      world.said.filter(({ user }) => user.login === 'gitmend').map(({ thread, body }) => ({ number: thread, body })),
    undescribed: () => github.requests.flatMap(faultsOfGithub),
    signed: (body, event) => ({ 'x-github-event': event, 'x-hub-signature-256': `sha256=${digest(body)}` }),
    limit: (seconds) => ({
      ...{ fault: 'status', status: 403, headers: { 'retry-after': String(seconds) } },
      message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    }),
    merging: { method: 'PUT', path: /\/merge$/ },
    close: () => github.close(),
  };
}

function sentTo(requests: readonly { method: string; path: string; by?: string }[]): StandIn['sent'] {
  return (method, path = /^/) =>
    requests.filter((one) => one.by === 'gitmend' && one.method === (method ?? one.method) && path.test(one.path))
      .length;
}

export const standIns = { gitea: onGitea, github: onGithub };
export type Kind = keyof typeof standIns;
