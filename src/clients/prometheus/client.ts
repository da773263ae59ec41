import type { z } from 'zod';
import { GitmendError } from '../../core/errors.ts';
import { readBounded } from '../bounded.ts';
import { jsonIn } from '../../core/json.ts';
import { buildInfo, errorAnswer, queryAnswer } from './shapes.ts';

/** One series: its labels, and pairs of [seconds since the epoch, value], oldest first. NaN and infinities are kept. */
export interface PrometheusSeries {
  labels: { readonly [label: string]: string };
  points: readonly (readonly [number, number])[];
}

export interface PrometheusAnswer {
  series: PrometheusSeries[];
  /** What the server says was left out. */
  warnings: string[];
}

/** A Prometheus, or what speaks its HTTP API (Thanos, Mimir, VictoriaMetrics). It is only ever read. */
export interface PrometheusClient {
  /** Without path: for messages. */
  readonly origin: string;
  /** An instant query; `at` in seconds since the epoch. A range selector gives raw samples with their own times. */
  query(expression: string, at: number): Promise<PrometheusAnswer>;
  /** A range query; all three in seconds. */
  queryRange(expression: string, range: { start: number; end: number; step: number }): Promise<PrometheusAnswer>;
  /** `2.42.0` */
  version(): Promise<string>;
}

export interface PrometheusClientOptions {
  /** `http://prometheus.home.lan:9090`, with a path where it is behind one. */
  url: string;
  /** Milliseconds for one query, from connecting to the last byte; 10 s unless told. */
  timeout?: number;
  /** Bytes of an answer; 16 MiB unless told. */
  largestAnswer?: number;
}

/**
 * A client whose every query is bounded in time and size, follows no redirect and is checked against the documented
 * shape. Throws PROMETHEUS_UNREACHABLE, PROMETHEUS_REFUSED or PROMETHEUS_ANSWER_INVALID.
 */
export function prometheusClient(options: PrometheusClientOptions): PrometheusClient {
  const base = new URL(options.url.endsWith('/') ? options.url : `${options.url}/`);
  const { timeout = 10_000, largestAnswer = 16 * 1024 * 1024 } = options;

  async function get<S extends z.ZodType>(path: string, query: { [name: string]: string }, schema: S) {
    const address = new URL(`api/v1/${path}`, base);
    address.search = new URLSearchParams(query).toString();
    const { status, text } = await send(address, timeout, largestAnswer);
    if (status !== 200) throw refusal(base.origin, status, text);
    return shaped(base.origin, path, schema, text);
  }

  const limit = `${Math.ceil(timeout / 1000)}s`;
  return {
    origin: base.origin,
    query: async (query, at) => answerOf(await get('query', { query, time: String(at), timeout: limit }, queryAnswer)),
    queryRange: async (query, { start, end, step }) => {
      const range = { start: String(start), end: String(end), step: String(step) };
      return answerOf(await get('query_range', { query, ...range, timeout: limit }, queryAnswer));
    },
    version: async () => (await get('status/buildinfo', {}, buildInfo)).data.version,
  };
}

async function send(address: URL, timeout: number, largest: number): Promise<{ status: number; text: string }> {
  try {
    const answer = await fetch(address, {
      signal: AbortSignal.timeout(timeout),
      redirect: 'error',
      headers: { accept: 'application/json' },
    });
    return { status: answer.status, text: await readBounded(answer, largest) };
  } catch (error) {
    throw new GitmendError('PROMETHEUS_UNREACHABLE', `Prometheus at ${address.origin}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** `fetch failed` says nothing; what caused it does. */
function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return 'it did not answer in time';
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}

function refusal(origin: string, status: number, text: string): GitmendError {
  const said = errorAnswer.safeParse(jsonIn(text)).data;
  const words = said === undefined ? '' : `: ${clean(`${said.errorType}: ${said.error}`)}`;
  const message = `Prometheus at ${origin} answered ${status}${words}`;
  // 503 is its own word for a query that took too long, and a proxy's for a server that is away.
  return new GitmendError(status >= 500 ? 'PROMETHEUS_UNREACHABLE' : 'PROMETHEUS_REFUSED', message);
}

function shaped<S extends z.ZodType>(origin: string, path: string, schema: S, text: string): z.output<S> {
  const read = schema.safeParse(jsonIn(text));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = text.trim() === '' ? 'is empty' : `differs at ${clean(issue?.path.map(String).join('.') ?? '')}`;
  throw new GitmendError('PROMETHEUS_ANSWER_INVALID', `the answer of ${origin}/…/api/v1/${path} ${where}`);
}

function answerOf({ data, warnings }: z.output<typeof queryAnswer>): PrometheusAnswer {
  const series =
    data.resultType === 'vector'
      ? data.result.map(({ metric, value }) => ({ labels: metric, points: [value] }))
      : data.result.map(({ metric, values }) => ({ labels: metric, points: values }));
  return { series, warnings: (warnings ?? []).slice(0, 5).map(clean) };
}

/** Outside text for a message: one line, capped. */
function clean(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
