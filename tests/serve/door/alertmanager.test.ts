import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { GitmendError } from '../../../src/core/errors.ts';
import { rawRequest, standingDoor, token } from './standing-door.ts';

const payload = JSON.stringify({
  version: '4',
  receiver: 'gitmend',
  groupKey: '{}:{alertname="LxcMemoryHigh"}',
  status: 'firing',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'LxcMemoryHigh', id: 'lxc/200' },
      startsAt: '2026-11-20T03:12:00Z',
      fingerprint: '3f9c1a7be04d2c65',
    },
  ],
});

const post = (url: string, body: string, authorization = `Bearer ${token}`) =>
  fetch(`${url}/signals/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization === '' ? {} : { authorization }) },
    body,
  });

describe('the door for Alertmanager', () => {
  it('has the delivery in the store before it answers', async () => {
    const door = await standingDoor();
    const answer = await post(door.url, payload);
    expect(answer.status).toBe(200);
    expect(door.poked.times).toBe(1);
    const delivery = await door.store.inbox.take(60, 'test');
    expect(delivery).toMatchObject({ door: 'alertmanager', payload });
    expect(await door.sample('gitmend_deliveries_total{door="alertmanager",result="accepted",reason="accepted"}')).toBe(
      1,
    );
  });

  it('stores the same delivery once while it waits, and once more after it was looked at', async () => {
    const door = await standingDoor();
    await post(door.url, payload);
    const again = await post(door.url, payload);
    expect([again.status, await again.text()]).toEqual([200, expect.stringMatching(/^known /)]);
    const taken = await door.store.inbox.take(60, 'test');
    if (taken !== undefined) await door.store.inbox.done(taken);
    await post(door.url, payload);
    expect(await door.store.inbox.counts()).toMatchObject({ waiting: 1, done: 0 });
  });

  it('takes a resolve like any other delivery', async () => {
    const door = await standingDoor();
    expect((await post(door.url, payload.replaceAll('"firing"', '"resolved"'))).status).toBe(200);
    expect(await door.stored()).toBe(1);
  });

  it('logs what it accepted with the word that follows the fault to its record', async () => {
    const door = await standingDoor();
    await post(door.url, payload);
    expect(JSON.parse(door.logged[0] ?? '{}')).toMatchObject({
      event: 'delivery-accepted',
      alerts: 1,
      correlation: [expect.stringMatching(/^[0-9a-f]{12}$/)],
    });
  });

  it.each([
    ['none', undefined],
    ['an empty one', 'Bearer '],
    ['a wrong one', 'Bearer wrong'],
    ['the beginning of the right one', `Bearer ${token.slice(0, -1)}`],
    ['the right one and more', `Bearer ${token}x`],
    ['another scheme', `Basic ${token}`],
    ['no scheme', token],
  ])('answers 401 to a token that is %s, stores nothing and counts it', async (_, authorization) => {
    const door = await standingDoor();
    const answer = await post(door.url, payload, authorization ?? '');
    expect(answer.status).toBe(401);
    expect(await door.stored()).toBe(0);
    expect(await door.sample('gitmend_deliveries_total{door="alertmanager",result="refused",reason="token"}')).toBe(1);
    expect(door.logged.join('')).not.toContain(token.slice(0, 12));
  });

  it('opens to nothing where its own token is empty', async () => {
    const door = await standingDoor({ token: '' });
    for (const authorization of ['Bearer ', 'Bearer', '', 'Bearer  '])
      expect((await post(door.url, payload, authorization)).status).toBe(401);
    expect(await door.stored()).toBe(0);
  });

  it.each([
    ['no JSON', 'hello', /the payload is not JSON/],
    ['another shape', '{"hello":1}', /version: .*alerts: /s],
    ['another version', payload.replace('"4"', '"3"'), /version/],
    [
      'a time that is none',
      payload.replace('2026-11-20T03:12:00Z', 'yesterday'),
      /alerts\[0\]\.startsAt: is not an RFC 3339 time/,
    ],
    ['too deep', `${'['.repeat(5000)}${']'.repeat(5000)}`, /nests 5000 deep/],
    [
      'deep inside',
      payload.replace('"alerts"', `"x":${'{"a":'.repeat(50)}1${'}'.repeat(50)},"alerts"`),
      /nests \d+ deep/,
    ],
  ])('answers 422 to %s, says what is wrong, and stores nothing', async (_, body, words) => {
    const door = await standingDoor();
    const answer = await post(door.url, body);
    expect(answer.status).toBe(422);
    expect(await answer.text()).toMatch(words);
    expect(await door.stored()).toBe(0);
    expect(await door.sample('gitmend_deliveries_total{door="alertmanager",result="refused",reason="payload"}')).toBe(
      1,
    );
  });

  it.each([
    { status: 400, reason: 'not-utf-8', bytes: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), coding: 'identity' },
    { status: 415, reason: 'compressed', bytes: gzipSync(payload), coding: 'gzip' },
  ])('answers $status to a body that is $reason, counts it as that, and stores nothing', async (sent) => {
    const { status, reason, bytes, coding } = sent;
    const door = await standingDoor();
    const answer = await fetch(`${door.url}/signals/alertmanager`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-encoding': coding },
      body: new Uint8Array(bytes),
    });
    expect([answer.status, answer.headers.get('connection')]).toEqual([status, 'close']);
    const words = { 400: 'the body is not UTF-8', 415: 'the body is compressed (content-encoding: gzip)' };
    expect(await answer.text()).toContain(words[status as 400 | 415]);
    expect(await door.stored()).toBe(0);
    const sample = `gitmend_deliveries_total{door="alertmanager",result="refused",reason="${reason}"}`;
    expect(await door.sample(sample)).toBe(1);
    expect(JSON.parse(door.logged[0] ?? '{}')).toMatchObject({ event: 'delivery-refused', status, reason });
  });

  it('does not even listen to a body that says it is too large', async () => {
    const door = await standingDoor();
    const answer = await rawRequest(door.port, (send) => send(head('content-length: 99999999')));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/connection: close/i);
    expect(await door.stored()).toBe(0);
  });

  it('cuts a body that never ends', async () => {
    const door = await standingDoor();
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const answer = await rawRequest(door.port, (send) => {
      send(head('transfer-encoding: chunked'));
      const more = () => {
        if (send(chunk)) setImmediate(more);
        else setTimeout(more, 1);
      };
      more();
      // The connection ends: nothing is writable any more, and the sender stops by itself.
    });
    expect(answer === '' || answer.startsWith('HTTP/1.1 413 ')).toBe(true);
    expect(await door.stored()).toBe(0);
    expect(await door.sample('gitmend_deliveries_total{door="alertmanager",result="refused",reason="large"}')).toBe(1);
  });

  it('cuts a body that does not come', async () => {
    const door = await standingDoor({ patience: 50 });
    const answer = await rawRequest(door.port, (send) => send(`${head('content-length: 100')}{`));
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(await door.stored()).toBe(0);
    expect(await door.sample('gitmend_deliveries_total{door="alertmanager",result="refused",reason="slow"}')).toBe(1);
  });

  it('stores nothing of a body whose sender goes away', async () => {
    const door = await standingDoor();
    await rawRequest(door.port, (send, leave) => {
      send(`${head('content-length: 1000')}${payload.slice(0, 50)}`);
      leave();
    });
    await expect
      .poll(() => door.sample('gitmend_deliveries_total{door="alertmanager",result="refused",reason="cut"}'))
      .toBe(1);
    expect(await door.stored()).toBe(0);
  });

  it('answers 503, which Alertmanager repeats, only when the delivery could not be kept', async () => {
    const accept = () => Promise.reject(new GitmendError('STORE_FULL', 'the disk is full'));
    const door = await standingDoor({ inbox: { accept } });
    const answer = await post(door.url, payload);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toBe('STORE_FULL: it could not be kept; send it again\n');
    expect(
      await door.sample('gitmend_deliveries_total{door="alertmanager",result="refused",reason="STORE_FULL"}'),
    ).toBe(1);
  });

  it('keeps the connection of a sender that is right for its next delivery', async () => {
    const door = await standingDoor();
    expect((await post(door.url, payload)).headers.get('connection')).not.toBe('close');
  });
});

describe('health', () => {
  it('is alive, and ready only when every part answers', async () => {
    const door = await standingDoor({ ready: { store: 'ok', forge: 'does not answer in 2 s' } });
    expect((await fetch(`${door.url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${door.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { ready: false, store: 'ok', forge: 'does not answer in 2 s' },
    ]);
  });
});

function head(line: string): string {
  return `POST /signals/alertmanager HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n${line}\r\n\r\n`;
}
