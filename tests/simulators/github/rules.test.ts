import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Github, startGithub } from '../../../simulators/github/index.ts';
import { begin, cloneOf } from '../../forges/harness.ts';
import { gitCredential } from '../../../src/forges/http/git-credential.ts';

const now = Date.UTC(2026, 10, 20, 3, 12);

async function standing() {
  const github = await startGithub({ files: begin, clock: { now: () => now } });
  onTestFinished(() => github.close());
  const ask = async (by: string, method: string, path: string, body?: unknown, headers: object = {}) => {
    const answer = await fetch(`${github.url}/api/v3/${path}`.replace('R/', `repos/${github.repository}/`), {
      method,
      headers: { authorization: `token ${github.token(by)}`, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, json: (text === '' ? {} : JSON.parse(text)) as Answer };
  };
  return { github, ask };
}

interface Answer {
  [name: string]: unknown;
  number?: number;
  errors?: unknown[];
}

async function withPull(github: Github, ask: Awaited<ReturnType<typeof standing>>['ask']): Promise<number> {
  const remote = `${github.url}/${github.repository}.git`;
  const gitEnv = gitCredential(remote, 'x-access-token', github.token('alice'));
  const clone = await cloneOf({ remote, gitEnv, defaultBranch: 'main' });
  onTestFinished(() => clone.dispose());
  await clone.push('fix', { 'a.txt': 'a\n' });
  const { json } = await ask('alice', 'POST', 'R/pulls', { head: 'fix', base: 'main', title: 'fix' });
  return json.number ?? 0;
}

describe('the stand-in for GitHub', () => {
  test('takes nothing from whoever is nobody', async () => {
    const { github } = await standing();
    const asked = (authorization: string) =>
      fetch(`${github.url}/api/v3/repos/ops/homelab`, { headers: { authorization } }).then(({ status }) => status);
    expect(await Promise.all(['token nobody', 'bearer x', ''].map(asked))).toEqual([401, 401, 401]);
  });

  test('refuses what GitHub refuses, with its words', async () => {
    const { github, ask } = await standing();
    const number = await withPull(github, ask);
    const again = await ask('bob', 'POST', 'R/pulls', { head: 'fix', base: 'main', title: 'again' });
    expect([again.status, JSON.stringify(again.json.errors)]).toEqual([422, expect.stringContaining('already exists')]);
    const own = await ask('alice', 'POST', `R/pulls/${number}/reviews`, { event: 'APPROVE' });
    expect([own.status, own.json.errors]).toEqual([422, ['Can not approve your own pull request']]);
    const long = await ask('bob', 'POST', `R/issues/${number}/comments`, { body: 'x'.repeat(65_537) });
    expect([long.status, JSON.stringify(long.json.errors)]).toEqual([422, expect.stringContaining('65536')]);
    const sha = github.world.branches.get('fix') ?? '';
    const status = { state: 'success', context: 'ci', description: 'x'.repeat(141) };
    expect((await ask('bob', 'POST', `R/statuses/${sha}`, status)).status).toBe(422);
    expect((await ask('bob', 'POST', 'R/check-runs', { name: 'ci', head_sha: sha })).status).toBe(403);
    const merge = { sha: '0'.repeat(40) };
    expect((await ask('bob', 'PUT', `R/pulls/${number}/merge`, merge)).status).toBe(409);
    expect((await ask('bob', 'PUT', `R/pulls/${number}/merge`, { sha })).json).toMatchObject({ merged: true });
    expect((await ask('bob', 'PUT', `R/pulls/${number}/merge`, { sha })).status).toBe(405);
  });

  test('answers 304 to what did not change, and that costs nothing', async () => {
    const { github, ask } = await standing();
    const first = await ask('alice', 'GET', 'R/pulls');
    const spent = github.world.spent;
    const same = { 'if-none-match': first.headers.get('etag') ?? '' };
    expect((await ask('alice', 'GET', 'R/pulls', undefined, same)).status).toBe(304);
    expect(github.world.spent).toBe(spent);
    await withPull(github, ask);
    expect((await ask('alice', 'GET', 'R/pulls', undefined, same)).status).toBe(200);
  });

  test('believes an App that signs with its own key, for ten minutes at most', async () => {
    const { github } = await standing();
    const { id, privateKey } = github.installApp('gitmend', { contents: 'write' });
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs1',
      format: 'pem',
    });
    const jwt = (key: string, minutes: number, iss = id) => {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const iat = now / 1000;
      const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat, exp: iat + minutes * 60, iss })}`;
      return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`;
    };
    const asked = async (token: string) =>
      (await fetch(`${github.url}/api/v3/app`, { headers: { authorization: `bearer ${token}` } })).status;
    expect(await asked(jwt(privateKey, 10))).toBe(200);
    expect(await asked(jwt(privateKey, 60))).toBe(401);
    expect(await asked(jwt(privateKey, 10, '4711'))).toBe(401);
    expect(await asked(jwt(stranger.toString(), 10))).toBe(401);
  });

  test('signs its events, and waits for nobody', async () => {
    const { github, ask } = await standing();
    const heard: { event: string; signed: boolean }[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const digest = createHmac('sha256', 's3cret').update(Buffer.concat(chunks)).digest('hex');
        const signed = request.headers['x-hub-signature-256'] === `sha256=${digest}`;
        heard.push({ event: String(request.headers['x-github-event']), signed });
        response.writeHead(500).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    github.world.hooks.push({ url, secret: 's3cret' }, { url: 'http://127.0.0.1:9/', secret: 'lost' });
    const number = await withPull(github, ask);
    await ask('bob', 'POST', `R/issues/${number}/comments`, { body: 'hello' });
    await github.delivered();
    expect(heard).toEqual([
      { event: 'pull_request', signed: true },
      { event: 'issue_comment', signed: true },
    ]);
  });
});
