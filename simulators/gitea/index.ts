import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Faults, makeFaults } from '../forge/faults.ts';
import { makeRepository } from '../forge/git.ts';
import { type Logged, makeServer } from './server.ts';
import { nextId, type World } from './world.ts';

export type { Fault, Injection } from '../forge/faults.ts';
export type { Logged } from './server.ts';
export type { World } from './world.ts';

export interface Gitea {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** `owner/name` */
  repository: string;
  world: World;
  faults: Faults;
  /** Every API request, oldest first. */
  requests: Logged[];
  /** The token of an account, which is made when it is first asked for. Everybody may write. */
  token: (login: string) => string;
  close: () => Promise<void>;
}

export interface StartGitea {
  /** Of the first commit of `ops/homelab`; absent: there is no repository until somebody makes one. */
  files?: ReadonlyMap<string, string>;
  clock: { now: () => number };
  /** How often a pull request that was touched answers "try again later". Default 1. */
  computing?: number;
}

/** Starts a stand-in on loopback with one repository at most, whose default branch `main` holds the files. */
export async function startGitea({ files, clock, computing = 1 }: StartGitea): Promise<Gitea> {
  const folder = await mkdtemp(join(tmpdir(), 'gitea-simulator-'));
  const world: World = {
    users: [],
    owner: 'ops',
    name: files === undefined ? '' : 'homelab',
    folder,
    repository: join(folder, 'homelab.git'),
    defaultBranch: 'main',
    branches: new Map(),
    mergeable: new Map(),
    labels: [],
    pulls: [],
    issues: [],
    notes: [],
    reactions: [],
    permissions: new Map(),
    teams: [],
    statuses: [],
    unaware: 0,
    counter: 0,
  };
  if (files !== undefined) await makeRepository(world.repository, world.defaultBranch, files, 'maintainer');
  const faults = makeFaults();
  const requests: Logged[] = [];
  const server = makeServer({ world, faults, now: () => clock.now(), computing, log: (entry) => requests.push(entry) });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get repository() {
      return `${world.owner}/${world.name}`;
    },
    world,
    faults,
    requests,
    token: (login) => tokenOf(world, login),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function tokenOf(world: World, login: string): string {
  const known = world.users.find((user) => user.login === login);
  if (known !== undefined) return known.token;
  const id = nextId(world);
  const user = { id, login, token: `${id}`.padStart(40, '0') };
  world.users.push(user);
  return user.token;
}
