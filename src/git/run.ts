import { spawn } from 'node:child_process';

/** How one call of git ended. `code` is undefined where it did not end by itself; then `why` says what happened. */
export interface GitRun {
  code: number | undefined;
  stdout: Buffer;
  stderr: Buffer;
  why: string;
  /** There is no git to run. */
  missing: boolean;
}

export interface GitRunOptions {
  /** The whole environment: nothing of this process's own is added. */
  env: { readonly [name: string]: string | undefined };
  input: string;
  /** Milliseconds after which git is stopped. */
  timeout: number;
  /** Bytes of its output after which git is stopped. */
  mostOutput: number;
}

/** Milliseconds that git has to end by itself once it was asked to. */
const grace = 5_000;

/** Runs git with this argv, never a shell. Never rejects: whatever happened is in what it resolves with. */
export function runGit(args: readonly string[], { env, input, timeout, mostOutput }: GitRunOptions): Promise<GitRun> {
  return new Promise((resolve) => {
    const child = spawn('git', args, { env, stdio: 'pipe' });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    let [why, size, missing] = ['', 0, false];
    const stop = (reason: string): void => {
      if (why !== '') return;
      why = reason;
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), grace).unref();
    };
    const timer = setTimeout(() => stop(`it took longer than ${timeout / 1000} s`), timeout);
    const keep = (chunks: Buffer[]) => (chunk: Buffer) => {
      size += chunk.length;
      if (size > mostOutput) stop(`it said more than ${mostOutput} bytes`);
      else chunks.push(chunk);
    };
    child.stdout.on('data', keep(stdout));
    child.stderr.on('data', keep(stderr));
    // Git may end without reading what it was given; its exit code says what that means.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('error', (error: NodeJS.ErrnoException) => {
      why = why || error.message;
      missing = error.code === 'ENOENT' || error.code === 'EACCES';
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      const ended = why === '' && signal === null;
      resolve({
        code: ended ? (code ?? undefined) : undefined,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr),
        why: why || (signal === null ? '' : `it was ended by ${signal}`),
        missing,
      });
    });
  });
}
