import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, basename } from 'node:path';

/** Answers one request of git's smart protocol by git's own `git http-backend`, refs of any name allowed as on GitHub and Gitea. */
export async function answerGit(
  request: IncomingMessage,
  response: ServerResponse,
  { repository, path, query, user }: { repository: string; path: string; query: string; user: { login: string } },
): Promise<void> {
  const greeting = isGreeting(request, path, query) ? repository : undefined;
  const known = greeting === undefined ? undefined : greetings.get(greeting);
  if (known !== undefined) {
    request.resume();
    send(response, known);
    return;
  }
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_PROJECT_ROOT: dirname(repository),
      GIT_HTTP_EXPORT_ALL: '1',
      ...settings({ 'http.receivepack': 'true', 'receive.autogc': 'false', 'core.fsync': 'none' }),
      PATH_INFO: `/${basename(repository)}/${path}`,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      ...(request.headers['content-encoding'] === 'gzip' ? { HTTP_CONTENT_ENCODING: 'gzip' } : {}),
      ...(typeof request.headers['git-protocol'] === 'string' ? { GIT_PROTOCOL: request.headers['git-protocol'] } : {}),
      REMOTE_USER: user.login,
    },
  });
  child.stdin.on('error', () => undefined);
  child.stderr.resume();
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) chunks.push(chunk);
  const output = Buffer.concat(chunks);
  if (greeting !== undefined) greetings.set(greeting, output);
  send(response, output);
}

/** By repository: what a server says of itself before version 2 of the protocol asks anything. */
const greetings = new Map<string, Buffer>();

/** In version 2 it names no ref (gitprotocol-v2, "Capability Advertisement"), so it is the same every time. */
function isGreeting({ headers }: IncomingMessage, path: string, query: string): boolean {
  return path === 'info/refs' && query === 'service=git-upload-pack' && headers['git-protocol'] === 'version=2';
}

/** Nothing that a stand-in holds outlives it, so nothing is tidied up or forced to the disk. */
function settings(values: { [name: string]: string }): { [variable: string]: string } {
  const entries = Object.entries(values).flatMap(([name, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, name] as const,
    [`GIT_CONFIG_VALUE_${index}`, value] as const,
  ]);
  return { GIT_CONFIG_COUNT: String(entries.length / 2), ...Object.fromEntries(entries) };
}

/** CGI: a few header lines, an empty one, then the body. */
function send(response: ServerResponse, output: Buffer): void {
  const end = output.indexOf('\r\n\r\n');
  const lines = output.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n');
  const headers = lines.flatMap((line) => {
    const [, name, value] = /^([A-Za-z-]+): (.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value] as const];
  });
  const status = Number(headers.find(([name]) => name === 'status')?.[1].slice(0, 3) ?? (end < 0 ? 500 : 200));
  response.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== 'status')));
  response.end(output.subarray(end < 0 ? output.length : end + 4));
}
