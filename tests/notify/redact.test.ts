import { describe, expect, test } from 'vitest';
import type { NotifyConfig } from '../../src/core/config.ts';
import { httpServer } from './servers.ts';
import { notice, telling } from './telling.ts';

describe('secrets', () => {
  const secrets = ['door-token-7f3a', 'pass word/with+marks', 'root@pam!gitmend=01234567-89ab-cdef-0123-456789abcdef'];
  const leaks = [
    ...secrets,
    encodeURIComponent(secrets[1]!),
    'door-\u200btoken-\u00ad7f3a',
    'hooktoken-0123',
    'ghp_0123456789abcdefghijABCDEFGHIJ012345',
    'https://ann:letmein@git.home.lan/x',
    'bot@pve!x=01234567-89ab-cdef-0123-456789abcdef',
    'password=correct-horse',
    '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----',
    'Authorization: Bearer abcdefgh12345678',
  ];

  test.each(leaks)('%j reaches neither a destination nor the store nor the log', async (leak) => {
    const server = await httpServer({ status: 500 });
    const env = { HOOK_TOKEN: 'hooktoken-0123' };
    const config: NotifyConfig = { kind: 'webhook', url: server.url, secret: { env: 'HOOK_TOKEN' } };
    const { notify, send, store, events, clock } = await telling([config], env, { secrets });
    await notify({
      kind: 'bad-news',
      title: `it said ${leak}`,
      text: `and ${leak} again`,
      link: `https://x.lan/?a=${leak}`,
      key: `k ${leak}`,
    });
    await send();
    clock.advance(10_000);
    const waiting = await store.outbox.takeDue(1, 'test');
    const { authorization, ...headers } = server.received[0]!.headers;
    expect(authorization).toBe('Bearer hooktoken-0123');
    const everything = JSON.stringify([server.received[0]!.body, headers, waiting, events]);
    expect(everything).toContain('[redacted]');
    for (const part of [
      '7f3a',
      'with+marks',
      'with%2Bmarks',
      '456789abcdef',
      'hooktoken',
      'ABCDEFGHIJ',
      'letmein',
      'correct-horse',
      'MIIE',
      'abcdefgh',
    ]) {
      expect(everything).not.toContain(part);
    }
  });

  test('ordinary words stay', async () => {
    const server = await httpServer();
    const { notify, send } = await telling([{ kind: 'webhook', url: server.url }], {}, { secrets: ['', 'short'] });
    const text = 'the API token (401) of home/lxc/200 is too short: see https://gitmend.home.lan/log?run=4f1c09';
    await notify({ ...notice, text });
    await send();
    expect(server.received[0]?.body['text']).toContain(text);
  });
});

describe('a notice', () => {
  test('is capped, and without what rewrites a terminal or turns a line', async () => {
    const server = await httpServer();
    const { notify, send } = await telling([{ kind: 'ntfy', url: `${server.url}/t` }]);
    await notify({
      ...notice,
      title: `\u001b[31m${'t'.repeat(500)}`,
      text: `a\u202eb\u2028c\0\r\nd\te`,
      link: 'javascript:alert(1)',
    });
    await send();
    const { title, message, click } = server.received[0]!.body;
    expect(title).toBe(`[31m${'t'.repeat(195)}…`);
    expect(message).toBe('ab\nc\nd e');
    expect(click).toBeUndefined();
  });
});
