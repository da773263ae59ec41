import { createServer as createTcp } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { makeCertificates } from '../../../simulators/pve/certificates.ts';
import { proxmoxClient, readVersion } from '../../../src/clients/proxmox/index.ts';
import { answer, clientOf, errorOf, fakeClock, serve, token, type TestServer } from './support.ts';

const years = 365 * 86_400_000;
const version = { version: '9.1.3', release: '9.1', repoid: '6ae1a2c8' };
const well = (options?: Parameters<typeof serve>[1]): Promise<TestServer> =>
  serve((_, response) => answer(response, 200, { data: version }), options);
const pinOf = (fingerprint: string) => (server: TestServer) =>
  proxmoxClient({ cluster: 'home', endpoint: server.endpoint, token, fingerprint, clock: fakeClock() });

afterEach(() => vi.unstubAllEnvs());

describe('with a CA', () => {
  test('a certificate that it signed for this name is believed', async () => {
    const server = await well();
    expect(await readVersion(clientOf(server))).toEqual({ version: '9.1.3', release: '9.1' });
  });

  test('a certificate of another CA is not, and the token is not sent', async () => {
    const server = await well();
    const error = await errorOf(
      readVersion(clientOf(server, { ca: makeCertificates(['127.0.0.1'], Date.now()).caPem })),
    );
    expect(error.code).toBe('PVE_UNTRUSTED');
    expect(error.message).toMatch(
      /not signed by the CA that is trusted here \(\w+\); copy \/etc\/pve\/pve-root-ca\.pem of the node .*`fingerprint:`$/,
    );
    expect(error.details).toMatchObject({ status: 0, method: 'GET', path: '/version', maybeWritten: false });
    expect(server.arrivals).toEqual([]);
  });

  test('a certificate for another name is not believed', async () => {
    const server = await well({ names: ['pve1.home.lan'] });
    const error = await errorOf(readVersion(clientOf(server)));
    expect(error.code).toBe('PVE_UNTRUSTED');
    expect(error.message).toContain('another name than the endpoint');
    expect(server.arrivals).toEqual([]);
  });

  test('an expired certificate is not believed, and the message says how to renew it', async () => {
    const server = await well({ madeAt: Date.now() - 11 * years });
    const error = await errorOf(readVersion(clientOf(server)));
    expect(error.code).toBe('PVE_UNTRUSTED');
    expect(error.message).toMatch(/has expired .*pvecm updatecerts/);
  });

  test('the switch of Node.js that turns verification off for a process has no effect', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const server = await well();
    const error = await errorOf(
      readVersion(clientOf(server, { ca: makeCertificates(['127.0.0.1'], Date.now()).caPem })),
    );
    expect(error.code).toBe('PVE_UNTRUSTED');
    expect(server.arrivals).toEqual([]);
  });

  test('text that is no certificate is refused when the client is made', async () => {
    const server = await well();
    expect(() => clientOf(server, { ca: 'certs/pve-root-ca.pem' })).toThrow(
      /ca of cluster home holds no PEM certificate/,
    );
  });
});

describe('with neither', () => {
  test('the public authorities decide, and they do not know this one', async () => {
    const server = await well();
    const client = proxmoxClient({ cluster: 'home', endpoint: server.endpoint, token, clock: fakeClock() });
    expect((await errorOf(readVersion(client))).code).toBe('PVE_UNTRUSTED');
    expect(server.arrivals).toEqual([]);
  });
});

describe('with a pinned fingerprint', () => {
  test.each([
    ['as PVE shows it', (pin: string) => pin],
    ['in lower case without colons', (pin: string) => pin.replaceAll(':', '').toLowerCase()],
    ['with the name of the digest', (pin: string) => `sha256:${pin}`],
  ])('the leaf that has it is believed, written %s', async (_, written) => {
    const server = await well();
    expect((await readVersion(pinOf(written(server.fingerprint))(server))).version).toBe('9.1.3');
  });

  test('an expired leaf for another name is believed too: the pin says which key it is', async () => {
    const server = await well({ names: ['other'], madeAt: Date.now() - 11 * years });
    expect((await readVersion(pinOf(server.fingerprint)(server))).version).toBe('9.1.3');
  });

  test('any other leaf is refused before the token is sent, naming both fingerprints and the mend', async () => {
    const server = await well();
    const expected = server.fingerprint.replace(/^../, (pair) => (pair === '00' ? '01' : '00'));
    const error = await errorOf(readVersion(pinOf(expected)(server)));
    expect(error.code).toBe('PVE_UNTRUSTED');
    expect(error.message).toContain(server.fingerprint);
    expect(error.message).toContain(expected);
    expect(error.message).toContain('`fingerprint:`');
    expect(server.arrivals).toEqual([]);
  });

  test('a CA beside it must agree as well', async () => {
    const server = await well();
    const { caPem } = makeCertificates(['127.0.0.1'], Date.now());
    expect((await errorOf(readVersion(clientOf(server, { ca: caPem, fingerprint: server.fingerprint })))).code).toBe(
      'PVE_UNTRUSTED',
    );
    expect((await readVersion(clientOf(server, { fingerprint: server.fingerprint }))).version).toBe('9.1.3');
  });

  test('what is no SHA-256 is refused when the client is made', async () => {
    const server = await well();
    expect(() => pinOf('AA:BB')(server)).toThrow(/not a SHA-256: 32 pairs of hex digits/);
  });
});

describe('a peer that speaks something else', () => {
  test('TLS 1.1 is not spoken', async () => {
    const { certPem, keyPem, caPem } = makeCertificates(['127.0.0.1'], Date.now());
    const old = createTls({
      cert: certPem,
      key: keyPem,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL:@SECLEVEL=0',
    });
    old.on('tlsClientError', () => undefined);
    const port = await listening(old);
    const client = proxmoxClient({
      cluster: 'home',
      endpoint: `https://127.0.0.1:${port}`,
      token,
      ca: caPem,
      clock: fakeClock(),
    });
    const error = await errorOf(readVersion(client));
    expect(error.code).toBe('PVE_UNTRUSTED');
    expect(error.message).toContain('no TLS 1.2 or newer');
  });

  test('plain HTTP on the port is no trusted Proxmox VE', async () => {
    const plain = createTcp((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const port = await listening(plain);
    const { caPem } = makeCertificates(['127.0.0.1'], Date.now());
    const client = proxmoxClient({
      cluster: 'home',
      endpoint: `https://127.0.0.1:${port}`,
      token,
      ca: caPem,
      clock: fakeClock(),
    });
    expect((await errorOf(readVersion(client))).code).toBe('PVE_UNTRUSTED');
  });

  test('an endpoint that is not https is refused when the client is made', () => {
    const make = (endpoint: string) => () => proxmoxClient({ cluster: 'home', endpoint, token, clock: fakeClock() });
    expect(make('http://pve1:8006')).toThrow(/not an https address/);
    expect(make('pve1:8006')).toThrow(/not an https address/);
    expect(make('https://user:pass@pve1:8006')).toThrow(/without user or path/);
    expect(make('https://home.lan/pve')).toThrow(/without user or path/);
  });
});

function listening(server: ReturnType<typeof createTcp>): Promise<number> {
  onTestFinished(() => void server.close());
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}
