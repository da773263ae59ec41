import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readBody } from '../../../src/serve/door/body.ts';

const limits = { most: 10, patience: 60_000 };

function incoming(headers: { [name: string]: string } = {}): PassThrough & IncomingMessage {
  return Object.assign(new PassThrough(), { headers }) as unknown as PassThrough & IncomingMessage;
}

describe('a body', () => {
  it.each([
    ['as many bytes as are allowed', ['01234', '56789'], true],
    ['one byte more', ['01234', '567890'], false],
    ['as many letters, but more bytes', ['0123456789'.replace('9', 'ö')], false],
  ])('of %s', async (_, chunks, ok) => {
    const request = incoming();
    for (const chunk of chunks) request.write(chunk);
    request.end();
    const body = await readBody(request, limits);
    expect(body).toMatchObject(ok ? { ok, text: chunks.join('') } : { ok, status: 413 });
  });

  it.each([
    ['10', true],
    ['11', false],
  ])('that says it has %s bytes: listened to is %s', async (length, ok) => {
    const request = incoming({ 'content-length': length });
    request.end('{}');
    expect(await readBody(request, limits)).toMatchObject({ ok });
    expect(request.listenerCount('data')).toBe(0);
  });

  it('that breaks off is none', async () => {
    const request = incoming();
    request.write('{');
    const body = readBody(request, limits);
    request.destroy();
    expect(await body).toEqual({ ok: false, status: 400, reason: 'cut', why: 'the body ended before its end' });
  });

  it.each(['gzip', 'GZIP', 'br', 'gzip, identity'])('that says it is %s is not listened to', async (encoding) => {
    const request = incoming({ 'content-encoding': encoding });
    request.end('{}');
    expect(await readBody(request, limits)).toEqual({
      ...{ ok: false, status: 415, reason: 'compressed' },
      why: `the body is compressed (content-encoding: ${encoding}); send it as it is`,
    });
  });

  it.each(['', 'identity', 'Identity'])('that says it is %j is what it is', async (encoding) => {
    const request = incoming({ 'content-encoding': encoding });
    request.end('{}');
    expect(await readBody(request, limits)).toEqual({ ok: true, text: '{}' });
  });
});
