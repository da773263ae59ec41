import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { forgeHttp, isUnknown, part, readAs } from '../../../src/forges/http/client.ts';
import { allPages } from '../../../src/forges/http/pages.ts';
import { steppingClock } from '../gitea/stand-in.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that answers each request by the next of these, the last one for all that follow. */
async function against(...answers: Answer[]) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    request.resume().once('end', () => answer?.(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const clock = steppingClock();
  const told: string[] = [];
  const http = forgeHttp({
    name: 'the forge',
    base: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/below/api/v1/`),
    headers: { authorization: 'token s3cret' },
    clock,
    writeInterval: 1000,
    tell: (event, facts) => told.push(`${event} ${String(facts['why'])}`),
    limits: { largestAnswer: 1000, timeout: 400 },
  });
  return { http, clock, asked, told };
}

/** The server's own `Date` is real, and the client believes it: without one the test's clock is everybody's. */
const json =
  (status: number, value: unknown, headers = {}): Answer =>
  (_, response) => {
    response.sendDate = false;
    response.writeHead(status, headers).end(JSON.stringify(value));
  };
const status = (code: number): Answer => json(code, { message: 'why\u2028not' });

describe('a read', () => {
  test('goes below the base, with its query and the credential', async () => {
    const { http, asked } = await against((request, response) => {
      response.end(JSON.stringify({ as: request.headers.authorization }));
    });
    const answer = await http.get({ path: `repos/${part('a/b')}`, query: { page: 1, none: undefined } });
    expect([asked, answer.json]).toEqual([['GET /below/api/v1/repos/a%2Fb?page=1'], { as: 'token s3cret' }]);
  });

  test('is repeated after a 5xx and a broken connection, and says so', async () => {
    const broken: Answer = (request) => void request.socket.resetAndDestroy();
    const { http, asked, told, clock } = await against(status(502), broken, json(200, 1));
    expect((await http.get({ path: 'x' })).json).toBe(1);
    expect([asked.length, told.length, clock.slept]).toEqual([3, 2, [250, 500]]);
  });

  test('is given up after five', async () => {
    const { http, asked } = await against(status(500));
    await expect(http.get({ path: 'x' })).rejects.toMatchObject({ code: 'FORGE_FAILED', details: { unknown: false } });
    expect(asked).toHaveLength(5);
  });

  test.each([
    [401, /token is not accepted/],
    [403, /may not do that/],
    [404, /not there/],
    [302, /elsewhere/],
    [423, /archived/],
  ])('refuses %i with its meaning and the forge’s words in one line', async (code, meaning) => {
    const { http } = await against(status(code));
    const refusal = await http.get({ path: 'x' }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'FORGE_REFUSED', details: { status: code } });
    expect((refusal as Error).message).toMatch(meaning);
    expect((refusal as Error).message).toContain('why not');
    expect((refusal as Error).message).not.toContain('s3cret');
  });

  test('follows no redirect: a token goes nowhere else', async () => {
    const { http, asked } = await against(json(301, {}, { location: 'http://127.0.0.1:9/' }));
    await expect(http.get({ path: 'x' })).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
    expect(asked).toHaveLength(1);
  });

  test('ends an answer that is too large or never comes', async () => {
    const large = await against(json(200, 'x'.repeat(2000)));
    await expect(large.http.get({ path: 'x' })).rejects.toMatchObject({
      message: expect.stringContaining('1000 bytes'),
    });
    const silent = await against(() => undefined);
    await expect(silent.http.get({ path: 'x' })).rejects.toMatchObject({ message: expect.stringContaining('in time') });
  });

  test.each(['', '<html>sign in</html>', '{"cut":'])('that is %j is said to be no JSON', async (body) => {
    const { http } = await against((_, response) => void response.end(body));
    const answer = await http.get({ path: 'user' });
    expect(() => readAs(z.object({ login: z.string() }), answer, 'user')).toThrow(
      'user: the answer is no JSON; is it the forge that is at this address?',
    );
  });

  test('of another form is a failure that names the place', async () => {
    const { http } = await against(json(200, { number: 'x' }));
    const answer = await http.get({ path: 'pulls/1' });
    expect(() => readAs(z.object({ number: z.int() }), answer, 'pulls/1')).toThrow(/pulls\/1 is not what .* number/);
  });
});

describe('a write', () => {
  test('whose end is not known is sent once', async () => {
    for (const lost of [status(500), (request: IncomingMessage) => void request.socket.resetAndDestroy()]) {
      const { http, asked } = await against(lost);
      const error = await http.send('POST', { path: 'x', body: { a: 1 } }).catch((one: unknown) => one);
      expect([isUnknown(error), asked.length]).toEqual([true, 1]);
    }
  });

  test('that was put off is sent again', async () => {
    const { http, asked, clock } = await against(json(429, {}, { 'retry-after': '3' }), json(201, 1));
    expect((await http.send('POST', { path: 'x' })).status).toBe(201);
    expect([asked.length, clock.slept]).toEqual([2, [3000]]);
  });

  test('waits its turn: one begins in every interval', async () => {
    const { http, clock } = await against(json(200, 1));
    await http.send('POST', { path: 'x' });
    await http.send('PATCH', { path: 'x' });
    await http.get({ path: 'x' });
    expect(clock.slept).toEqual([1000]);
  });

  test('that waited for quiet takes its turn after it, or all would begin in the same moment', async () => {
    const { http, clock } = await against(json(429, {}, { 'retry-after': '7' }), json(200, 1));
    const begun: number[] = [];
    await http.send('POST', { path: 'x' });
    const at = clock.now();
    for (const path of ['a', 'b']) {
      await http.send('POST', { path });
      begun.push(clock.now() - at);
    }
    expect(begun).toEqual([1000, 2000]);
  });

  test('that is refused is an answer: the caller decides', async () => {
    const { http } = await against(status(409));
    expect((await http.send('POST', { path: 'x' })).status).toBe(409);
  });
});

describe('a forge that asks for quiet', () => {
  const asks = (seconds: number): Answer => json(429, {}, { 'retry-after': String(seconds) });

  test('for an hour is asked nothing until it is over, and every request says the same', async () => {
    const { http, asked, clock, told } = await against(asks(3590), json(200, 1));
    const failures: unknown[] = [];
    const fails = async (request: Promise<unknown>) => failures.push(await request.catch((error: unknown) => error));
    await fails(http.get({ path: 'x' }));
    clock.now = () => Date.UTC(2026, 10, 20, 3, 40, 15);
    await fails(http.get({ path: 'y' }));
    await fails(http.send('POST', { path: 'z' }));
    const message = 'the forge wants no requests until 2026-11-20T04:12:00Z: it answered 429: too many requests';
    const one = { code: 'FORGE_FAILED', message, details: { unknown: false } };
    expect(failures).toMatchObject([one, one, one]);
    expect([asked.length, told, clock.slept]).toEqual([1, [], []]);
    clock.now = () => Date.UTC(2026, 10, 20, 4, 12);
    expect((await http.get({ path: 'x' })).json).toBe(1);
  });

  test('for a week is asked again after two hours', async () => {
    const { http, asked, clock } = await against(asks(7 * 86_400), json(200, 1));
    await expect(http.get({ path: 'x' })).rejects.toMatchObject({ message: expect.stringContaining('T05:12:00Z') });
    clock.now = () => Date.UTC(2026, 10, 20, 5, 12);
    await http.get({ path: 'x' });
    expect(asked).toHaveLength(2);
  });

  test('while a write waits its turn is left alone by that one too', async () => {
    const { http, asked, clock } = await against(json(200, 1), asks(3600), json(200, 1));
    await http.send('POST', { path: 'first' });
    clock.sleep = async () => {
      await http.get({ path: 'meanwhile' }).catch(() => undefined);
    };
    await expect(http.send('POST', { path: 'second' })).rejects.toMatchObject({ code: 'FORGE_FAILED' });
    expect(asked.map((one) => one.split('/').at(-1))).toEqual(['first', 'meanwhile']);
  });

  test('for a moment is left alone by every request, and that is told once', async () => {
    const { http, asked, told, clock } = await against(...Array.from({ length: 10 }, () => asks(7)), json(200, 1));
    const over = Promise.withResolvers<undefined>();
    let asleep = 0;
    clock.sleep = async () => {
      asleep += 1;
      await over.promise;
    };
    const ask = (_: unknown, index: number) => http.get({ path: `${index}` });
    const put = Array.from({ length: 10 }, ask);
    await vi.waitFor(() => expect(asleep).toBe(10));
    const late = [http.get({ path: 'late' }), http.send('POST', { path: 'late' })];
    await vi.waitFor(() => expect(asleep).toBe(12));
    expect([asked.length, told]).toEqual([10, ['forge-waits it answered 429: too many requests']]);
    clock.now = () => Date.UTC(2026, 10, 20, 3, 12, 7);
    over.resolve(undefined);
    expect((await Promise.all([...put, ...late])).map(({ status: code }) => code)).toEqual(Array(12).fill(200));
    expect([asked.length, told.length]).toEqual([22, 1]);
  });
});

describe('pages', () => {
  const entry = z.object({ id: z.int() });
  const page = (list: unknown, total?: number): Answer =>
    json(200, list, total === undefined ? {} : { 'x-total-count': String(total) });

  test('are read until the total is there, nulls left out', async () => {
    const { http, asked } = await against(page([{ id: 1 }, null], 3), page([{ id: 2 }], 3));
    expect(await allPages(http, { path: 'x' }, entry)).toEqual([{ id: 1 }, { id: 2 }]);
    expect(asked).toHaveLength(2);
  });

  test('without a total end with an empty one, however short the owner made them', async () => {
    const { http } = await against(page([{ id: 1 }]), page([{ id: 2 }]), page([]));
    expect(await allPages(http, { path: 'x' }, entry)).toHaveLength(2);
  });

  test('of nothing may be null', async () => {
    const { http } = await against(page(null));
    expect(await allPages(http, { path: 'x' }, entry)).toEqual([]);
  });
});
