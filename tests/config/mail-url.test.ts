import { describe, expect, it } from 'vitest';
import { readMailUrl } from '../../src/config/mail-url.ts';
import { readConfig } from '../../src/config/read.ts';

const rest = '?from=gitmend@home.lan&to=ops@home.lan';
const people = { from: 'gitmend@home.lan', to: ['ops@home.lan'] };

describe('the address of a mail server', () => {
  it.each([
    [`smtp://mail.home.lan/${rest}`, { host: 'mail.home.lan', port: 25, secure: false, ...people }],
    [`smtp://mail.home.lan:587${rest}`, { host: 'mail.home.lan', port: 587, secure: false, ...people }],
    [`smtps://[::1]/${rest}`, { host: '::1', port: 465, secure: true, ...people }],
    [
      `smtp://m/${rest}&to=ann@b.c`,
      { host: 'm', port: 25, secure: false, from: people.from, to: ['ops@home.lan', 'ann@b.c'] },
    ],
    ['mailto:ops@home.lan', { host: '127.0.0.1', port: 25, secure: false, ...people }],
  ])('%s is a route', (text, route) => {
    expect(readMailUrl(text)).toEqual(route);
  });

  it.each([
    ['https://mail.home.lan/', 'is not an address of a mail server'],
    ['mail.home.lan', 'is not an address of a mail server'],
    [`smtp://ann:hidden@m/${rest}`, 'holds a user or a password'],
    [`smtp://m/${rest}&pass=hidden`, 'is more than a server with from and to'],
    [`smtp://m/${rest}#hidden`, 'is more than a server with from and to'],
    [`smtp://m/hidden${rest}`, 'is more than a server with from and to'],
    ['smtp://m/?from=gitmend@home.lan', 'needs one from and at least one to'],
    [`smtp://m/${rest}&from=b@c.d`, 'needs one from and at least one to'],
    ['smtp://m/?from=a@b.c&to=ops', 'needs one from and at least one to'],
    ['smtp://m/?from=a@b.c&to=a@b.c%0d%0aDATA', 'needs one from and at least one to'],
    ['smtp://m/?from=a@b.c&to=a@b.c,d@e.f', 'needs one from and at least one to'],
    ['mailto:ops', 'is not an address'],
    ['mailto:a@b.c?bcc=d@e.f', 'is not an address'],
  ])('%s is none, and is not repeated', (text, problem) => {
    const read = readMailUrl(text);
    expect(read).toMatchObject({ problem });
    expect(JSON.stringify(read)).not.toContain('hidden');
  });
});

describe('notify in gitmend.yaml', () => {
  const read = (line: string) =>
    readConfig(
      `version: 1\nforge: { kind: local }\nclusters: [{ name: home, endpoint: "https://pve1:8006", ca: ca.pem, read: env:A }]\nnotify: [${line}]\n`,
    );

  it.each([
    ['{ kind: webhook, url: env:HOOK }', { kind: 'webhook', url: { env: 'HOOK' } }],
    ['{ kind: ntfy, url: "https://n/t", secret: env:N }', { kind: 'ntfy', url: 'https://n/t', secret: { env: 'N' } }],
    [`{ kind: mail, url: "smtp://m/${rest}" }`, { kind: 'mail', url: `smtp://m/${rest}` }],
  ])('takes %s', (line, value) => {
    const config = read(line);
    expect(config.ok && config.value.notify).toEqual([value]);
  });

  it.each([
    ['{ kind: webhook, url: "mailto:a@b.c" }', 'https'],
    ['{ kind: mail, url: "https://m" }', 'is not an address of a mail server; write smtp://mail.home.lan:25'],
    ['{ kind: ntfy, url: "https://n/t", secret: tk_012345 }', 'is not a reference'],
    ['{ kind: ntfy, url: "https://n/t", token: env:A }', 'is not a known field; known: kind, url, secret'],
    ['{ kind: chat, url: "https://n/t" }', 'webhook, ntfy or mail'],
  ])('refuses %s', (line, fault) => {
    const config = read(line);
    const said = config.ok ? [] : config.faults.map(({ problem, mend }) => `${problem}; ${mend}`);
    expect(said.join('\n')).toContain(fault);
  });
});
