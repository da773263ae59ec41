import type { IncomingMessage } from 'node:http';

/** A whole body as text; or why there is none: the status that says so, a word to count it by, and words for people. */
export type Body = { ok: true; text: string } | NoBody;

interface NoBody {
  ok: false;
  status: 400 | 408 | 413 | 415;
  reason: 'cut' | 'slow' | 'large' | 'compressed' | 'not-utf-8';
  why: string;
}

export interface BodyLimits {
  /** Bytes. */
  most: number;
  /** Milliseconds from the first byte of the request to the last one of its body. */
  patience: number;
  /** What a sender of too much can do. */
  hint?: string;
}

/**
 * Reads a body that may be endless, or come one byte a minute: never more than `most` bytes are kept, and never longer
 * than `patience` is waited. What is not read any more is cut by the listener.
 */
export async function readBody(
  incoming: IncomingMessage,
  { most, patience, hint = 'send fewer alerts at once (max_alerts)' }: BodyLimits,
): Promise<Body> {
  const tooLarge: NoBody = {
    ok: false,
    status: 413,
    reason: 'large',
    why: `the body has more than ${most} bytes; ${hint}`,
  };
  // A sender that says so beforehand is not even listened to.
  if (Number(incoming.headers['content-length'] ?? 0) > most) return tooLarge;
  const compressed = compressedBody(incoming.headers['content-encoding']);
  if (compressed !== undefined) return compressed;
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (body: Body): void => {
      clearTimeout(timer);
      incoming.off('data', take).off('end', whole).off('error', cut).off('close', cut);
      // What still arrives until the answer is out is read and forgotten: a sender that is being written to hears it.
      if (!body.ok) incoming.resume();
      resolve(body);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > most) end(tooLarge);
      else chunks.push(chunk);
    };
    const whole = (): void => end(textOf(Buffer.concat(chunks)));
    const cut = (): void => end({ ok: false, status: 400, reason: 'cut', why: 'the body ended before its end' });
    const timer = setTimeout(
      () => end({ ok: false, status: 408, reason: 'slow', why: `the body took longer than ${patience / 1000} s` }),
      patience,
    );
    incoming.on('data', take).once('end', whole).once('error', cut).once('close', cut);
  });
}

function textOf(bytes: Buffer): Body {
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { ok: false, status: 400, reason: 'not-utf-8', why: 'the body is not UTF-8' };
  }
}

/** Nobody who is meant to come here compresses, and what is unpacked may be of any size. */
function compressedBody(encoding = ''): NoBody | undefined {
  if (encoding === '' || encoding.toLowerCase() === 'identity') return undefined;
  const why = `the body is compressed (content-encoding: ${encoding.slice(0, 40)}); send it as it is`;
  return { ok: false, status: 415, reason: 'compressed', why };
}
