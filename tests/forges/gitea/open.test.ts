import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Gitea, startGitea } from '../../../simulators/gitea/index.ts';
import { openGiteaForge } from '../../../src/forges/gitea/index.ts';
import { gitIn } from '../../../src/git/git.ts';
import { openRepository } from '../../../src/git/repository.ts';
import { begin } from '../harness.ts';
import { faultsOf } from './described.ts';
import { steppingClock } from './stand-in.ts';

async function standing(): Promise<Gitea & { open: (more?: object) => ReturnType<typeof openGiteaForge> }> {
  const clock = steppingClock();
  const gitea = await startGitea({ files: begin, clock });
  onTestFinished(() => gitea.close());
  const usual = { url: gitea.url, repository: gitea.repository, token: gitea.token('gitmend'), clock };
  return { ...gitea, open: (more = {}) => openGiteaForge({ ...usual, ...more }) };
}

describe('opening a Gitea', () => {
  test('tells who gitmend is, which branch counts and what git reaches', async () => {
    const { open, url } = await standing();
    expect(await open({ url: `${url}/` })).toMatchObject({
      kind: 'gitea',
      self: 'gitmend',
      defaultBranch: 'main',
      remote: `${url}/ops/homelab.git`,
    });
  });

  test.each([
    [{ token: 'wrong' }, 'FORGE_REFUSED', /token is not accepted/],
    [{ repository: 'ops/nothing' }, 'FORGE_NOT_FOUND', /ops\/nothing/],
    [{ url: 'http://127.0.0.1:9' }, 'FORGE_FAILED', /127\.0\.0\.1:9/],
  ])('%j is %s', async (more, code, message) => {
    const { open } = await standing();
    await expect(open(more)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('a repository that was renamed is said to be so', async () => {
    const { open, faults } = await standing();
    faults.inject({ fault: 'status', status: 307, path: /^repos/, headers: { location: '/elsewhere' } });
    await expect(open()).rejects.toMatchObject({
      code: 'FORGE_NOT_FOUND',
      message: expect.stringContaining('another'),
    });
  });

  test('what the default branch demands is told to doctor', async () => {
    const { open, world } = await standing();
    const forge = await open();
    expect(await forge.protection()).toMatchObject({ requiredStatuses: [], requiredApprovals: 0 });
    world.protection = { statuses: ['gitmend/plan'], approvals: 2 };
    expect(await forge.protection()).toMatchObject({ requiredStatuses: ['gitmend/plan'], requiredApprovals: 2 });
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
    const lock = (message: string) => ({
      tree: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
      parents: [base],
      message,
      at: 1_763_608_320_000,
    });
    const ref = 'refs/gitmend/locks/abc';
    expect(await one.push([{ ref, from: null, to: await one.commit(lock('held by one')) }])).toBe(true);
    expect(await two.push([{ ref, from: null, to: await two.commit(lock('held by two')) }])).toBe(false);
    await two.fetch();
    expect(await two.message((await two.tip(ref)) ?? '')).toBe('held by one');
  });

  test('without the credential is refused, and nobody is asked for one', async () => {
    const { open } = await standing();
    const { remote } = await open();
    await expect(gitIn(await temporary())(['ls-remote', remote])).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });

  test('leaves the token in no file, argument or message', async () => {
    const { open, token } = await standing();
    const { remote, gitEnv = {} } = await open();
    const folder = await temporary();
    const secret = [token('gitmend'), Buffer.from(`gitmend:${token('gitmend')}`).toString('base64')];
    await (await openRepository(join(folder, 'mirror'), remote, gitEnv)).fetch();
    const error = await gitIn(folder)(['ls-remote', `${remote}/nothing`], { env: { ...gitEnv } }).catch(
      (one: unknown) => one,
    );
    const texts = [remote, JSON.stringify(error), String(error), ...filesIn(folder)];
    for (const one of secret) expect(texts.filter((text) => text.includes(one))).toEqual([]);
  });
});

test('what is held against Gitea’s description is noticed', ({ skip }) => {
  const exchange = { method: 'GET', path: 'repos/a/b/pulls', query: {}, body: {}, status: 200, json: [{ number: 1 }] };
  if (faultsOf({ ...exchange, path: 'repos/a/b/nothing' }).length === 0) skip('shared/data is not here');
  expect(faultsOf(exchange)).toEqual([]);
  expect(faultsOf({ ...exchange, query: { stat: 'open' } })).toHaveLength(1);
  expect(faultsOf({ ...exchange, json: [{ number: '1', nope: 1 }] })).toHaveLength(2);
  expect(
    faultsOf({ ...exchange, method: 'POST', path: 'repos/a/b/pulls/1/merge', body: { Do: 'nothing', x: 1 } }),
  ).toHaveLength(2);
});

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gitmend-gitea-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
}
