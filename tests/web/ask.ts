import { request } from 'node:http';
import { connect } from 'node:net';

export const form = 'application/x-www-form-urlencoded';

export interface Answered {
  status: number;
  headers: { [name: string]: unknown };
  text: string;
}

/** A request with every header as given, the Host among them. */
export function raw(
  url: string,
  options: { method?: string; headers?: { [name: string]: string }; body?: string } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    // As a browser does, a form says how long it is, an empty one too.
    const length =
      method === 'POST' && headers['transfer-encoding'] === undefined
        ? { 'content-length': String(Buffer.byteLength(body ?? '')) }
        : {};
    const sent = request(url, { method, headers: { ...length, ...headers }, agent: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** What is answered to these very bytes, when the other side has closed the connection. */
export function rawBytes(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => (heard += chunk.toString()));
    socket.on('close', () => resolve(heard));
    socket.on('error', reject);
  });
}
