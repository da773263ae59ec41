import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrivateKey } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Github, startGithub } from '../../../simulators/github/index.ts';
import { openGithubForge, type OpenGithubForge } from '../../../src/forges/github/index.ts';
import { addressesOf } from '../../../src/forges/github/address.ts';
import { compared, needed } from '../../../src/forges/github/rights.ts';
import { gitIn } from '../../../src/git/git.ts';
import { openRepository } from '../../../src/git/repository.ts';
import { steppingClock } from '../gitea/stand-in.ts';
import { begin } from '../harness.ts';

type Standing = Github & {
  clock: ReturnType<typeof steppingClock>;
  open: (more?: Partial<OpenGithubForge>) => ReturnType<typeof openGithubForge>;
};

async function standing(): Promise<Standing> {
  const clock = steppingClock();
  const github = await startGithub({ files: begin, clock });
  onTestFinished(() => github.close());
  const { url, repository } = github;
  const identity = { token: github.token('gitmend') };
  return Object.assign(github, {
    clock,
    open: (more: Partial<OpenGithubForge> = {}) => openGithubForge({ url, repository, clock, identity, ...more }),
  });
}

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gitmend-github-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe('opening a GitHub', () => {
  test('tells who gitmend is, which branch counts and what git reaches', async () => {
    const { open, url } = await standing();
    for (const address of [url, `${url}/`, `${url}/api/v3`]) {
      expect(await open({ url: address })).toMatchObject({
        ...{ kind: 'github', self: 'gitmend', defaultBranch: 'main', remote: `${url}/ops/homelab.git` },
      });
    }
  });

  test.each([
    [{ identity: { token: 'wrong' } }, 'FORGE_REFUSED', /token is not accepted/],
    [{ repository: 'ops/nothing' }, 'FORGE_NOT_FOUND', /ops\/nothing/],
    [{ url: 'http://127.0.0.1:9' }, 'FORGE_FAILED', /ECONNREFUSED|bad port|127\.0\.0\.1:9/],
  ])('%j is %s', async (more, code, message) => {
    const { open } = await standing();
    await expect(open(more)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each([
    [undefined, 'https://github.com', 'https://api.github.com'],
    ['https://www.github.com', 'https://github.com', 'https://api.github.com'],
    ['https://github.com/you/homelab', 'https://github.com', 'https://api.github.com'],
    ['https://api.github.com/', 'https://github.com', 'https://api.github.com'],
    ['https://octocorp.ghe.com/', 'https://octocorp.ghe.com', 'https://api.octocorp.ghe.com'],
    ['https://github.home.lan/api/v3', 'https://github.home.lan', 'https://github.home.lan/api/v3'],
    ['https://evil-ghe.com', 'https://evil-ghe.com', 'https://evil-ghe.com/api/v3'],
  ])('%s has its pages at %s and its API at %s', (url, web, api) => {
    expect(addressesOf(url)).toEqual({ web, api });
  });

  test('a repository that was renamed is said to be so, and its redirect is not followed', async () => {
    const { open, faults, requests } = await standing();
    faults.inject({ fault: 'status', status: 301, path: /^repos/, headers: { location: '/elsewhere' } });
    await expect(open()).rejects.toMatchObject({
      code: 'FORGE_NOT_FOUND',
      message: expect.stringContaining('another'),
    });
    expect(requests.map(({ path }) => path)).toEqual(['user', 'repos/ops/homelab']);
  });

  test('what the default branch demands is told to doctor, by its protection and by rulesets', async () => {
    const { open, world } = await standing();
    const forge = await open();
    expect(await forge.protection()).toMatchObject({ requiredStatuses: [], requiredApprovals: 0 });
    world.protection = { statuses: ['gitmend/plan'] };
    expect(await forge.protection()).toMatchObject({ requiredStatuses: ['gitmend/plan'], requiredApprovals: 0 });
    world.ruleset = { statuses: ['gitmend/policy'], approvals: 2 };
    expect(await forge.protection()).toMatchObject({
      ...{ requiredStatuses: ['gitmend/plan', 'gitmend/policy'], requiredApprovals: 2, dismissesStale: false },
    });
    world.ruleset.dismissesStale = true;
    expect(await forge.protection()).toMatchObject({ dismissesStale: true });
  });

  test('a team is told where it is shown, and says who is in it', async () => {
    const { open, world, token } = await standing();
    const forge = await open();
    token('alice');
    world.teams.push({ org: 'ops', slug: 'admins', members: ['alice'] });
    const asked = ['alice', 'bob'].map((account) => forge.inTeam('ops/admins', account));
    expect(await Promise.all([...asked, forge.inTeam('ops/nobody', 'alice')])).toEqual([true, false, undefined]);
  });
});

describe('an App', () => {
  const installed = (github: Github, permissions: { [name: string]: string } = { ...needed }) =>
    github.installApp('gitmend', permissions);

  test('writes as its bot, whichever form its key has', async () => {
    const made = await standing();
    const { id, privateKey } = installed(made);
    const pkcs8 = createPrivateKey(privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
    const inOneLine = privateKey.replaceAll('\n', '\\n');
    for (const key of [privateKey, pkcs8, inOneLine, Buffer.from(privateKey).toString('base64')])
      expect((await made.open({ identity: { app: { id, privateKey: key } } })).self).toBe('gitmend[bot]');
    const wrong = made.open({ identity: { app: { id, privateKey: 'not-a-key' } } });
    await expect(wrong).rejects.toMatchObject({
      code: 'FORGE_REFUSED',
      message: expect.not.stringContaining('not-a-key'),
    });
  });

  test('that is not installed there, or signs for another, is told', async () => {
    const made = await standing();
    const { id, privateKey } = installed(made);
    const elsewhere = made.open({ repository: 'ops/elsewhere', identity: { app: { id, privateKey } } });
    await expect(elsewhere).rejects.toMatchObject({
      code: 'FORGE_NOT_FOUND',
      message: expect.stringMatching(/not installed/),
    });
    const other = made.open({ identity: { app: { id: '4711', privateKey } } });
    await expect(other).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
  });

  test('renews its token before the hour is over, for the API and for git', async () => {
    const made = await standing();
    const { id, privateKey } = installed(made);
    const forge = await made.open({ identity: { app: { id, privateKey } } });
    const repo = await openRepository(join(await temporary(), 'mirror'), forge.remote, forge.gitEnv);
    const made1 = made.requests.filter(({ path }) => path.endsWith('access_tokens')).length;
    await made.clock.sleep(45 * 60_000);
    expect(await forge.pullRequests({ state: 'open' })).toEqual([]);
    expect(made.requests.filter(({ path }) => path.endsWith('access_tokens'))).toHaveLength(made1);
    await made.clock.sleep(20 * 60_000);
    expect(await forge.pullRequests({ state: 'open' })).toEqual([]);
    expect(made.requests.filter(({ path }) => path.endsWith('access_tokens'))).toHaveLength(made1 + 1);
    await repo.fetch();
    expect(await repo.tip('refs/heads/main')).toMatch(/^[0-9a-f]{40}$/);
  });

  test('shows plan and policy as check runs, begun, ended and begun again', async () => {
    const made = await standing();
    const forge = await made.open({ identity: { app: installed(made) } });
    const repo = await openRepository(join(await temporary(), 'mirror'), forge.remote, forge.gitEnv);
    await repo.fetch();
    const sha = (await repo.tip('refs/heads/main')) ?? '';
    const states = ['pending', 'error', 'pending', 'failure', 'success'] as const;
    for (const state of states) {
      const status = { context: 'gitmend/plan', state, description: `it is ${state}` };
      await forge.ensureStatus(sha, status);
      await forge.ensureStatus(sha, status);
      expect(await forge.statuses(sha)).toEqual([status]);
    }
    expect(made.world.statuses).toEqual([]);
    expect(made.world.checks.map(({ name, status, conclusion }) => [name, status, conclusion])).toEqual([
      ['gitmend/plan', 'completed', 'action_required'],
      ['gitmend/plan', 'completed', 'success'],
    ]);
  });

  test('takes no check of that name by somebody else for its own, and tells the worse one', async () => {
    const made = await standing();
    const forge = await made.open({ identity: { app: installed(made) } });
    const repo = await openRepository(join(await temporary(), 'mirror'), forge.remote, forge.gitEnv);
    await repo.fetch();
    const sha = (await repo.tip('refs/heads/main')) ?? '';
    const check = { id: 900, sha, name: 'gitmend/plan', title: 'forged', summary: null, app: 'another', at: 0 };
    made.world.checks.push({ ...check, status: 'completed', conclusion: 'success' });
    await forge.ensureStatus(sha, { context: 'gitmend/plan', state: 'failure', description: 'refused' });
    expect(made.world.checks).toHaveLength(2);
    expect(await forge.statuses(sha)).toEqual([{ context: 'gitmend/plan', state: 'failure', description: 'refused' }]);
  });

  test('is told what it may too much and too little', async () => {
    const made = await standing();
    const some = Object.fromEntries(Object.entries(needed).filter(([name]) => name !== 'checks' && name !== 'members'));
    const app = installed(made, { ...some, pull_requests: 'read', administration: 'write', issues: 'admin' });
    expect(await (await made.open({ identity: { app } })).rights()).toEqual({
      missing: ['checks: write', 'pull_requests: write'],
      excess: ['administration: write', 'issues: admin'],
    });
  });
});

describe('what a credential may', () => {
  test('of a token the role of its account is told', async () => {
    const { open, world, token } = await standing();
    expect(await (await open()).rights()).toEqual({ missing: [], excess: [] });
    world.permissions.set('boss', 'admin').set('guest', 'read');
    const rights = async (login: string) => (await open({ identity: { token: token(login) } })).rights();
    expect(await rights('boss')).toMatchObject({ missing: [], excess: [expect.stringContaining('Admin')] });
    expect(await rights('guest')).toMatchObject({ missing: [expect.stringContaining('Write')], excess: [] });
  });

  test('of an App exactly what is needed is neither too much nor too little', () => {
    expect(compared(needed)).toEqual({ missing: [], excess: [] });
    const withoutTeams = Object.fromEntries(Object.entries(needed).filter(([name]) => name !== 'members'));
    expect(compared(withoutTeams).missing).toEqual([]);
    expect(compared({}).missing).toHaveLength(Object.keys(needed).length - 2);
  });
});

describe('git over HTTP', () => {
  test('fetches and pushes refs of gitmend’s own, and demands their absence', async () => {
    const { open } = await standing();
    const { remote, gitEnv } = await open();
    const folder = await temporary();
    const [one, two] = [
      await openRepository(join(folder, 'one'), remote, gitEnv),
      await openRepository(join(folder, 'two'), remote, gitEnv),
    ];
    await one.fetch();
    await two.fetch();
    const base = (await one.tip('refs/heads/main')) ?? '';
    const tree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
    const lock = (message: string) => ({ tree, parents: [base], message, at: 1_763_608_320_000 });
    const ref = 'refs/gitmend/locks/abc';
    expect(await one.push([{ ref, from: null, to: await one.commit(lock('held by one')) }])).toBe(true);
    expect(await two.push([{ ref, from: null, to: await two.commit(lock('held by two')) }])).toBe(false);
  });

  test('without the credential is refused, and the token is in no message', async () => {
    const { open, token } = await standing();
    const { remote, gitEnv = {} } = await open();
    const git = gitIn(await temporary());
    await expect(git(['ls-remote', remote])).rejects.toMatchObject({ code: 'GIT_FAILED' });
    const error = await git(['ls-remote', `${remote}/nothing`], { env: { ...gitEnv } }).catch((one: unknown) => one);
    const secret = [token('gitmend'), Buffer.from(`x-access-token:${token('gitmend')}`).toString('base64')];
    for (const one of secret) expect(`${JSON.stringify(error)}${String(error)}${remote}`).not.toContain(one);
  });
});
