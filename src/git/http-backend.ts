import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, dirname, join } from 'node:path';

/** One request of git over HTTP, checked by the caller: who asks, for what, and for which of the two services. */
export interface SmartRequest {
  /** Path of the bare repository. */
  repository: string;
  /** Below the repository: `info/refs`, `git-upload-pack` or `git-receive-pack`. */
  path: 'info/refs' | 'git-upload-pack' | 'git-receive-pack';
  service: 'git-upload-pack' | 'git-receive-pack';
  /** The account that was verified: git and the reflog name it. */
  account: string;
  /** Refs that this account may not push to, as git's `receive.hideRefs` has them: `!` takes one out again. */
  hidden: readonly string[];
  /** The branch that takes no push but one that goes on from where it is. */
  defaultBranch: string;
  /** Milliseconds after which git is stopped. */
  patience: number;
}

/** Our own hooks and no others: neither the repository's nor the machine's. */
const hooks = join(import.meta.dirname, 'hooks');

/**
 * Answers one request by git's own `git http-backend` (git-http-backend(1)): argv only, an environment of names that are
 * listed here, no hook but ours, no configuration of the machine. Resolves when the answer is out or the client is gone;
 * `false` when git failed before it answered anything, or is not there.
 */
export async function smartHttp(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  request: SmartRequest,
): Promise<boolean> {
  if (request.service === 'git-receive-pack' && !(await guarded())) return false;
  const child = spawn('git', ['http-backend'], {
    env: environment(incoming, request),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // Heard as long as it lives: an error that nobody hears ends the service.
  const started = new Promise<boolean>((resolve) => {
    child.on('error', () => resolve(false));
    child.once('spawn', () => resolve(true));
  });
  const timer = setTimeout(() => child.kill('SIGTERM'), request.patience);
  // A client that goes away takes its git with it.
  const gone = (): void => void child.kill('SIGTERM');
  outgoing.once('close', gone);
  child.stdin.on('error', () => undefined);
  child.stderr.resume();
  incoming.pipe(child.stdin);
  try {
    return (await started) && (await relay(child.stdout, outgoing));
  } finally {
    clearTimeout(timer);
    outgoing.off('close', gone);
    incoming.unpipe(child.stdin);
    child.kill('SIGTERM');
  }
}

/** Git passes over a hook that it may not execute, in silence: then nothing is answered, rather than any push taken. */
async function guarded(): Promise<boolean> {
  return access(join(hooks, 'update'), constants.X_OK).then(
    () => true,
    () => false,
  );
}

function environment(
  incoming: IncomingMessage,
  { repository, path, service, account, hidden, defaultBranch }: SmartRequest,
): NodeJS.ProcessEnv {
  const config = [
    ['http.receivepack', 'true'],
    ['core.hooksPath', hooks],
    // Our hook refuses that too, and says why in words that are ours.
    ['receive.denyDeleteCurrent', 'ignore'],
    ['safe.directory', repository],
    ['receive.autogc', 'false'],
    // A tree whose paths lead out of it is refused where it comes in.
    ['receive.fsckObjects', 'true'],
    ['receive.maxInputSize', String(128 * 1024 * 1024)],
    ...hidden.map((ref) => ['receive.hideRefs', ref] as const),
  ] as const;
  const pairs = config.flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key] as const,
    [`GIT_CONFIG_VALUE_${at}`, value] as const,
  ]);
  const { method = 'GET', headers, socket } = incoming;
  const protocol = headers['git-protocol'];
  return {
    PATH: process.env['PATH'],
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_NO_REPLACE_OBJECTS: '1',
    LC_ALL: 'C',
    GIT_PROJECT_ROOT: dirname(repository),
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: `/${basename(repository)}/${path}`,
    REQUEST_METHOD: method,
    QUERY_STRING: path === 'info/refs' ? `service=${service}` : '',
    CONTENT_TYPE: headers['content-type'] ?? '',
    ...(headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: headers['content-length'] }),
    ...(headers['content-encoding'] === 'gzip' ? { HTTP_CONTENT_ENCODING: 'gzip' } : {}),
    ...(typeof protocol === 'string' && /^version=[012]$/.test(protocol) ? { GIT_PROTOCOL: protocol } : {}),
    REMOTE_USER: account,
    REMOTE_ADDR: socket.remoteAddress ?? '',
    GITMEND_DEFAULT_BRANCH: defaultBranch,
    GIT_COMMITTER_NAME: account,
    GIT_COMMITTER_EMAIL: `${account}@localhost`,
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(pairs),
  };
}

/** CGI: a few header lines, an empty one, then the body as it is. */
async function relay(output: NodeJS.ReadableStream, outgoing: ServerResponse): Promise<boolean> {
  let head = Buffer.alloc(0);
  let open = false;
  for await (const chunk of output as AsyncIterable<Buffer>) {
    if (open) {
      await written(outgoing, chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0 && head.length > 16_384) return false;
    if (end < 0) continue;
    open = true;
    writeHead(outgoing, head.subarray(0, end).toString('latin1'));
    await written(outgoing, head.subarray(end + 4));
  }
  if (open) outgoing.end();
  return open;
}

function writeHead(outgoing: ServerResponse, text: string): void {
  const lines = text.split('\r\n').flatMap((line) => {
    const [, name = '', value = ''] = /^([A-Za-z-]+): (.*)$/.exec(line) ?? [];
    return name === '' ? [] : [[name.toLowerCase(), value] as const];
  });
  const status = Number(lines.find(([name]) => name === 'status')?.[1].slice(0, 3) ?? 200);
  outgoing.writeHead(status, Object.fromEntries(lines.filter(([name]) => name !== 'status')));
}

async function written(outgoing: ServerResponse, chunk: Buffer): Promise<void> {
  if (chunk.length === 0 || outgoing.destroyed || outgoing.write(chunk)) return;
  await new Promise<void>((resolve) => {
    outgoing.once('drain', resolve);
    outgoing.once('close', resolve);
  });
}
