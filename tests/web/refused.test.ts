import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { webhook } from '../../demo/alertmanager.ts';
import { addPersonTo } from '../../src/serve/add-person.ts';
import { gitIn } from '../../src/git/git.ts';
import { type Ask, formOf } from '../../src/web/site.ts';
import { doorToken, openServed, session } from '../serve/served.ts';
import { form, raw, rawBytes } from './ask.ts';

/** One service for all: what is refused leaves it as it was. */
let one: Awaited<ReturnType<typeof openServed>>;
let maintainer: string;
/** Somebody who may look and nothing more. */
let reader: { name: string; token: string; cookie: string };

beforeAll(async () => {
  one = await openServed();
  maintainer = await session(one);
  const { directory, account, env, clock } = one.setup;
  const { token } = await addPersonTo({ directory, account, env, clock, name: 'ann', role: 'reader' });
  reader = { name: 'ann', token, cookie: await session({ page: one.page, token }) };
});
afterAll(() => one.close());

const patient = { timeout: 40_000, interval: 100 };

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'gitmend-refused-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** A clone by one person, with that person's token in its address. */
async function cloneOf(name: string, token: string): Promise<{ git: ReturnType<typeof gitIn>; at: string }> {
  const at = await folder();
  const url = `${one.page.replace('//', `//${name}:${token}@`)}/git/repo.git`;
  await gitIn(at)(['clone', '--quiet', url, 'clone']);
  return { git: gitIn(join(at, 'clone'), { name, email: `${name}@home.lan` }), at: join(at, 'clone') };
}

const image = '<img src=x onerror=alert(1)>';

/** A pull request of which everything that a person can choose is meant to become markup. */
async function hostilePullRequest(): Promise<{ branch: string; number: number }> {
  const { git, at } = await cloneOf('maintainer', one.token);
  const branch = `x"><img/src=x/onerror=alert(1)>${seen++}`;
  await writeFile(
    join(at, '"><img src=x onerror=alert(2)>.txt'),
    `${image}\n</pre></table><script>alert(3)</script>\n`,
  );
  await git(['add', '--all']);
  await git(['commit', '--quiet', '--message', image]);
  await git(['push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`]);
  const { forge } = one.lab;
  const title = `</title></h1>${image}`;
  const { number } = await forge.openPullRequest({
    branch,
    base: 'main',
    title,
    body: markups.join('\n\n'),
    labels: [],
  });
  for (const body of markups) await forge.comment(number, body);
  return { branch, number };
}

let seen = 0;
const markups = [
  image,
  `</details></main><script>alert(4)</script>`,
  '[a](javascript:alert(5)) ![b](https://evil.test/b.png) <https://evil.test/>',
  `<details><summary>${image}</summary>\n\n| ${image} | b |\n|---|---|\n| \`${image}\` | **${image}** |\n\n</details>`,
  `\`\`\`diff\n+${image}\n\`\`\``,
  `&#60;script&#62;alert(6)&#60;/script&#62; &lt;svg onload=alert(7)&gt;`,
];

describe('every answer of the page', () => {
  it('says that it is neither framed, sniffed, shared nor kept, the refusals too', async () => {
    const asked: [number, string, Parameters<typeof raw>[1]][] = [
      [200, '/', { headers: { cookie: maintainer } }],
      [200, '/login', {}],
      [303, '/', {}],
      [404, '/pull/99', { headers: { cookie: maintainer } }],
      [404, '/nothing', {}],
      [404, '/assets/nothing', {}],
      [401, '/login', { method: 'POST', headers: { origin: one.page, 'content-type': form }, body: 'token=wrong' }],
      [401, '/git/repo.git/info/refs?service=git-upload-pack', {}],
      [403, '/logout', { method: 'POST', headers: { origin: 'https://evil.test' } }],
      [421, '/', { headers: { host: 'evil.test' } }],
    ];
    for (const [status, path, options] of asked) {
      const answer = await raw(one.page + path, options);
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.headers).toMatchObject({
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'") as string,
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect([path, answer.headers['cache-control']]).toEqual([path, expect.stringMatching(/no-store|private/)]);
      expect([path, answer.headers['x-powered-by'], answer.headers['access-control-allow-origin']]).toEqual([
        path,
        undefined,
        undefined,
      ]);
    }
  });

  it('is refused to a foreign name however it is said', async () => {
    const own = new URL(one.page).host;
    const close = 'Connection: close\r\n\r\n';
    const texts: [RegExp, string][] = [
      [/^HTTP\/1\.1 400 /, `GET / HTTP/1.0\r\n${close}`],
      [/^HTTP\/1\.1 400 /, `GET / HTTP/1.1\r\n${close}`],
      [/^HTTP\/1\.1 421 /, `GET / HTTP/1.1\r\nHost: evil.test\r\nHost: ${own}\r\n${close}`],
      [/^HTTP\/1\.1 421 /, `GET http://${own}/ HTTP/1.1\r\nHost: evil.test\r\nX-Forwarded-Host: ${own}\r\n${close}`],
    ];
    for (const [status, text] of texts)
      expect([text, await rawBytes(one.page, text)]).toEqual([text, expect.stringMatching(status)]);
  });

  it('is nothing that lies outside of what is served', async () => {
    for (const path of [
      '/assets/..%2f..%2f..%2fpackage.json',
      '/assets/%2e%2e/%2e%2e/index.ts',
      '/assets/..\\site.ts',
      '/assets/__proto__',
      '/assets/constructor',
      '/assets/style.css%00',
      '/runs/..%2f..%2fgitmend.yaml',
      '/pull/1%2f..%2f..%2flogin',
      '/.git/config',
      '//evil.test/',
    ])
      expect([path, (await raw(one.page + path, { headers: { cookie: maintainer } })).status]).toEqual([path, 404]);
  });
});

describe('a form', () => {
  const post = (path: string, headers: { [name: string]: string }, body: string) =>
    raw(one.page + path, { method: 'POST', headers: { origin: one.page, cookie: maintainer, ...headers }, body });

  it('is not begun when it does not say how long it is, or is too long', async () => {
    for (const path of ['/login', '/logout', '/pull/1/merge', '/dead/1/revive']) {
      const endless = await post(path, { 'content-type': form, 'transfer-encoding': 'chunked' }, 'token=x');
      expect([path, endless.status, endless.headers['connection']]).toEqual([path, 411, 'close']);
      const large = await post(path, { 'content-type': form }, `token=${'x'.repeat(16_384)}`);
      expect([path, large.status, large.headers['connection']]).toEqual([path, 413, 'close']);
    }
    expect((await raw(one.page, { headers: { cookie: maintainer } })).status).toBe(200);
    const figures = await (await fetch(`${one.machine}/metrics`)).text();
    expect(figures).toContain('gitmend_refused_requests_total{reason="length"} 4');
    expect(figures).toContain('gitmend_refused_requests_total{reason="size"} 4');
  });

  it('is nobody’s token when it is no form', async () => {
    const bodies: [string, string][] = [
      ['multipart/form-data', '--x\r\n'],
      ['multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data'],
      ['application/json', JSON.stringify({ token: one.token })],
      ['text/plain', `token=${one.token}`],
      [form, ''],
      [form, 'token='],
      [form, `other=${one.token}`],
    ];
    for (const [type, body] of bodies) {
      const answer = await post('/login', { 'content-type': type }, body);
      expect([type, body, answer.status, answer.headers['set-cookie']]).toEqual([type, body, 401, undefined]);
      // A right one in between: ten wrong ones in a row would block this address.
      await session(one);
    }
  });

  it('that does not arrive is hung up on', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let hungUp = (): void => undefined;
    const arriving = new Promise<never>((_, reject) => (hungUp = () => reject(new Error('aborted'))));
    const destroy = vi.fn(hungUp);
    const ask = { req: { parseBody: () => arriving }, env: { incoming: { destroy } } } as unknown as Ask;
    const fields = formOf(ask);
    await vi.advanceTimersByTimeAsync(9999);
    expect(destroy).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(destroy).toHaveBeenCalledOnce();
    expect(await fields).toEqual({});
  });
});

describe('a cookie', () => {
  it('that was not given opens nothing', async () => {
    for (const value of ['', 'x', one.token, maintainer.slice(0, -1), `${maintainer}x`, 'gitmend=', "gitmend='"]) {
      const cookie = value.startsWith('gitmend=') ? value : `gitmend=${value}`;
      expect([cookie, (await raw(one.page, { headers: { cookie } })).status]).toEqual([cookie, 303]);
      const press = await raw(`${one.page}/pull/1/merge`, { method: 'POST', headers: { cookie, origin: one.page } });
      expect([cookie, press.headers['location']]).toEqual([cookie, '/login?next=%2F']);
    }
  });
});

describe('who may only read', () => {
  it('clones, and pushes nothing anywhere', async () => {
    const { git, at } = await cloneOf(reader.name, reader.token);
    await writeFile(join(at, 'README.md'), 'mine\n');
    await git(['add', 'README.md']);
    await git(['commit', '--quiet', '--message', 'mine']);
    for (const ref of ['main', 'refs/heads/mine', 'refs/heads/gitmend/records', 'refs/gitmend/applied', 'refs/tags/v1'])
      await expect(git(['push', '--quiet', 'origin', `+HEAD:${ref}`])).rejects.toThrow(/403/);
    const branches = await gitIn(`${one.lab.folder}/forge/repo.git`)(
      ['for-each-ref', '--format=%(refname)', '--contains', (await git(['rev-parse', 'HEAD'])).stdout.trim()],
      { accept: [0, 129] },
    );
    expect(branches.stdout).toBe('');
  });

  it('sees every page and presses nothing', async () => {
    const { branch, number } = await hostilePullRequest();
    const page = await raw(`${one.page}/pull/${number}`, { headers: { cookie: reader.cookie } });
    expect([page.status, page.text.match(/<button[^>]* disabled/g)?.length]).toEqual([200, 2]);
    const { head } = await one.lab.forge.pullRequest(number);
    for (const name of ['merge', 'approve']) {
      const headers = { cookie: reader.cookie, origin: one.page, 'content-type': form };
      const body = new URLSearchParams({ head, actions: '' }).toString();
      expect((await raw(`${one.page}/pull/${number}/${name}`, { method: 'POST', headers, body })).status).toBe(409);
    }
    expect([branch, (await one.lab.forge.pullRequest(number)).state]).toEqual([branch, 'open']);
    expect(await one.lab.forge.reviews(number)).toEqual([]);
  });
});

describe('a push of somebody who may', () => {
  it('reaches branches and tags, and no ref that would show one commit in place of another', async () => {
    const { git } = await cloneOf('maintainer', one.token);
    await git(['push', '--quiet', 'origin', 'HEAD:refs/tags/v1']);
    for (const ref of [
      'refs/replace/0000000000000000000000000000000000000001',
      'refs/remotes/origin/main',
      'refs/stash',
    ])
      await expect(git(['push', '--quiet', 'origin', `+HEAD:${ref}`])).rejects.toThrow(/hidden ref/);
  });

  it('brings no tree whose paths lead out of it', async () => {
    const { git } = await cloneOf('maintainer', one.token);
    const blob = (await git(['hash-object', '-w', '--stdin'], { input: 'x' })).stdout.trim();
    for (const name of ['..', '.', '.git']) {
      const tree = (await git(['mktree'], { input: `100644 blob ${blob}\t${name}\n` })).stdout.trim();
      const commit = (await git(['commit-tree', tree, '-m', 'out'])).stdout.trim();
      await expect(git(['push', '--quiet', 'origin', `${commit}:refs/heads/out`])).rejects.toThrow(
        /push declined|unpack|fsck|remote/i,
      );
    }
    const { stdout } = await gitIn(`${one.lab.folder}/forge/repo.git`)(['for-each-ref', 'refs/heads/out']);
    expect(stdout).toBe('');
  });
});

describe('what others wrote', () => {
  /** Everything that a browser would take for markup of ours is ours: no element, handler or address came along. */
  function isOnlyText(page: string): void {
    expect(page).toMatch(/&lt;img/);
    expect(page).not.toMatch(/<img|<svg (?!class="icon"|viewBox|width)|<script(?! src="\/assets\/)|<style|<iframe/i);
    expect(page.replace(/="[^"]*"/g, '=""')).not.toMatch(/<[^>]*\s(?:on[a-z]+|style)\s*=/i);
    expect(page).not.toMatch(/(?:href|src|action)="(?!\/|#)/);
  }

  it('is text: titles, branches, bodies, comments, names of files and what is in them', async () => {
    const { number } = await hostilePullRequest();
    const headers = { cookie: maintainer };
    const { status, text } = await raw(`${one.page}/pull/${number}`, { headers });
    expect(status).toBe(200);
    isOnlyText(text);
    expect(text.match(/<details/g)).toHaveLength(2);
    const overview = () => raw(one.page, { headers }).then((answer) => answer.text);
    await expect.poll(overview, patient).toContain(`#${number} &lt;/title&gt;`);
    isOnlyText(await overview());
  });

  it('is text in alerts as well', async () => {
    const labels = { ...one.lab.alert.labels, alertname: image, id: `lxc/200${image}` };
    const alert = { ...one.lab.alert, labels, annotations: { summary: image }, fingerprint: 'bad0bad0bad0bad0' };
    const headers = { authorization: `Bearer ${doorToken}`, 'content-type': 'application/json' };
    const delivered = await fetch(one.door, { method: 'POST', headers, body: webhook([alert]) });
    expect(delivered.ok).toBe(true);
    const overview = () => raw(one.page, { headers: { cookie: maintainer } }).then(({ text }) => text);
    await expect.poll(overview, patient).toMatch(/id="incident-[^>]*>[\s\S]*&lt;img/);
    isOnlyText(await overview());
  });
});
