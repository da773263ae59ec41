import { globSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { addPersonTo } from '../../src/serve/add-person.ts';
import { startServe } from '../../src/serve/index.ts';
import { openStore } from '../../src/store/index.ts';
import { webhook } from '../../demo/alertmanager.ts';
import { systemClock } from '../../src/cli/clock.ts';
import { doorLab, doorToken, served, session, setupOf } from './served.ts';

const patient = { timeout: 40_000, interval: 100 };

describe('gitmend serve', () => {
  it('heals what the door accepted, plans it, and shows it', async () => {
    const one = await served();
    expect((await one.alert()).status).toBe(200);
    await expect
      .poll(async () => (await one.lab.forge.pullRequests({ state: 'open' })).map(({ title }) => title), patient)
      .toEqual(['postgres: memory 2048 → 3072 MiB']);
    await expect.poll(async () => (await one.lab.forge.comments(1)).length, patient).toBe(1);
    const cookie = await session(one);
    await expect
      .poll(async () => (await fetch(one.page, { headers: { cookie } })).text(), patient)
      .toMatch(/wants approval/);
    const figures = await (await fetch(`${one.machine}/metrics`)).text();
    expect(figures).toContain('gitmend_deliveries_total{door="alertmanager",result="accepted",reason="accepted"} 1');
    expect(figures).toContain('gitmend_diagnoses_total{outcome="proposed",family="memory"} 1');
    expect(figures).toMatch(/gitmend_forge_writes_total\{intent="ensurePullRequest",result="done"\} 1/);
  });

  it('follows a fault from the signal to its pull request by one word in the log', async () => {
    const one = await served();
    await one.alert();
    const events = () =>
      one.logged.map((line) => JSON.parse(line) as { event: string; correlation?: string | string[] });
    await expect.poll(() => events().some(({ event }) => event === 'diagnosed'), patient).toBe(true);
    const accepted = events().find(({ event }) => event === 'delivery-accepted')?.correlation;
    const diagnosed = events().find(({ event }) => event === 'diagnosed')?.correlation;
    expect(accepted).toEqual([diagnosed]);
  });

  it('answers a command that a person writes below a pull request, once, and reacts first', async () => {
    const one = await served();
    await one.alert();
    await expect.poll(async () => (await one.lab.forge.comments(1).catch(() => [])).length, patient).toBe(1);
    // Its first look at comments was before; what is said from then on is a command.
    await expect
      .poll(async () => (await fetch(`${one.machine}/metrics`)).text(), patient)
      .toMatch(/gitmend_passes_total\{loop="commands",result="done"\} [1-9]/);
    await one.lab.forge.comment(1, '/explain stale');
    const said = async () => (await one.lab.forge.comments(1)).map(({ author, body }) => `${author}: ${body}`);
    await expect.poll(async () => (await said()).length, patient).toBe(3);
    expect((await said())[2]).toMatch(
      /^gitmend: <!-- gitmend:answer\/2 -->[^]*is no longer what the plan started from/,
    );
    const figures = await (await fetch(`${one.machine}/metrics`)).text();
    expect(figures).toContain('gitmend_forge_writes_total{intent="react",result="done"} 1');
  });

  it('takes a thread on for a storm, which heals with the same credentials, and is gone after the stop', async () => {
    const one = await served();
    const post = (index: number) =>
      fetch(one.door, {
        method: 'POST',
        headers: { authorization: `Bearer ${doorToken}`, 'content-type': 'application/json' },
        body: webhook([{ ...one.lab.alert, resolved: false, fingerprint: `${index}`.padStart(16, '0') }]),
      });
    const flood = async (from: number) => Promise.all(Array.from({ length: 30 }, (_, index) => post(from + index)));
    const events = () => one.logged.map((line) => (JSON.parse(line) as { event: string }).event);
    await flood(0);
    await flood(100);
    await expect.poll(() => events().includes('storm-began'), patient).toBe(true);
    const before = events().filter((event) => event === 'diagnosed').length;
    await flood(5000);
    await expect.poll(() => events().filter((event) => event === 'diagnosed').length, patient).toBeGreaterThan(before);
    expect(events()).not.toContain('storm-thread-lost');
    expect((await one.lab.forge.pullRequests({ state: 'open' })).length).toBe(1);
    await one.stop();
    expect(events().at(-1)).toBe('stopped');
  });

  it('never writes to Proxmox VE, and never logs a secret', async () => {
    const one = await served();
    await one.alert();
    await expect.poll(async () => (await one.lab.forge.comments(1).catch(() => [])).length, patient).toBe(1);
    await one.stop();
    expect(one.lab.pve.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    const text = one.logged.join('');
    for (const secret of [
      doorToken,
      one.token,
      ...Object.values(one.lab.env.read).filter((value) => value.includes('!')),
    ])
      expect(text).not.toContain(secret);
  });

  it('loses nothing that it accepted before it was stopped', async () => {
    const lab = await doorLab();
    const first = await startServe(setupOf(lab));
    lab.pve.faults.inject({ fault: 'reset-before', count: 10_000 });
    const answer = await fetch(first.door, {
      method: 'POST',
      headers: { authorization: `Bearer ${doorToken}` },
      body: await readFile(lab.payload, 'utf8'),
    });
    await first.stop();
    expect(answer.status).toBe(200);
    expect(await lab.forge.pullRequests({ state: 'all' })).toEqual([]);
    lab.pve.faults.clear();
    const second = await startServe(setupOf(lab));
    onTestFinished(() => second.stop());
    await expect.poll(async () => (await lab.forge.pullRequests({ state: 'all' })).length, patient).toBe(1);
  });

  it('is not ready while the forge is away', async () => {
    const one = await served();
    await away(`${one.lab.folder}/forge/repo.git`);
    const answer = await fetch(`${one.machine}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ ready: false, store: 'ok' });
  });

  it('is not ready while the store takes nothing, and is a moment after it does', async () => {
    const one = await served();
    const [file = ''] = globSync(`${one.setup.env['GITMEND_STATE']}/*/serve.sqlite`);
    const store = new DatabaseSync(file);
    onTestFinished(() => store.close());
    store.exec("CREATE TRIGGER stuck BEFORE INSERT ON cursors BEGIN SELECT RAISE(ABORT, 'stuck'); END");
    const answer = await fetch(`${one.machine}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({
      ready: false,
      store: expect.stringMatching(/serve\.sqlite: stuck$/),
      forge: 'ok',
    });
    expect((await fetch(`${one.machine}/healthz`)).status).toBe(200);
    store.exec('DROP TRIGGER stuck');
    const ready = async () => (await fetch(`${one.machine}/readyz`)).json();
    await expect.poll(ready, patient).toEqual({ ready: true, store: 'ok', forge: 'ok' });
  });

  it('serves both sides on one listener where they have one address', async () => {
    const port = await freePort();
    const one = await served({ page: `127.0.0.1:${port}`, door: `127.0.0.1:${port}` });
    expect((await fetch(`${one.page}/healthz`)).status).toBe(200);
    expect((await one.alert()).status).toBe(200);
    expect((await fetch(`${one.page}/login`)).status).toBe(200);
  });
});

describe('the first start', () => {
  it('makes a token for the first approver, and keeps only its hash', async () => {
    const one = await served();
    expect(one.person).toMatchObject({ name: 'maintainer', role: 'approver' });
    expect(one.token).toMatch(/^[\w-]{43}$/);
    await one.stop();
    const again = await startServe(one.setup);
    onTestFinished(() => again.stop());
    expect(again.person).toBeUndefined();
    expect(one.logged.join('')).not.toContain(one.token);
  });

  it('is not needed where somebody was added before', async () => {
    const lab = await doorLab();
    const setup = setupOf(lab);
    const added = await addPersonTo({ ...setup, name: 'ann', role: 'reader' });
    const serving = await startServe(setup);
    onTestFinished(() => serving.stop());
    expect([added.name, serving.person]).toEqual(['ann', undefined]);
  });
});

describe('a start that cannot be', () => {
  it('says that the port is in use, and by which side', async () => {
    const lab = await doorLab();
    const { server, port } = await occupied();
    onTestFinished(() => void server.close());
    await expect(startServe(setupOf(lab, { page: `127.0.0.1:${port}` }))).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
      message: expect.stringMatching(/^the page cannot listen/),
    });
    await expect(startServe(setupOf(lab, { door: `127.0.0.1:${port}` }))).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
      message: expect.stringMatching(/^the door cannot listen/),
    });
  });

  it('says that this machine has no such address', async () => {
    const lab = await doorLab();
    await expect(startServe(setupOf(lab, { page: '203.0.113.1:8787' }))).rejects.toMatchObject({
      code: 'ADDRESS_UNUSABLE',
    });
  });

  it('refuses a door without a token', async () => {
    const lab = await doorLab();
    const setup = setupOf(lab);
    for (const GITMEND_ALERT_TOKEN of [undefined, '', '  '])
      await expect(startServe({ ...setup, env: { ...setup.env, GITMEND_ALERT_TOKEN } })).rejects.toMatchObject({
        code: 'ENV_MISSING',
        message: expect.stringContaining('GITMEND_ALERT_TOKEN'),
      });
    const file = `${lab.clone}/gitmend.yaml`;
    await writeFile(file, (await readFile(file, 'utf8')).replace(/, doorToken: env:GITMEND_ALERT_TOKEN/, ''));
    await expect(startServe(setup)).rejects.toMatchObject({ code: 'DOOR_UNGUARDED' });
  });

  it('refuses a Gitea whose web hooks have no secret', async () => {
    const lab = await doorLab();
    const setup = setupOf(lab);
    const file = `${lab.clone}/gitmend.yaml`;
    const gitea = 'kind: gitea, url: http://127.0.0.1:9, repository: ops/homelab, token: env:GITMEND_GITEA_TOKEN';
    const text = (await readFile(file, 'utf8')).replace('{ kind: local }', `{ ${gitea} }`);
    await writeFile(file, text);
    await expect(startServe(setup)).rejects.toMatchObject({ code: 'WEBHOOK_UNGUARDED' });
    await writeFile(file, text.replace(gitea, `${gitea}, webhookSecret: env:GITMEND_WEBHOOK_SECRET`));
    for (const GITMEND_WEBHOOK_SECRET of [undefined, '', '  '])
      await expect(startServe({ ...setup, env: { ...setup.env, GITMEND_WEBHOOK_SECRET } })).rejects.toMatchObject({
        code: 'ENV_MISSING',
        message: expect.stringContaining('GITMEND_WEBHOOK_SECRET'),
      });
  });

  it('lets go of its ports when something else fails', async () => {
    const lab = await doorLab();
    const port = await freePort();
    const setup = setupOf(lab, { page: `127.0.0.1:${port}` });
    await writeFile(`${lab.folder}/not-a-folder`, '');
    const broken = { ...setup.env, GITMEND_STATE: `${lab.folder}/not-a-folder` };
    await expect(startServe({ ...setup, env: broken })).rejects.toThrow();
    const serving = await startServe(setup);
    await serving.stop();
  });

  it('says where a forge was looked for', async () => {
    const lab = await doorLab();
    await away(`${lab.folder}/forge`);
    await expect(startServe(setupOf(lab))).rejects.toMatchObject({ code: 'FORGE_NOT_FOUND' });
  });
});

describe('people in the store', () => {
  it('are known by a hash alone', async () => {
    const lab = await doorLab();
    const { token } = await addPersonTo({ ...setupOf(lab), name: 'ann', role: 'approver' });
    const state = `${lab.folder}/state`;
    const [file = ''] = globSync(`${state}/*/serve.sqlite`);
    expect((await readFile(file)).includes(token)).toBe(false);
    const store = await openStore({ file, clock: systemClock });
    onTestFinished(() => store.close());
    expect(await store.accounts.verify(token)).toEqual({ name: 'ann', role: 'approver' });
  });
});

/** A folder is not where it was until the test ends. */
async function away(folder: string): Promise<void> {
  await rename(folder, `${folder}.away`);
  onTestFinished(() => rename(`${folder}.away`, folder));
}

async function occupied(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return { server, port: (server.address() as AddressInfo).port };
}

async function freePort(): Promise<number> {
  const { server, port } = await occupied();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
