import type { IncomingMessage } from 'node:http';
import type { Reply } from './reply.ts';
import { plain } from './reply.ts';

export interface Received {
  method: string;
  /** Below /api2/json, decoded. */
  path: string;
  parameters: Record<string, unknown>;
  /** Why the request goes no further. */
  refusal?: Reply;
}

const methods = ['GET', 'PUT', 'POST', 'DELETE'];
const largestBody = 512 * 1024; // $limit_max_post

/** Reads a request as pve-http-server `PVE::APIServer::AnyEvent` does: what it refuses, and from where it takes parameters. */
export async function receive(request: IncomingMessage): Promise<Received> {
  const url = new URL(request.url ?? '/', 'https://pve.invalid');
  const whole = decoded(url.pathname);
  const [base = ''] = /^\/api2\/+json(?=\/|$)/.exec(whole) ?? [];
  const received: Received = {
    method: request.method ?? 'GET',
    path: whole.slice(base.length) || '/',
    parameters: Object.fromEntries(url.searchParams),
  };
  const early = earlyRefusal(request, received, base);
  if (early) return { ...received, refusal: early };
  const body = await readBody(request);
  if (body === undefined) return { ...received, refusal: plain(501, 'for data too large') };
  const refusal = bodyRefusal(request, received.method, body);
  if (refusal) return { ...received, refusal };
  const inBody = parseBody(request, body);
  if (inBody === undefined) return { ...received, refusal: plain(500, 'malformed JSON string') };
  // What the query says wins over the body (extract_params).
  return { ...received, parameters: { ...inBody, ...received.parameters } };
}

function earlyRefusal(request: IncomingMessage, { method, path }: Received, base: string): Reply | undefined {
  if (!methods.includes(method)) return plain(501, `method '${method}' not available`, '');
  if (request.headers['transfer-encoding'] !== undefined) return plain(501, 'chunked transfer encoding not supported');
  if (base !== '') return undefined;
  return path.startsWith('/api2/') ? plain(501, 'no such uri') : plain(500, `no such file '${path}'`);
}

// A body is for PUT and POST only, and of two kinds (authenticate_and_handle_request).
function bodyRefusal(request: IncomingMessage, method: string, body: string): Reply | undefined {
  if (body === '') return undefined;
  if (method !== 'PUT' && method !== 'POST') return plain(501, `Unexpected content for method '${method}'`);
  const type = contentType(request);
  const known = type === '' || type === 'application/x-www-form-urlencoded' || type === 'application/json';
  return known ? undefined : plain(506, `upload 'Content-Type '${type}' not implemented`);
}

function parseBody(request: IncomingMessage, body: string): Record<string, unknown> | undefined {
  if (body === '') return {};
  if (contentType(request) !== 'application/json') return Object.fromEntries(new URLSearchParams(body));
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const contentType = (request: IncomingMessage): string =>
  (request.headers['content-type'] ?? '').split(/\s*[;,]\s*/)[0] ?? '';

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
