import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real program of the machine that listens on loopback for the time of a test. */
export interface Listening {
  /** `http://127.0.0.1:44247` */
  url: string;
  stop: () => Promise<void>;
}

/** A folder of its own under the system's temporary one. */
export function temporaryFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `gitmend-${name}-`));
}

/**
 * Starts a program on port 0 and resolves once it answers `ready` with 200; its port is read from its own log
 * (`msg="Listening on" address=…`, as Prometheus and Alertmanager print it). `stop` ends it and removes `folder`.
 */
export async function listen(
  program: string,
  args: readonly string[],
  folder: string,
  ready: string,
): Promise<Listening> {
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH },
  });
  const stop = async (): Promise<void> => {
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const url = `http://${await addressOf(program, child)}`;
    while (!(await answers(`${url}${ready}`))) if (child.exitCode !== null) throw new Error(`${program} ended`);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function addressOf(program: string, child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`${program} ended: ${log}`)));
    child.stderr?.on('data', (chunk: Buffer) => {
      if (log.length > 1_000_000) return;
      log += chunk.toString();
      const address = /msg="Listening on" address=(127\.0\.0\.1:\d+)/.exec(log)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
