import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeCertificates } from '../../simulators/pve/certificates.ts';
import type { NotifyConfig } from '../../src/core/config.ts';
import { destinationOf } from '../../src/notify/destination.ts';
import { reach } from '../../src/notify/reach.ts';
import { serve } from '../clients/proxmox/support.ts';
import { httpServer, smtpServer } from './servers.ts';

const tried = (config: NotifyConfig, env: { [name: string]: string } = {}, patience = 10_000) =>
  reach(destinationOf(config, env), patience);

/** A CA of somebody's own, as NODE_EXTRA_CA_CERTS would bring it. */
function trust(pem: string): void {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, pem]);
  onTestFinished(() => setDefaultCACertificates(before));
}

describe.each(['webhook', 'ntfy'] as const)('a %s', (kind) => {
  test('is reached, and not told anything', async () => {
    const server = await httpServer();
    expect(await tried({ kind, url: `${server.url}/gitmend` })).toEqual({ reached: true, what: 'reached' });
    expect(server.received).toEqual([]);
  });

  test('where nobody listens, or no name leads, is not reached', async () => {
    for (const [url, code] of [
      ['http://127.0.0.1:1/gitmend', 'ECONNREFUSED'],
      ['https://127.0.0.1:1/gitmend', 'ECONNREFUSED'],
      ['http://nowhere.invalid/gitmend', '(?:ENOTFOUND|EAI_AGAIN)'],
    ] as const) {
      const answer = await tried({ kind, url });
      expect(answer).toMatchObject({ reached: false, mend: expect.stringContaining('check the address and its port') });
      expect(answer.what).toMatch(new RegExp(`^could not be reached \\(${code}\\)$`));
    }
  });

  test('over TLS must have a certificate that this machine trusts', async () => {
    const server = await serve((_, response) => void response.end());
    const config = { kind, url: `${server.endpoint}/gitmend` };
    const before = await tried(config);
    expect(before).toMatchObject({ reached: false, mend: expect.stringContaining('NODE_EXTRA_CA_CERTS=') });
    expect(before.what).toMatch(/^its certificate is not trusted \([A-Z_]+\)$/);
    trust(server.ca);
    expect(await tried(config)).toEqual({ reached: true, what: 'reached, and trusted' });
    expect(server.arrivals).toEqual([]);
  });

  test('that takes the connection and never answers is given up', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    expect(await tried({ kind, url: `https://127.0.0.1:${port}/gitmend` }, {}, 50)).toMatchObject({
      reached: false,
      what: 'could not be reached (ETIMEDOUT)',
    });
  });
});

describe('a mail server', () => {
  const to = (port: number, scheme = 'smtp'): NotifyConfig => ({
    kind: 'mail',
    url: `${scheme}://127.0.0.1:${port}/?from=gitmend@home.lan&to=ops@home.lan`,
  });
  const withLogin = (config: NotifyConfig): NotifyConfig => ({ ...config, secret: { env: 'MAIL' } });
  const env = { MAIL: 'bot:hunter2hunter2' };

  test('is greeted, and given no mail', async () => {
    const server = await smtpServer();
    expect(await tried(to(server.port))).toEqual({ reached: true, what: 'answers' });
    expect(server.lines[0]).toMatch(/^EHLO /);
    expect(server.lines.filter((line) => /^(?:MAIL|RCPT|DATA)/.test(line))).toEqual([]);
  });

  test('that is away is not reached', async () => {
    expect(await tried(to(1))).toMatchObject({ reached: false, what: 'could not be reached (ECONNREFUSED)' });
  });

  test('without TLS gets no password', async () => {
    const server = await smtpServer({ offers: ['AUTH PLAIN LOGIN'] });
    expect(await tried(withLogin(to(server.port)), env)).toMatchObject({
      reached: false,
      what: 'offers no TLS, and a password goes over nothing else',
      mend: expect.stringContaining('smtps://'),
    });
    expect(server.lines.filter((line) => line.startsWith('AUTH'))).toEqual([]);
  });

  test('is shown the login, and what it says of it is not repeated', async () => {
    const { caPem, certPem: cert, keyPem: key } = makeCertificates(['127.0.0.1'], Date.now());
    const offers = ['AUTH PLAIN'];
    const glad = await smtpServer({ offers, tls: { cert, key } });
    const sour = await smtpServer({ offers, tls: { cert, key }, login: '535 not hunter2hunter2' });
    expect((await tried(withLogin(to(glad.port, 'smtps')), env)).what).toMatch(/^its certificate is not trusted/);
    trust(caPem);
    expect(await tried(withLogin(to(glad.port, 'smtps')), env)).toEqual({
      reached: true,
      what: 'answers, and has nothing against the login',
    });
    expect(glad.lines.filter((line) => line.startsWith('AUTH'))).toHaveLength(1);
    expect(await tried(withLogin(to(sour.port, 'smtps')), env)).toEqual({
      reached: false,
      what: 'refuses the login',
      mend: 'write user:password of that server into its variable',
    });
  });
});
