import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen, type Turned } from '../../src/serve/listen.ts';

/** The server that answers at this port, as Node's own diagnostics name it. */
async function serverAt(port: number): Promise<Server> {
  let found: Server | undefined;
  const channel = 'http.server.request.start';
  const hear = (message: unknown): void => {
    const { server } = message as { server: Server };
    const address = server.address();
    if (typeof address === 'object' && address?.port === port) found = server;
  };
  subscribe(channel, hear);
  onTestFinished(() => void unsubscribe(channel, hear));
  await fetch(`http://127.0.0.1:${port}/`);
  if (found === undefined) throw new Error('nobody answered');
  return found;
}

describe('a listener', () => {
  it('waits for nobody without an end: not for headers, a request, the next one, nor for any number of them', async () => {
    const listening = await listen('page', { host: '127.0.0.1', port: 0 });
    onTestFinished(() => listening.stop(0));
    const server = await serverAt(listening.address.port);
    // 0 is for ever; and what is never looked at never ends.
    const { headersTimeout, requestTimeout, keepAliveTimeout, maxConnections } = server;
    expect({ headersTimeout, requestTimeout, keepAliveTimeout, maxConnections }).toEqual({
      headersTimeout: 10_000,
      requestTimeout: 300_000,
      keepAliveTimeout: 15_000,
      maxConnections: 512,
    });
  });

  it('that is stopped cuts off who is not answered in time, and lets in nobody else', async () => {
    const listening = await listen('page', { host: '127.0.0.1', port: 0 });
    const begun = Promise.withResolvers<undefined>();
    listening.serve(() => {
      begun.resolve(undefined);
      return new Promise(() => undefined);
    });
    const ask = () => fetch(`http://127.0.0.1:${listening.address.port}/`);
    const unanswered = expect(ask()).rejects.toThrow();
    await begun.promise;
    await listening.stop(20);
    await unanswered;
    await expect(ask()).rejects.toThrow();
  });

  it('says that it is starting until it is told what to answer', async () => {
    const listening = await listen('page', { host: '127.0.0.1', port: 0 });
    onTestFinished(() => listening.stop(0));
    const ask = () => fetch(`http://127.0.0.1:${listening.address.port}/`);
    const early = await ask();
    expect([early.status, early.headers.get('retry-after')]).toEqual([503, '1']);
    listening.serve(() => new Response('served'));
    expect(await (await ask()).text()).toBe('served');
  });

  it('leaves room for others beside an address that opens and waits, and takes it in again once it let go', async () => {
    const listening = await listen('page', { host: '127.0.0.1', port: 0 });
    const turned: Turned[] = [];
    listening.hear((one) => turned.push(one));
    listening.serve(() => new Response('served'));
    const held: Socket[] = [];
    onTestFinished(async () => {
      for (const one of held) one.destroy();
      await listening.stop(0);
    });
    const port = listening.address.port;
    for (let count = 0; count < 256; count += 1) held.push(await opened(port, '127.0.0.1'));
    expect(turned).toEqual([]);
    expect(await answerTo(await opened(port, '127.0.0.1'))).toBe('');
    expect(turned).toEqual([{ reason: 'address', address: '127.0.0.1', held: 256 }]);
    expect(await answerTo(await opened(port, '127.0.0.2'))).toContain('served');
    const last = held.pop();
    const gone = new Promise((resolve) => last?.once('close', resolve));
    last?.end();
    await gone;
    // Our side may have ended a moment before the listener hears that it did.
    let answer = '';
    for (let tries = 0; answer === '' && tries < 50; tries += 1)
      answer = await answerTo(await opened(port, '127.0.0.1'));
    expect(answer).toContain('served');
  });
});

/** A connection from one of this machine's own addresses, which says nothing. */
async function opened(port: number, localAddress: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

/** What comes back for a request until the other side closes; '' where it was not let in. */
async function answerTo(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  await ended;
  return text;
}
