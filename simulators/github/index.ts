import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Faults, makeFaults } from '../forge/faults.ts';
import { makeRepository } from '../forge/git.ts';
import { delivered } from './hooks.ts';
import { type Logged, makeServer } from './server.ts';
import { nextId, type User, type World } from './world.ts';

export type { Fault, Injection } from '../forge/faults.ts';
export type { Logged } from './server.ts';
export { pullsOf, type World } from './world.ts';

export interface Github {
  /** `http://127.0.0.1:PORT`: as a GitHub Enterprise Server, with its API below `/api/v3`. */
  url: string;
  /** `owner/name` */
  repository: string;
  world: World;
  faults: Faults;
  /** Every API request, oldest first. */
  requests: Logged[];
  /** The personal token of an account, which is made when it is first asked for. Everybody may write. */
  token: (login: string) => string;
  /** The token of a job of Actions. */
  jobToken: () => string;
  /** Installs an App with these permissions; its key as it would be downloaded. */
  installApp: (slug: string, permissions: { [name: string]: string }) => { id: string; privateKey: string };
  /** Resolves when every web hook was answered, or was lost. */
  delivered: () => Promise<void>;
  close: () => Promise<void>;
}

export interface StartGithub {
  /** Of the first commit of `ops/homelab`; absent: there is no repository until somebody makes one. */
  files?: ReadonlyMap<string, string>;
  clock: { now: () => number };
  /** How often a pull request that was touched answers that it is still computing. Default 1. */
  computing?: number;
}

/** Starts a stand-in on loopback with one repository at most, whose default branch `main` holds the files. */
export async function startGithub({ files, clock, computing = 1 }: StartGithub): Promise<Github> {
  const folder = await mkdtemp(join(tmpdir(), 'github-simulator-'));
  const world = emptyWorld(folder, files === undefined ? '' : 'homelab');
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
    token: (login) => account(world, login, 'person', 'ghp_').token,
    jobToken: () => account(world, 'github-actions[bot]', 'job', 'ghs_job').token,
    installApp: (slug, permissions) => install(world, slug, permissions),
    delivered: () => delivered(world),
    async close() {
      await delivered(world);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function emptyWorld(folder: string, name: string): World {
  return {
    ...{ users: [], apps: [], owner: 'ops', name, folder, repository: join(folder, 'homelab.git') },
    ...{ defaultBranch: 'main', branches: new Map(), threads: [], said: [], reactions: [], permissions: new Map() },
    ...{ teams: [], statuses: [], checks: [], disallowed: [], workflows: [], dispatches: [], runs: [], hooks: [] },
    environments: new Map(),
    jobsOpenPulls: false,
    ...{ spent: 0, ids: 0, numbers: 0 },
  };
}

function account(world: World, login: string, kind: User['kind'], prefix: string): User {
  const known = world.users.find((user) => user.login === login);
  if (known !== undefined) return known;
  const id = nextId(world);
  const user: User = { id, login, token: `${prefix}${String(id).padStart(36, '0')}`, kind };
  world.users.push(user);
  return user;
}

/** Making a key takes a while, and one is as good as another here. */
let keys: { publicKey: string; privateKey: string } | undefined;

function install(
  world: World,
  slug: string,
  permissions: { [name: string]: string },
): { id: string; privateKey: string } {
  keys ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    // GitHub hands out PKCS#1.
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const [id, installation] = [nextId(world), nextId(world)];
  world.apps.push({ id, slug, installation, permissions, publicKey: keys.publicKey });
  return { id: String(id), privateKey: keys.privateKey };
}
