import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../../src/serve/listen.ts';

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
});
