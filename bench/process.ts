import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchLab } from './lab.ts';

const program = fileURLToPath(new URL('../bin/gitmend.js', import.meta.url));

/** How the units of deploy/systemd start Node; a test holds the two equal. */
export const nodeFlags = [
  '--max-semi-space-size=2',
  '--optimize-for-size',
  '--no-sparkplug',
  '--no-maglev',
  '--disable-warning=ExperimentalWarning',
];

/** What else they set: one arena for malloc instead of one for each thread. */
export const nodeEnvironment = { MALLOC_ARENA_MAX: '1' };

/** One process of gitmend: the real program, with the environment of its role and nothing else. */
export interface Gitmend {
  child: ChildProcess;
  /** Milliseconds of `performance.now()` at which it was started. */
  begun: number;
  /** The first match on what it says, once it says it. Rejects when it ends before. */
  says(wanted: RegExp): Promise<RegExpExecArray>;
  stop(): Promise<void>;
  /** SIGKILL; resolves with the moment at which it was sent, once the process is gone. */
  kill(): Promise<number>;
  /** Bytes as /proc tells them. */
  memory(): Promise<{ rss: number; pss: number }>;
}

/** Starts one command of the terminal. `cache`: where Node keeps what it compiled. */
export function startGitmend(lab: BenchLab, role: 'read' | 'write', words: readonly string[], cache: string): Gitmend {
  const door = role === 'read' ? { GITMEND_ALERT_TOKEN: doorToken } : {};
  const env = {
    PATH: process.env['PATH'],
    HOME: lab.folder,
    NODE_COMPILE_CACHE: cache,
    ...nodeEnvironment,
    ...lab.env[role],
    ...door,
  };
  const begun = performance.now();
  const child = spawn(process.execPath, [...nodeFlags, program, '-C', lab.clone, ...words], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  return {
    child,
    begun,
    says: listening(child, closed, words),
    stop: async () => {
      child.kill('SIGTERM');
      await closed;
    },
    kill: async () => {
      const at = performance.now();
      child.kill('SIGKILL');
      await closed;
      return at;
    },
    memory: () => memoryOf(child.pid ?? 0),
  };
}

/** What Alertmanager presents. */
export const doorToken = 'this-token-is-only-for-the-bench';

/** Keeps the last of what is said on either stream, for whoever waits for a word. */
function listening(child: ChildProcess, closed: Promise<unknown>, words: readonly string[]): Gitmend['says'] {
  let said = '';
  const heard = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-20_000);
      for (const tell of heard) tell();
    });
  return (wanted) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = wanted.exec(said);
        if (found === null) return;
        heard.delete(look);
        resolve(found);
      };
      heard.add(look);
      look();
      void closed.then(() => reject(new Error(`gitmend ${words.join(' ')} ended\n${said}`)));
    });
}

async function memoryOf(pid: number): Promise<{ rss: number; pss: number }> {
  const rollup = await readFile(join('/proc', String(pid), 'smaps_rollup'), 'utf8');
  const field = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? NaN);
  return { rss: field('Rss'), pss: field('Pss') };
}
