import { request as httpRequest } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { connectTrusted, type Trust } from './trust.ts';

/** One request as it goes over the wire. */
export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  url: URL;
  headers: { [name: string]: string };
  /** Only with POST and PUT: PVE answers 501 to a body on anything else. */
  body?: string;
}

/** What came back, whole. */
export interface Answer {
  status: number;
  /** PVE 8 says why in the status line only. */
  statusMessage: string;
  body: string;
}

/** Why nothing whole came back. `sent`: the request may have reached PVE. */
export interface WireFault {
  kind: 'unreachable' | 'untrusted' | 'timeout' | 'reset' | 'too-large' | 'malformed';
  sent: boolean;
  /** Node's or OpenSSL's code. */
  code: string;
  reason: string;
}

export type Exchange = { ok: true; answer: Answer } | { ok: false; fault: WireFault };

export interface Limits {
  /** Milliseconds for connecting, headers and body together. */
  timeout: number;
  /** Bytes of a body. */
  largestAnswer: number;
}

/**
 * Sends one request over a connection of its own, once, and reads the whole answer. A kept connection would save a
 * handshake, and make a write that meets a closing one look as if it might have happened.
 */
export async function exchange(call: Call, trust: Trust, limits: Limits): Promise<Exchange> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), limits.timeout);
  let socket: TLSSocket | undefined;
  try {
    socket = await connectTrusted(call.url, trust, abort.signal);
    return { ok: true, answer: await send(call, socket, abort.signal, limits.largestAnswer) };
  } catch (error) {
    return { ok: false, fault: faultOf(error, socket !== undefined, abort.signal.aborted) };
  } finally {
    clearTimeout(timer);
    socket?.destroy();
  }
}

function send(call: Call, socket: TLSSocket, signal: AbortSignal, largest: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, url, body } = call;
    const length = method === 'POST' || method === 'PUT' ? { 'content-length': Buffer.byteLength(body ?? '') } : {};
    const request = httpRequest({
      createConnection: () => socket,
      method,
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host, ...call.headers, ...length },
      signal,
    });
    request.once('error', reject);
    request.once('response', (response) => {
      const { statusCode = 0, statusMessage = '' } = response;
      readBody(response, largest).then((text) => resolve({ status: statusCode, statusMessage, body: text }), reject);
    });
    request.end(body);
  });
}

async function readBody(response: AsyncIterable<Buffer>, largest: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > largest)
      throw Object.assign(new Error(`its answer is larger than ${largest} bytes`), { code: 'TOO_LARGE' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Only codes and reasons are kept: Node's errors can carry raw packets. */
function faultOf(error: unknown, sent: boolean, timedOut: boolean): WireFault {
  const { code = 'UNKNOWN', message = '', mistrust } = error as { code?: string; message?: string; mistrust?: unknown };
  const fault = (kind: WireFault['kind'], reason: string): WireFault => ({ kind, sent, code, reason });
  if (timedOut) return { ...fault('timeout', 'it did not answer in time'), code: 'TIMEOUT' };
  if (mistrust !== undefined) return fault('untrusted', message);
  if (sent) return sentFault(code, fault);
  if (/^(EPROTO|ERR_SSL_)/.test(code))
    return fault('untrusted', `no TLS 1.2 or newer could be agreed with it (${code})`);
  if (code in connectReasons) return fault('unreachable', connectReasons[code] ?? code);
  const untrusted =
    trustReasons[code] ?? (/CERT|SIGNED|SIGNATURE|ISSUER|CRL|CA$/.test(code) ? trustReasons['UNKNOWN_CA'] : undefined);
  return untrusted === undefined
    ? fault('unreachable', `the connection failed (${code})`)
    : fault('untrusted', `${untrusted} (${code})`);
}

function sentFault(code: string, fault: (kind: WireFault['kind'], reason: string) => WireFault): WireFault {
  if (code === 'TOO_LARGE') return fault('too-large', 'its answer is too large');
  if (code.startsWith('HPE_')) return fault('malformed', `its answer is not HTTP (${code})`);
  return fault('reset', `the connection broke before the answer was whole (${code})`);
}

const connectReasons: { [code: string]: string } = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to its network',
  ETIMEDOUT: 'the connection timed out',
  ECONNRESET: 'it closed the connection during the handshake',
  EPIPE: 'it closed the connection during the handshake',
};

/** What is said of every certificate that nothing here vouches for, whichever code it comes with. */
export const unknownCa = 'its certificate is not signed by the CA that is trusted here';

const trustReasons: { [code: string]: string } = {
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name than the endpoint says',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  UNKNOWN_CA: unknownCa,
};
