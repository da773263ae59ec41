import type { Proxmox } from 'proxmox-api';
import type { z } from 'zod';
import type { Clock } from '../../core/clock.ts';
import { GitmendError } from '../../core/errors.ts';
import { encodeForm, encodePath, type Parameters } from './encode.ts';
import { answerError, type Occasion, shapeError, wireError } from './failures.ts';
import { apiPaths } from './paths.ts';
import { type Call, type Exchange, exchange, type Limits } from './transport.ts';
import { checkTrust, type Trust } from './trust.ts';

export interface ProxmoxClientOptions extends Trust {
  /** The cluster's name in gitmend.yaml. */
  cluster: string;
  /** `https://pve1.home.lan:8006` */
  endpoint: string;
  /** `user@realm!id=secret` */
  token: string;
  /** Milliseconds for one request, from connecting to the last byte; 30 s unless told, as PVE's own proxy waits. */
  timeout?: number;
  clock: Clock;
}

/** One cluster's API with one token. */
export interface ProxmoxClient {
  readonly cluster: string;
  readonly clock: Clock;
  /** The typed paths of the API: `api.nodes.$('pve1').lxc.$(200).config.$get()`. Rejects with a GitmendError. */
  readonly api: Proxmox.Api;
  /** Holds an answer against a schema. Throws PVE_ANSWER_INVALID, naming the path and the first fields that differ. */
  read<S extends z.ZodType>(schema: S, path: string, answer: unknown): z.output<S>;
}

const largestAnswer = 16 * 1024 * 1024;
const longestText = 400;

/**
 * A client whose every request is verified (TLS by CA or pin), bounded (time, size) and typed in its failure. A write is
 * sent once, whatever happens; a read is repeated once where its connection broke. Nothing it returns or throws holds
 * the token. Throws CONFIG_INVALID or PVE_UNAUTHENTICATED where an option cannot work.
 */
export function proxmoxClient(options: ProxmoxClientOptions): ProxmoxClient {
  const { cluster, clock } = options;
  const base = checkEndpoint(cluster, options.endpoint);
  const token = checkToken(cluster, options.token);
  checkTrust(cluster, options);
  const trust: Trust = {
    ...(options.ca && { ca: options.ca }),
    ...(options.fingerprint && { fingerprint: options.fingerprint }),
  };
  const limits: Limits = { timeout: options.timeout ?? 30_000, largestAnswer };
  const clean = cleaner(token);
  const about = (method: Call['method'], path: string): Occasion => ({
    cluster,
    endpoint: base.origin,
    method,
    path,
    clean,
  });

  async function doRequest(verb: string, path: string, parameters: Parameters = {}): Promise<unknown> {
    const call = callOf(verb, new URL(encodePath(path), base), parameters, token);
    const occasion = about(call.method, path.replace(/^\/api2\/json/, ''));
    const exchanged = await exchangeSafely(call, trust, limits);
    if (!exchanged.ok) throw wireError(occasion, exchanged.fault);
    if (exchanged.answer.status !== 200) throw answerError(occasion, exchanged.answer);
    return dataOf(occasion, exchanged.answer.body);
  }

  return {
    cluster,
    clock,
    api: apiPaths(doRequest),
    read: (schema, path, answer) => readShape(about('GET', path), schema, answer),
  };
}

function checkEndpoint(cluster: string, endpoint: string): URL {
  const url = URL.parse(endpoint);
  const bare = url !== null && url.username === '' && url.password === '' && url.pathname === '/';
  if (!bare || url.protocol !== 'https:') {
    throw new GitmendError(
      'CONFIG_INVALID',
      `endpoint of cluster ${cluster} is not an https address without user or path, like https://pve1.home.lan:8006`,
    );
  }
  return url;
}

/** Secrets from files often end with a line feed. The message never quotes what was found. */
function checkToken(cluster: string, text: string): string {
  const token = text.trim();
  if (/^[^\s!=:/]+@[^\s!=@]+![^\s!=]+=[\x21-\x7e]+$/.test(token)) return token;
  throw new GitmendError(
    'PVE_UNAUTHENTICATED',
    `the API token for cluster ${cluster} is not of the form user@realm!id=secret`,
  );
}

/** Outside text for a message: one line, capped, without the secret in any form that it was sent in. */
function cleaner(token: string): (text: string) => string {
  const secret = token.slice(token.indexOf('=') + 1);
  return (text) => {
    const open = text.replaceAll(secret, '[redacted]').replaceAll(encodeURIComponent(secret), '[redacted]');
    const line = open.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
    return line.length > longestText ? `${line.slice(0, longestText)}…` : line;
  };
}

function callOf(verb: string, url: URL, parameters: Parameters, token: string): Call {
  const method = verb.toUpperCase() as Call['method'];
  const form = encodeForm(parameters);
  const headers = { authorization: `PVEAPIToken=${token}`, accept: 'application/json' };
  if (method === 'GET' || method === 'DELETE') {
    url.search = form;
    return { method, url, headers };
  }
  return { method, url, headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' }, body: form };
}

/** A read whose connection broke is asked again, once. A write never is: the first may have happened. */
async function exchangeSafely(call: Call, trust: Trust, limits: Limits): Promise<Exchange> {
  const first = await exchange(call, trust, limits);
  return call.method === 'GET' && !first.ok && first.fault.kind === 'reset' ? exchange(call, trust, limits) : first;
}

function dataOf(occasion: Occasion, body: string): unknown {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    throw shapeError(occasion, 'the answer is not JSON');
  }
  if (typeof answer === 'object' && answer !== null && 'data' in answer) return answer.data;
  throw shapeError(occasion, 'the answer has no data');
}

function readShape<S extends z.ZodType>(occasion: Occasion, schema: S, answer: unknown): z.output<S> {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  const faults = result.error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.map(String).join('.') || 'data'}: ${message}`);
  throw shapeError(occasion, faults.join('; '));
}
