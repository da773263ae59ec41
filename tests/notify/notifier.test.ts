import { describe, expect, test } from 'vitest';
import { outboxAttempts } from '../../src/store/index.ts';
import { httpServer, smtpServer } from './servers.ts';
import { notice, telling } from './telling.ts';

describe('a webhook', () => {
  test('gets the notice as JSON, once, though it was told twice', async () => {
    const server = await httpServer();
    const { notify, send } = await telling([{ kind: 'webhook', url: `${server.url}/hooks/ops` }]);
    expect(await notify(notice)).toBe('enqueued');
    expect(await notify(notice)).toBe('known');
    expect(await send()).toBe(1);
    expect(await send()).toBe(0);
    expect(server.received).toMatchObject([
      {
        method: 'POST',
        path: '/hooks/ops',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'pull%2F42', 'user-agent': 'gitmend' },
      },
    ]);
    expect(server.received[0]?.headers.authorization).toBeUndefined();
    expect(server.received[0]?.body).toEqual({
      version: 1,
      ...notice,
      text: `${notice.title}\n\n${notice.text}\n\n${notice.link!}`,
    });
  });

  test('gets its token from the environment, and an address that is a secret too', async () => {
    const server = await httpServer();
    const env = { HOOK: `${server.url}/services/T0/hidden`, HOOK_TOKEN: 'tok-0123456789' };
    const { notify, send } = await telling(
      [{ kind: 'webhook', url: { env: 'HOOK' }, secret: { env: 'HOOK_TOKEN' } }],
      env,
    );
    await notify(notice);
    expect(await send()).toBe(1);
    expect(server.received).toMatchObject([
      { path: '/services/T0/hidden', headers: { authorization: 'Bearer tok-0123456789' } },
    ]);
  });

  test('is not called across a redirect, to the same host or another', async () => {
    const elsewhere = await httpServer();
    for (const status of [301, 302, 303, 307, 308]) {
      const server = await httpServer({ status, location: `${elsewhere.url}/` });
      const { notify, send, store, events } = await telling([{ kind: 'webhook', url: server.url }]);
      await notify(notice);
      expect(await send()).toBe(0);
      expect(events).toMatchObject([{ event: 'notice-failed', why: expect.stringContaining('redirects elsewhere') }]);
      expect(await store.outbox.counts()).toMatchObject({ waiting: 1 });
    }
    expect(elsewhere.received).toEqual([]);
  });

  test('that sends an endless answer is not listened to', async () => {
    const server = await httpServer({ endless: true });
    const { notify, send } = await telling([{ kind: 'webhook', url: server.url }]);
    await notify(notice);
    expect(await send()).toBe(1);
  });

  test('that does not answer in time is given up and tried again', async () => {
    const server = await httpServer({ silent: true });
    const { notify, send, events } = await telling([{ kind: 'webhook', url: server.url }], {}, { patience: 200 });
    await notify(notice);
    expect(await send()).toBe(0);
    expect(events).toMatchObject([
      { event: 'notice-failed', state: 'waiting', why: expect.stringContaining('did not answer in 0.2 s') },
    ]);
  });

  test('cannot be made to call a channel or to show a link under another name', async () => {
    const server = await httpServer();
    const { notify, send } = await telling([{ kind: 'webhook', url: server.url }]);
    await notify({
      ...notice,
      title: '@channel <!here>',
      text: '<http://evil|Approve> [Approve](http://evil) root@pam a < b',
    });
    await send();
    const { text = '' } = server.received[0]!.body as { text?: string };
    for (const mark of ['@channel', '<!', '<http', '](']) expect(text).not.toContain(mark);
    expect(text).toContain('root@pam a < b');
  });
});

describe('ntfy', () => {
  test('gets plain text for its topic, with what to open and how loud', async () => {
    const server = await httpServer();
    const { notify, send } = await telling([{ kind: 'ntfy', url: `${server.url}/gitmend`, secret: { env: 'NTFY' } }], {
      NTFY: 'tk_0123456789',
    });
    await notify(notice);
    await notify({ kind: 'good-news', title: 'postgres: verified', text: '', key: 'run/1' });
    expect(await send()).toBe(2);
    expect(server.received.map(({ path, headers }) => [path, headers.authorization])).toEqual(
      [1, 2].map(() => ['/', 'Bearer tk_0123456789']),
    );
    expect(server.received.map(({ body }) => body)).toEqual([
      {
        topic: 'gitmend',
        title: notice.title,
        message: notice.text,
        priority: 4,
        tags: ['needs-person'],
        click: notice.link,
      },
      {
        topic: 'gitmend',
        title: 'postgres: verified',
        message: 'postgres: verified',
        priority: 2,
        tags: ['good-news'],
      },
    ]);
  });

  test('gets no more than it takes, cut between two letters', async () => {
    const server = await httpServer();
    const { notify, send } = await telling([{ kind: 'ntfy', url: `${server.url}/gitmend` }]);
    await notify({ ...notice, text: 'ü'.repeat(3999) });
    await send();
    const { message = '' } = server.received[0]!.body as { message?: string };
    expect(Buffer.byteLength(message)).toBeLessThan(4096);
    expect(message).toMatch(/^ü+…$/);
  });
});

describe('several destinations', () => {
  test('each get it once, and one that is away holds up no other', async () => {
    const [first, second] = [await httpServer({ status: 503 }), await httpServer()];
    const { notify, send, clock, store } = await telling([
      { kind: 'webhook', url: first.url },
      { kind: 'ntfy', url: `${second.url}/gitmend` },
    ]);
    await notify(notice);
    expect(await send()).toBe(1);
    expect(await send()).toBe(0);
    first.answer.status = 200;
    clock.advance(5000);
    expect(await send()).toBe(1);
    expect([first.received.length, second.received.length]).toEqual([2, 1]);
    expect(await store.outbox.counts()).toMatchObject({ waiting: 0, done: 2 });
  });

  test('one that never comes back is given up, kept and shown', async () => {
    const { notify, send, clock, store, events } = await telling([{ kind: 'webhook', url: 'http://127.0.0.1:1/' }]);
    await notify(notice);
    for (let attempt = 0; attempt < outboxAttempts; attempt += 1) {
      expect(await send()).toBe(0);
      clock.advance(3_600_000);
    }
    expect(events.map(({ state }) => state)).toEqual([
      ...Array.from({ length: outboxAttempts - 1 }, () => 'waiting'),
      'dead',
    ]);
    expect(await store.outbox.dead()).toMatchObject([{ why: expect.stringContaining('webhook at 127.0.0.1:1: ') }]);
  });

  test('one that answers with a secret has it neither in the log nor with what was given up', async () => {
    const secret = 'a-door-token-of-tests';
    const server = await smtpServer({ refuse: `550 go away, ${secret}` });
    const config = { kind: 'mail', url: `smtp://127.0.0.1:${server.port}/?from=a@home.lan&to=b@home.lan` } as const;
    const { notify, send, clock, store, events } = await telling([config], {}, { secrets: [secret] });
    await notify(notice);
    for (let attempt = 0; attempt < outboxAttempts; attempt += 1) {
      expect(await send()).toBe(0);
      clock.advance(3_600_000);
    }
    expect(events.map(({ why }) => why)).toEqual(
      Array.from({ length: outboxAttempts }, () => expect.stringContaining('550 go away, [redacted]') as string),
    );
    const dead = await store.outbox.dead();
    expect(dead).toMatchObject([{ why: expect.stringContaining('550 go away, [redacted]') }]);
    expect(JSON.stringify([events, dead])).not.toContain(secret);
  });

  test('one that gitmend.yaml no longer names gets nothing', async () => {
    const server = await httpServer();
    const { notify, make, events, store } = await telling([{ kind: 'webhook', url: server.url }]);
    await notify(notice);
    expect(await make([]).send()).toBe(0);
    expect(events).toMatchObject([{ event: 'notice-dropped', key: 'pull/42' }]);
    expect(await store.outbox.counts()).toMatchObject({ waiting: 0, taken: 0 });
    expect(server.received).toEqual([]);
  });

  test('without any, nothing is kept', async () => {
    const { notify, store } = await telling([]);
    expect(await notify(notice)).toBe('known');
    expect(await store.outbox.counts()).toMatchObject({ waiting: 0 });
  });
});
