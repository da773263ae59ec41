import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { gitIn } from '../../src/git/git.ts';
import { openServed, served, type Served, session } from '../serve/served.ts';
import { form, raw } from './ask.ts';

/** One service for every test that leaves it as it was, and for the one that merges the pull request that waits on it. */
let shared: Awaited<ReturnType<typeof openServed>> & Proposed;
beforeAll(async () => {
  const one = await openServed();
  shared = { ...one, ...(await proposed(one)) };
});
afterAll(() => shared.close());

interface Proposed {
  cookie: string;
  /** What its page says that is shown, as the buttons send it. */
  shown: { head: string; actions: string };
}

const patient = { timeout: 40_000, interval: 100 };

async function proposed(one: Served): Promise<Proposed> {
  await one.alert();
  const cookie = await session(one);
  // The overview is a pass later than the page of the pull request: then everything that decides is known.
  await vi.waitFor(
    async () => expect((await raw(one.page, { headers: { cookie } })).text).toMatch(/wants approval/),
    patient,
  );
  const { text } = await raw(`${one.page}/pull/1`, { headers: { cookie } });
  const field = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(text)?.[1] ?? '';
  return { cookie, shown: { head: field('head'), actions: field('actions') } };
}

async function refusedOrigins({ machine }: Served): Promise<number> {
  const figures = await (await fetch(`${machine}/metrics`)).text();
  return Number(/^gitmend_refused_requests_total\{reason="origin"\} (\d+)$/m.exec(figures)?.[1] ?? 0);
}

const merged = async (one: Served) => (await one.lab.forge.pullRequest(1)).state === 'merged';

describe('a page of somebody else', () => {
  it('cannot merge, nor approve, nor log in or out, whatever it sends', async () => {
    const one = shared;
    const { cookie, shown, page } = one;
    const before = await refusedOrigins(one);
    const body = new URLSearchParams(shown).toString();
    const foreign = [
      { origin: 'https://evil.test' },
      { origin: 'null' },
      { origin: page.replace('127.0.0.1', 'localhost') },
      { origin: page.replace('http:', 'https:') },
      { origin: `${page}.evil.test` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin: page, 'sec-fetch-site': 'cross-site' },
      {},
    ];
    for (const headers of foreign) {
      for (const path of ['/pull/1/merge', '/pull/1/approve', '/login', '/logout', '/dead/1/revive']) {
        const answer = await raw(page + path, {
          method: 'POST',
          headers: { cookie, 'content-type': form, ...headers },
          body,
        });
        expect([path, headers, answer.status]).toEqual([path, headers, 403]);
      }
    }
    expect(await merged(one)).toBe(false);
    expect(await one.lab.forge.reviews(1)).toEqual([]);
    expect(await refusedOrigins(one)).toBe(before + foreign.length * 5);
  });

  it('gets nothing under a name that is not ours, though it resolves here', async () => {
    const one = shared;
    const port = new URL(one.page).port;
    for (const host of ['evil.test', `evil.test:${port}`, `127.0.0.1.evil.test:${port}`, '127.0.0.1:1', '127.0.0.1']) {
      const headers = { host, cookie: one.cookie, origin: `http://${host}`, 'content-type': form };
      for (const [method, path] of [
        ['GET', '/'],
        ['GET', '/login'],
        ['POST', '/pull/1/merge'],
        ['GET', '/git/repo.git/info/refs?service=git-upload-pack'],
      ] as const) {
        const answer = await raw(one.page + path, {
          method,
          headers,
          ...(method === 'POST' ? { body: new URLSearchParams(one.shown).toString() } : {}),
        });
        expect([host, path, answer.status]).toEqual([host, path, 421]);
      }
    }
    expect(await merged(one)).toBe(false);
  });

  it('can neither frame, sniff nor script ours', async () => {
    const one = shared;
    const { headers } = await raw(`${one.page}/login`);
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
    });
    const cookie = await session(one);
    for (const path of ['/', '/log', '/guests', '/login']) {
      const { text } = await raw(one.page + path, { headers: { cookie } });
      expect(text).not.toMatch(/<script(?! src="\/assets\/)|<style|\son[a-z]+=|\sstyle=|javascript:/);
      expect(text).not.toMatch(/(?:src|href|action)="(?:https?:)?\/\//);
    }
  });
});

describe('the login', () => {
  it('gives a cookie that no script reads and no other site sends', async () => {
    const one = shared;
    const headers = { origin: one.page, 'content-type': form };
    const answer = await raw(`${one.page}/login`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ token: one.token, next: '/log' }).toString(),
    });
    expect(answer.status).toBe(303);
    expect(answer.headers['location']).toBe('/log');
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^gitmend=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/,
    );
  });

  it('gives a cookie for TLS alone where the page is called so', async () => {
    const one = await served({ url: ['https://gitmend.home.lan'] });
    const port = new URL(one.door).port;
    expect(port).not.toBe('');
    const listener =
      one.logged.map((line) => JSON.parse(line) as { page?: string }).find(({ page }) => page !== undefined)?.page ??
      '';
    const headers = { host: 'gitmend.home.lan', origin: 'https://gitmend.home.lan', 'content-type': form };
    const answer = await raw(`${listener}/login`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ token: one.token }).toString(),
    });
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^__Host-gitmend=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
  });

  it('refuses a wrong token, lets whoever is wrong ten times wait, and the right token of the same address in', async () => {
    const one = await served();
    const enter = (token: string) =>
      raw(`${one.page}/login`, {
        method: 'POST',
        headers: { origin: one.page, 'content-type': form },
        body: new URLSearchParams({ token }).toString(),
      });
    for (let times = 0; times < 10; times += 1) expect((await enter(times === 0 ? '' : 'wrong')).status).toBe(401);
    const wrong = `${one.token.slice(0, -1)}${one.token.endsWith('A') ? 'E' : 'A'}`;
    for (let times = 0; times < 3; times += 1) {
      const blocked = await enter(wrong);
      expect(blocked.status).toBe(429);
      expect(blocked.text).toMatch(/too many wrong tokens from this address: wait \d+ s/);
      expect(blocked.headers['set-cookie']).toBeUndefined();
    }
    const right = await enter(one.token);
    expect([right.status, String(right.headers['set-cookie'])]).toEqual([303, expect.stringMatching(/^gitmend=/)]);
    const figures = await (await fetch(`${one.machine}/metrics`)).text();
    for (const [result, times] of Object.entries({ wrong: 10, blocked: 3, right: 1 }))
      expect(figures).toContain(`gitmend_logins_total{result="${result}"} ${times}`);
  });

  it('asks whoever has no session, and sends them on to where they wanted to be, but never elsewhere', async () => {
    const one = shared;
    const answer = await raw(`${one.page}/pull/1`);
    expect([answer.status, answer.headers['location']]).toEqual([303, '/login?next=%2Fpull%2F1']);
    for (const next of ['//evil.test', '/\\evil.test', 'https://evil.test', 'x']) {
      const { text } = await raw(`${one.page}/login?next=${encodeURIComponent(next)}`);
      expect(text).toContain('name="next" value="/"');
    }
  });

  it('asks a visit from elsewhere once more from here, because the cookie did not come along', async () => {
    const one = shared;
    const answer = await raw(`${one.page}/pull/1`, { headers: { 'sec-fetch-site': 'cross-site' } });
    expect([answer.status, answer.text.includes('http-equiv="refresh"')]).toEqual([200, true]);
  });

  it('ends for good', async () => {
    const one = shared;
    const cookie = await session(one);
    expect((await raw(one.page, { headers: { cookie } })).status).toBe(200);
    await raw(`${one.page}/logout`, { method: 'POST', headers: { cookie, origin: one.page } });
    expect((await raw(one.page, { headers: { cookie } })).status).toBe(303);
  });
});

describe('merging on the page', () => {
  it('merges in the name of who pressed, what was shown when they pressed', async () => {
    const one = shared;
    const headers = { cookie: one.cookie, origin: one.page, 'content-type': form };
    const stale = await raw(`${one.page}/pull/1/merge`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ ...one.shown, actions: 'sha256:0' }).toString(),
    });
    expect(stale.status).toBe(409);
    expect(stale.text).toContain('this is not what the page showed when you pressed');
    const other = await raw(`${one.page}/pull/1/merge`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ ...one.shown, head: '0'.repeat(40) }).toString(),
    });
    expect(other.status).toBe(409);
    expect(await merged(one)).toBe(false);
    const answer = await raw(`${one.page}/pull/1/merge`, {
      method: 'POST',
      headers,
      body: new URLSearchParams(one.shown).toString(),
    });
    expect([answer.status, answer.headers['location']]).toEqual([303, '/pull/1?said=merged']);
    expect(await one.lab.forge.pullRequest(1)).toMatchObject({ state: 'merged', mergedBy: 'maintainer' });
    expect((await one.run()).join('\n')).toMatch(/#1 applied: postgres memory 3072 MiB, live/);
    const run = /href="\/runs\/([0-9a-f]{40})"/.exec((await raw(`${one.page}/pull/1`, { headers })).text)?.[1] ?? '';
    await expect
      .poll(async () => (await raw(`${one.page}/runs/${run}`, { headers })).text, patient)
      .toMatch(/Journal[\s\S]*intended[\s\S]*applied/);
  });

  it('answers what there is not with 404', async () => {
    const one = shared;
    const headers = { cookie: await session(one) };
    for (const path of [
      '/pull/99',
      '/pull/x',
      '/pull/0',
      '/pull/1e3',
      `/runs/${'0'.repeat(40)}`,
      '/runs/..%2f..',
      '/nothing',
    ])
      expect([path, (await raw(one.page + path, { headers })).status]).toEqual([path, 404]);
  });

  it('answers the same page again with 304', async () => {
    const one = shared;
    const headers = { cookie: await session(one) };
    const first = await raw(`${one.page}/log`, { headers });
    const again = await raw(`${one.page}/log`, {
      headers: { ...headers, 'if-none-match': String(first.headers['etag']) },
    });
    expect([200, 304]).toContain(again.status);
    expect(first.headers['cache-control']).toBe('private, no-cache');
  });
});

describe('git over HTTP', () => {
  it('clones and pushes with the token of a person, and asks everybody for it', async () => {
    const one = shared;
    const folder = await mkdtemp(join(tmpdir(), 'gitmend-clone-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const as = (name: string, token: string) => `${one.page.replace('//', `//${name}:${token}@`)}/git/repo.git`;
    const here = gitIn(folder);
    for (const url of [
      `${one.page}/git/repo.git`,
      as('maintainer', 'wrong'),
      as('ann', one.token),
      as('maintainer', ''),
    ])
      await expect(here(['clone', '--quiet', url, 'refused'])).rejects.toThrow(
        /Authentication failed|could not read Username|terminal prompts disabled/,
      );
    await here(['clone', '--quiet', as('maintainer', one.token), 'clone']);
    const clone = gitIn(join(folder, 'clone'), { name: 'maintainer', email: 'maintainer@home.lan' });
    const file = join(folder, 'clone', 'guests', 'postgres.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace(/memory: \d+/, 'memory: 2304'));
    await clone(['commit', '--quiet', '--all', '--message', 'more']);
    await clone(['push', '--quiet', 'origin', 'HEAD:refs/heads/by-hand']);
    const { stdout } = await gitIn(`${one.lab.folder}/forge/repo.git`)(['rev-parse', 'refs/heads/by-hand']);
    expect(stdout).toMatch(/^[0-9a-f]{40}/);
  });

  it('takes no default branch back, nor away, and says why; other branches are their owners’', async () => {
    const one = shared;
    const folder = await mkdtemp(join(tmpdir(), 'gitmend-clone-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const url = `${one.page.replace('//', `//maintainer:${one.token}@`)}/git/repo.git`;
    await gitIn(folder)(['clone', '--quiet', url, 'clone']);
    const clone = gitIn(join(folder, 'clone'), { name: 'maintainer', email: 'maintainer@home.lan' });
    const there = async (branch: string) =>
      (await clone(['ls-remote', 'origin', `refs/heads/${branch}`])).stdout.slice(0, 40);
    const before = await there('main');
    const commit = async (...parents: string[]) =>
      (await clone(['commit-tree', 'HEAD^{tree}', ...parents, '-m', 'other'])).stdout.trim();
    const [other, next] = [await commit(), await commit('-p', before)];
    for (const ref of [`+${other}:refs/heads/main`, '+HEAD~1:refs/heads/main'])
      await expect(clone(['push', '--quiet', 'origin', ref])).rejects.toThrow(
        /main only goes forward: what was merged there is what gitmend applied[\s\S]*revert it in a pull request/,
      );
    await expect(clone(['push', '--quiet', 'origin', ':refs/heads/main'])).rejects.toThrow(
      /main is not deleted: what was merged there/,
    );
    expect(await there('main')).toBe(before);
    // In one push each ref is judged by itself.
    for (const id of [next, other]) {
      const both = clone(['push', '--quiet', 'origin', `+${id}:refs/heads/mine`, `+${other}:refs/heads/main`]);
      await expect(both).rejects.toThrow(/main only goes forward/);
      expect([await there('mine'), await there('main')]).toEqual([id, before]);
    }
    await clone(['push', '--quiet', 'origin', ':refs/heads/mine']);
    expect(await there('mine')).toBe('');
    await clone(['push', '--quiet', 'origin', `${next}:refs/heads/main`]);
    expect(await there('main')).toBe(next);
  });

  it('lets nobody write what gitmend keeps for itself', async () => {
    const one = shared;
    const folder = await mkdtemp(join(tmpdir(), 'gitmend-clone-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const url = `${one.page.replace('//', `//maintainer:${one.token}@`)}/git/repo.git`;
    await gitIn(folder)(['clone', '--quiet', url, 'clone']);
    const clone = gitIn(join(folder, 'clone'));
    for (const ref of [
      'refs/gitmend/applied',
      'refs/gitmend/plans/1',
      'refs/heads/gitmend/records',
      'refs/notes/commits',
      'refs/pull/1/head',
    ])
      await expect(clone(['push', '--quiet', 'origin', `+HEAD:${ref}`])).rejects.toThrow(
        /deny updating a hidden ref|hidden/,
      );
  });

  it('a git that was removed meanwhile is a 502, and the page is served on', async () => {
    const one = shared;
    const headers = { authorization: `Basic ${Buffer.from(`maintainer:${one.token}`).toString('base64')}` };
    const at = (path: string) => raw(`${one.page}/${path}`, { headers });
    const fetched = 'git/repo.git/info/refs?service=git-upload-pack';
    vi.stubEnv('PATH', join(import.meta.dirname, 'nowhere'));
    try {
      expect(await at(fetched)).toMatchObject({ status: 502, text: 'git could not answer\n' });
    } finally {
      vi.unstubAllEnvs();
    }
    expect((await at(fetched)).status).toBe(200);
  });

  it('is not for browsers, nor for files', async () => {
    const one = shared;
    const headers = { authorization: `Basic ${Buffer.from(`maintainer:${one.token}`).toString('base64')}` };
    const at = (path: string, more: { [name: string]: string } = {}) =>
      raw(`${one.page}/git/${path}`, { headers: { ...headers, ...more } });
    expect((await at('repo.git/info/refs?service=git-upload-pack')).status).toBe(200);
    expect((await at('repo.git/info/refs?service=git-upload-pack', { origin: one.page })).status).toBe(403);
    expect((await at('repo.git/info/refs?service=git-upload-pack', { 'sec-fetch-site': 'none' })).status).toBe(403);
    expect((await at('repo.git/info/refs')).status).toBe(403);
    for (const path of [
      'repo.git/HEAD',
      'repo.git/config',
      'repo.git/objects/info/packs',
      '../forge.sqlite',
      'forge.sqlite',
      'repo.git/../forge.sqlite',
      '%2e%2e/forge.sqlite',
      'other.git/info/refs?service=git-upload-pack',
    ])
      expect([path, (await at(path)).status]).toEqual([path, 404]);
  });
});
