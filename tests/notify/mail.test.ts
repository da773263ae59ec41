import { describe, expect, test } from 'vitest';
import type { NotifyConfig } from '../../src/core/config.ts';
import { smtpServer } from './servers.ts';
import { notice, telling } from './telling.ts';

describe('mail', () => {
  const to = (port: number): NotifyConfig => ({
    kind: 'mail',
    url: `smtp://127.0.0.1:${port}/?from=gitmend@home.lan&to=ops@home.lan&to=ann@home.lan`,
  });

  test('is plain text from and to whom gitmend.yaml names', async () => {
    const server = await smtpServer();
    const { notify, send } = await telling([to(server.port)]);
    await notify(notice);
    expect(await send()).toBe(1);
    expect(server.lines).toEqual(
      expect.arrayContaining([
        'MAIL FROM:<gitmend@home.lan>',
        'RCPT TO:<ops@home.lan>',
        'RCPT TO:<ann@home.lan>',
        'From: gitmend@home.lan',
        'To: ops@home.lan, ann@home.lan',
        'Auto-Submitted: auto-generated',
        'Out of memory for 22 minutes.',
        'https://gitmend.home.lan/pulls/42',
        expect.stringMatching(/^Message-ID: <[0-9a-f]{32}@home\.lan>$/),
        expect.stringMatching(/^Content-Type: text\/plain/),
      ]),
    );
    expect(server.lines.join('\n')).toContain('=?UTF-8?');
    expect(server.lines.join('\n')).not.toContain('text/html');
  });

  test('takes no header and no command from a title', async () => {
    const server = await smtpServer();
    const { notify, send } = await telling([to(server.port)]);
    await notify({
      ...notice,
      title: 'a\r\nBcc: evil@example.org',
      text: 'a\r\n.\r\nRCPT TO:<evil@example.org>',
      key: 'x\r\ny',
    });
    await send();
    expect(server.lines).toContain('Subject: [gitmend] a Bcc: evil@example.org');
    expect(server.lines.filter((line) => line.startsWith('Bcc'))).toEqual([]);
    expect(server.lines.filter((line) => line.startsWith('RCPT TO:'))).toHaveLength(3);
    expect(server.lines.filter((line) => line === '.')).toHaveLength(1);
  });

  test('gives a password to no server without TLS, though it asks for one', async () => {
    const server = await smtpServer({ offers: ['AUTH PLAIN LOGIN'] });
    const { notify, send, events } = await telling([{ ...to(server.port), secret: { env: 'MAIL' } }], {
      MAIL: 'bot:hunter2hunter2',
    });
    await notify(notice);
    expect(await send()).toBe(0);
    expect(events).toMatchObject([{ event: 'notice-failed', state: 'waiting' }]);
    expect(server.lines.filter((line) => line.startsWith('AUTH'))).toEqual([]);
    expect(server.lines.join('\n')).not.toContain(Buffer.from('hunter2hunter2').toString('base64').slice(0, 12));
  });

  test('that the server refuses waits and is tried again', async () => {
    const server = await smtpServer({ refuse: '550 no such user' });
    const { notify, send, events, store } = await telling([to(server.port)]);
    await notify(notice);
    expect(await send()).toBe(0);
    expect(events).toMatchObject([
      { event: 'notice-failed', destination: 'mail by 127.0.0.1', why: expect.stringContaining('550') },
    ]);
    expect(await store.outbox.counts()).toMatchObject({ waiting: 1 });
  });
});
