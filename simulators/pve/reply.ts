import type { ServerResponse } from 'node:http';
import type { PveError } from './errors.ts';

export interface Reply {
  status: number;
  /** The status line's text. */
  message: string;
  body: string;
  json: boolean;
}

/** An answer of the HTTP layer itself: no JSON, the message as body unless told (pve-http-server `error`). */
export const plain = (status: number, message: string, body = message): Reply => ({
  status,
  message,
  body,
  json: false,
});

/** 200 with `data`, and `total` where the method counts. */
export function success(data: unknown, total: number | undefined): Reply {
  const content = { data: data ?? null, ...(total === undefined ? {} : { total }) };
  return { status: 200, message: 'OK', body: JSON.stringify(content), json: true };
}

/** `{"data":null,"errors":{…},"message":"…\n"}`, the first line also in the status line (`PVE::APIServer::Formatter::Standard`). */
export function failure({ status, message, errors }: PveError): Reply {
  const content = { data: null, ...(errors ? { errors } : {}), message };
  return { status, message: message.split('\n')[0] ?? '', body: JSON.stringify(content), json: true };
}

/** Sends it. An error closes the connection (pve-http-server `response`: keep_alive = 0 from 400 on). */
export function send(response: ServerResponse, { status, message, body, json }: Reply): void {
  const line = message.replace(/[^\x20-\x7e]/g, '?').slice(0, 900);
  response.writeHead(status, line, {
    Server: 'pve-api-daemon/3.0',
    'Cache-Control': 'max-age=0',
    Pragma: 'no-cache',
    'Content-Length': Buffer.byteLength(body),
    Connection: status >= 400 ? 'close' : 'Keep-Alive',
    ...(json ? { 'Content-Type': 'application/json;charset=UTF-8' } : {}),
  });
  response.end(body);
}
