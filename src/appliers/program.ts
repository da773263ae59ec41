import { type ChildProcess, spawn } from 'node:child_process';

/** How one call ended. `code` is undefined where it did not end by itself; then `why` says what happened. */
export interface ProgramRun {
  code: number | undefined;
  stdout: string;
  stderr: string;
  /** It is not on this machine, or may not be run. */
  missing: boolean;
  why: string;
}

export interface ProgramOptions {
  folder: string;
  /** The whole environment: nothing of this process's own is added. */
  env: { readonly [name: string]: string };
  /** Seconds after which it is asked to end. */
  timeout: number;
  /** Asks it to end, as a time-out does. */
  signal?: AbortSignal | undefined;
  /** Seconds that it then has to end by itself, before it is killed with all of its group; 20 unless told. */
  grace?: number | undefined;
}

const mostOutput = 256 * 1024 * 1024;
/** It finishes the request it is in, saves its state and lets go of the lock. */
const usualGrace = 20;

/**
 * Runs terraform or tofu with this argv, never a shell, without input, in a process group of its own: its providers
 * are in it, and end with it. What it writes is for its owner alone (umask 077). Never rejects.
 */
export function runProgram(program: string, args: readonly string[], options: ProgramOptions): Promise<ProgramRun> {
  return new Promise((resolve) => {
    const child = spawnPrivately(program, args, options);
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    let [why, size, missing] = ['', 0, false];
    let last: NodeJS.Timeout | undefined;
    const stop = (reason: string): void => {
      if (why !== '') return;
      why = reason;
      child.kill('SIGINT');
      last = setTimeout(() => killGroup(child.pid), (options.grace ?? usualGrace) * 1000);
    };
    const timer = setTimeout(
      () => stop(`it took longer than ${options.timeout} s and was ended`),
      options.timeout * 1000,
    );
    const aborted = (): void => stop('it was ended because gitmend was');
    options.signal?.addEventListener('abort', aborted, { once: true });
    if (options.signal?.aborted === true) aborted();
    const keep = (chunks: Buffer[]) => (chunk: Buffer) => {
      size += chunk.length;
      if (size > mostOutput) stop(`it said more than ${mostOutput} bytes and was ended`);
      else chunks.push(chunk);
    };
    child.stdout?.on('data', keep(stdout));
    child.stderr?.on('data', keep(stderr));
    child.once('error', (error: NodeJS.ErrnoException) => {
      missing = error.code === 'ENOENT' || error.code === 'EACCES';
      why = why || error.message;
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      clearTimeout(last);
      options.signal?.removeEventListener('abort', aborted);
      killGroup(child.pid);
      const ended = why === '' && signal === null && code !== null;
      resolve({
        code: ended ? code : undefined,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
        missing,
        why: why || (signal === null ? '' : `it was ended by ${signal}`),
      });
    });
  });
}

/** The umask is the process's, and spawn takes it over at once: nothing else runs in between. */
function spawnPrivately(program: string, args: readonly string[], { folder, env }: ProgramOptions): ChildProcess {
  const before = process.umask(0o077);
  try {
    return spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  } finally {
    process.umask(before);
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left, which is what this is for.
  }
}
