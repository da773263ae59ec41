import { inspect } from 'node:util';
import { createServer as createTcp } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { makeCertificates } from '../../../simulators/pve/certificates.ts';
import { proxmoxClient, readVersion } from '../../../src/clients/proxmox/index.ts';
import { answer, clientOf, errorOf, fakeClock, reset, secret, serve, token } from './support.ts';

const put = (client: ReturnType<typeof clientOf>) =>
  client.api.nodes.$('pve1').lxc.$(200).config.$put({ memory: 3072, digest: 'd1' });
const post = (client: ReturnType<typeof clientOf>) =>
  client.api.nodes.$('pve1').lxc.$(200).status.reboot.$post({ timeout: 300 });
const destroy = (client: ReturnType<typeof clientOf>) => client.api.nodes.$('pve1').lxc.$(200).$delete({ purge: true });

describe('a request', () => {
  test('that reads carries the token, its parameters in the query, and no body', async () => {
    const server = await serve((_, response) => answer(response, 200, { data: { digest: 'd1' } }));
    await clientOf(server).api.nodes.$('pve1').lxc.$(200).config.$get({ current: true });
    const [arrival] = server.arrivals;
    expect(arrival).toMatchObject({ method: 'GET', url: '/api2/json/nodes/pve1/lxc/200/config?current=1', body: '' });
    expect(arrival?.headers.authorization).toBe(`PVEAPIToken=${token}`);
    expect(arrival?.headers).not.toHaveProperty('content-length');
    expect(arrival?.headers.host).toBe(new URL(server.endpoint).host);
  });

  test('that writes is form-urlencoded with its length', async () => {
    const server = await serve((_, response) => answer(response, 200, { data: null }));
    expect(await put(clientOf(server))).toBeNull();
    const [arrival] = server.arrivals;
    expect(arrival).toMatchObject({
      method: 'PUT',
      url: '/api2/json/nodes/pve1/lxc/200/config',
      body: 'memory=3072&digest=d1',
    });
    expect(arrival?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': '21',
    });
  });

  test('that deletes has no body, because PVE answers 501 to one', async () => {
    const server = await serve((_, response) => answer(response, 200, { data: 'UPID:x' }));
    await destroy(clientOf(server));
    const [arrival] = server.arrivals;
    expect(arrival).toMatchObject({ method: 'DELETE', url: '/api2/json/nodes/pve1/lxc/200?purge=1', body: '' });
    expect(arrival?.headers).not.toHaveProperty('content-length');
    expect(arrival?.headers).not.toHaveProperty('transfer-encoding');
  });

  test('with a name from outside stays on its own path', async () => {
    const server = await serve((_, response) => answer(response, 200, { data: {} }));
    await clientOf(server).api.nodes.$('pve1/../../access?x=').status.$get();
    expect(server.arrivals[0]?.url).toBe('/api2/json/nodes/pve1%2F..%2F..%2Faccess%3Fx%3D/status');
  });

  test('that is redirected is not followed with the token', async () => {
    const server = await serve((_, response) => response.writeHead(302, { location: 'https://127.0.0.1:1/' }).end());
    expect((await errorOf(readVersion(clientOf(server)))).code).toBe('PVE_ANSWER_INVALID');
    expect(server.arrivals).toHaveLength(1);
  });
});

describe('a time-out', () => {
  test('covers a server that never answers', async () => {
    const server = await serve(() => undefined);
    const error = await errorOf(readVersion(clientOf(server, { timeout: 100 })));
    expect(error).toMatchObject({ code: 'PVE_TIMEOUT', details: { status: 0, path: '/version', maybeWritten: false } });
    expect(server.arrivals).toHaveLength(1);
  });

  test('covers a body that hangs half-way', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"data":');
    });
    expect((await errorOf(readVersion(clientOf(server, { timeout: 100 })))).code).toBe('PVE_TIMEOUT');
  });

  test('covers a body that drips', async () => {
    const server = await serve((_, response) => {
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    });
    expect((await errorOf(readVersion(clientOf(server, { timeout: 200 })))).code).toBe('PVE_TIMEOUT');
  });

  test('covers a handshake that hangs, and then nothing can have been written', async () => {
    const silent = createTcp(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const { caPem } = makeCertificates(['127.0.0.1'], Date.now());
    const client = proxmoxClient({
      cluster: 'home',
      endpoint: `https://127.0.0.1:${port}`,
      token,
      ca: caPem,
      timeout: 100,
      clock: fakeClock(),
    });
    expect(await errorOf(put(client))).toMatchObject({ code: 'PVE_TIMEOUT', details: { maybeWritten: false } });
    silent.close();
  });

  test.each([
    ['PUT', put],
    ['POST', post],
    ['DELETE', destroy],
  ])('of a %s says that it may have happened, and it arrives once', async (method, write) => {
    const server = await serve(() => undefined);
    const error = await errorOf(write(clientOf(server, { timeout: 100 })));
    expect(error).toMatchObject({ code: 'PVE_TIMEOUT', details: { maybeWritten: true, method } });
    expect(error.message).toContain('may have happened');
    expect(server.arrivals).toHaveLength(1);
  });
});

describe('a connection that breaks', () => {
  test('after a read is asked again, once', async () => {
    let calls = 0;
    const server = await serve((_, response, request) => {
      calls += 1;
      if (calls === 1) reset(request);
      else answer(response, 200, { data: { version: '9.1.3' } });
    });
    expect(await readVersion(clientOf(server))).toEqual({ version: '9.1.3' });
    expect(server.arrivals).toHaveLength(2);
  });

  test('after a read twice is an error', async () => {
    const server = await serve((_, __, request) => reset(request));
    expect((await errorOf(readVersion(clientOf(server)))).code).toBe('PVE_UNREACHABLE');
    expect(server.arrivals).toHaveLength(2);
  });

  test.each([
    ['PUT', put],
    ['POST', post],
    ['DELETE', destroy],
  ])('after a %s is never sent again', async (_, write) => {
    const server = await serve((__, ___, request) => reset(request));
    const error = await errorOf(write(clientOf(server)));
    expect(error).toMatchObject({ code: 'PVE_UNREACHABLE', details: { maybeWritten: true } });
    expect(server.arrivals).toHaveLength(1);
  });

  test('in the middle of an answer to a write leaves the write in doubt', async () => {
    const server = await serve((_, response, request) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"data":', () => request.socket.destroy());
    });
    const error = await errorOf(put(clientOf(server)));
    expect(error.details).toMatchObject({ maybeWritten: true });
    expect(server.arrivals).toHaveLength(1);
  });

  test('before it was open wrote nothing', async () => {
    const { caPem } = makeCertificates(['127.0.0.1'], Date.now());
    const client = proxmoxClient({
      cluster: 'home',
      endpoint: 'https://127.0.0.1:1',
      token,
      ca: caPem,
      clock: fakeClock(),
    });
    const error = await errorOf(put(client));
    expect(error).toMatchObject({ code: 'PVE_UNREACHABLE', details: { maybeWritten: false } });
    expect(error.message).toBe(
      'PUT /nodes/pve1/lxc/200/config: Proxmox VE home at https://127.0.0.1:1: the connection was refused',
    );
  });

  test('at a name that nobody knows is unreachable', async () => {
    const client = proxmoxClient({ cluster: 'home', endpoint: 'https://pve1.invalid:8006', token, clock: fakeClock() });
    expect((await errorOf(readVersion(client))).code).toBe('PVE_UNREACHABLE');
  });
});

describe('an answer', () => {
  test.each([
    ['is not JSON', '<html>'],
    ['has no data', '{"version":"9.1.3"}'],
    ['is no object', '"ok"'],
    ['has another shape', '{"data":{"version":{}}}'],
  ])('that %s is refused, naming the path', async (_, body) => {
    const server = await serve((__, response) => answer(response, 200, body));
    const error = await errorOf(readVersion(clientOf(server)));
    expect(error.code).toBe('PVE_ANSWER_INVALID');
    expect(error.message).toContain('GET /version on home');
  });

  test('to a write that cannot be read leaves the write in doubt', async () => {
    const server = await serve((_, response) => answer(response, 200, '<html>'));
    expect((await errorOf(put(clientOf(server)))).details).toMatchObject({ maybeWritten: true });
  });

  test('without end is cut off', async () => {
    const server = await serve((_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, 32);
      const more = (): void => {
        while (response.writable && response.write(chunk));
      };
      response.on('drain', more).on('error', () => undefined);
      more();
    });
    const error = await errorOf(readVersion(clientOf(server)));
    expect(error.code).toBe('PVE_ANSWER_INVALID');
    expect(error.message).toContain('too large');
  });

  test('that is not HTTP is refused', async () => {
    const server = await serve((_, __, request) => void request.socket.end('nonsense\r\n\r\n'));
    expect((await errorOf(readVersion(clientOf(server)))).code).toBe('PVE_ANSWER_INVALID');
  });

  test('names at most three fields that differ', async () => {
    const server = await serve(() => undefined);
    const shape = z.object({ a: z.number(), b: z.number(), c: z.number(), d: z.number() });
    expect(() => clientOf(server).read(shape, '/x', {})).toThrow(/^GET \/x on home: a: .*; b: .*; c: [^;]*$/);
  });
});

describe('the token', () => {
  const everywhere = (error: Error): string =>
    `${String(error)} ${error.stack ?? ''} ${inspect(error, { depth: 9, showHidden: true })}`;

  test.each([
    ['a refusal that repeats it', 403, `{"data":null,"message":"no ${secret}"}`],
    ['errors that repeat it', 400, `{"data":null,"errors":{"${secret}":"${token}"}}`],
    ['a page that repeats it', 502, `<html>${token}</html>`],
    ['an answer that repeats it', 200, `"${token}"`],
  ])('is in no error after %s', async (_, status, body) => {
    const server = await serve((__, response) => answer(response, status, body, `no ${secret}`));
    expect(everywhere(await errorOf(put(clientOf(server))))).not.toContain(secret);
  });

  test('is in no error of the wire', async () => {
    const hung = await serve(() => undefined);
    expect(everywhere(await errorOf(put(clientOf(hung, { timeout: 50 }))))).not.toContain(secret);
    const echo = await serve(
      ({ headers }, _, request) => void request.socket.end(`${headers.authorization ?? ''}\r\n\r\n`),
    );
    expect(everywhere(await errorOf(put(clientOf(echo))))).not.toContain(secret);
    expect(
      everywhere(await errorOf(readVersion(clientOf(hung, { ca: makeCertificates([], Date.now()).caPem })))),
    ).not.toContain(secret);
  });

  test('is not seen in a client that is printed', async () => {
    const client = clientOf(await serve(() => undefined));
    expect(inspect(client, { depth: 9, showHidden: true })).not.toContain(secret);
    expect(inspect(client.api.nodes, { depth: 9, showHidden: true, showProxy: true })).not.toContain(secret);
  });

  test.each([token, `me@example.org@sso!ci-1=${secret}`, `first.last@my-realm!t=${secret}`])(
    'of a user as PVE allows it is taken (%#)',
    async (given) => {
      const server = await serve((_, response) => answer(response, 200, { data: { version: '9' } }));
      await readVersion(clientOf(server, { token: given }));
      expect(server.arrivals[0]?.headers.authorization).toBe(`PVEAPIToken=${given}`);
    },
  );

  test('may end with a line feed, as files do', async () => {
    const server = await serve((_, response) => answer(response, 200, { data: { version: '9' } }));
    await readVersion(clientOf(server, { token: `${token}\n` }));
    expect(server.arrivals[0]?.headers.authorization).toBe(`PVEAPIToken=${token}`);
  });

  test.each(['', secret, `root@pam=${secret}`, `gitmend@pve!read=${secret}\r\nx: y`, 'gitmend@pve!read='])(
    'of another form is refused without being quoted (%#)',
    async (wrong) => {
      const server = await serve(() => undefined);
      const make = () => clientOf(server, { token: wrong });
      expect(make).toThrow(/not of the form user@realm!id=secret/);
      expect(make).not.toThrow(new RegExp(secret));
    },
  );
});

test('outside text is one capped line', async () => {
  const server = await serve((_, response) =>
    answer(response, 500, { data: null, message: `a\n\u001b[31mb\u202e${'x'.repeat(5000)}` }),
  );
  const { message } = await errorOf(readVersion(clientOf(server)));
  expect(message).toMatch(/^GET \/version on home: 500 a \[31mb x+…$/);
  expect(message.length).toBeLessThan(500);
});
