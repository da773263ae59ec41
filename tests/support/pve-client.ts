import { request } from 'node:https';
import type { Pve } from '../../simulators/pve/index.ts';
import { homeTokens } from '../../simulators/pve/index.ts';

export interface PveAnswer {
  status: number;
  /** The status line's text. */
  message: string;
  headers: Record<string, unknown>;
  /** The body as it came. */
  body: string;
  /** `data`, `errors` and `message` of a JSON body. */
  json: { data?: unknown; errors?: Record<string, string>; message?: string; total?: number };
  /** `data` as an object; {} where it is none. */
  record: Record<string, unknown>;
  /** `data` as a list of objects; [] where it is none. */
  list: Record<string, unknown>[];
}

export interface PveRequestOptions {
  /** `user@realm!name=secret`; the home lab's writing token unless told, none where empty. */
  token?: string;
  /** Sends a body of this content type as it is. */
  raw?: { type: string; body: string };
  headers?: Record<string, string>;
}

/**
 * One plain request to the simulator, on a connection of its own and without any client of the project: GET and DELETE carry
 * parameters in the query, PUT and POST in a form. Rejects where no answer comes.
 */
export function ask(
  pve: Pve,
  method: string,
  path: string,
  parameters: Record<string, string | number> = {},
  options: PveRequestOptions = {},
): Promise<PveAnswer> {
  const form = new URLSearchParams(
    Object.entries(parameters).map(([key, value]) => [key, String(value)] as [string, string]),
  ).toString();
  const inBody = method === 'PUT' || method === 'POST';
  const body = options.raw?.body ?? (inBody ? form : '');
  const query = !inBody && form !== '' ? `?${form}` : '';
  const token = options.token ?? homeTokens.write;
  const headers = {
    ...(token === '' ? {} : { Authorization: `PVEAPIToken=${token}` }),
    ...(body === ''
      ? {}
      : {
          'Content-Type': options.raw?.type ?? 'application/x-www-form-urlencoded',
          'Content-Length': Buffer.byteLength(body),
        }),
    ...options.headers,
  };
  return send(
    new URL(`${pve.endpoint}/api2/json${path}${query}`),
    { method, headers, ca: pve.caPem, agent: false },
    body,
  );
}

function send(url: URL, options: object, body: string): Promise<PveAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const { statusCode: status = 0, statusMessage: message = '', headers } = incoming;
        const json = parsed(text);
        resolve({ status, message, headers, body: text, json, record: asRecord(json.data), list: asList(json.data) });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function parsed(text: string): PveAnswer['json'] {
  return text.startsWith('{') ? (JSON.parse(text) as PveAnswer['json']) : {};
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const asRecord = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});

const asList = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isRecord) : []);
