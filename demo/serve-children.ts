import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compiled } from './compiled.ts';
import type { PersonForge } from './home.ts';
import type { Lab } from './lab.ts';

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));

/** One process of gitmend that goes on until it is stopped. */
export interface Child {
  /** Everything it said on standard error, once that matches. Rejects when it ends before. */
  says(wanted: RegExp): Promise<string>;
  /** Asks it to end, and after ten seconds does not ask any more. */
  stop(): Promise<void>;
  /** What it said last, when it ends without having been asked. */
  ended: Promise<string>;
}

/** Starts a command of the real terminal with the environment of its role and nothing else. */
export function startGitmend(lab: Lab<PersonForge>, role: { [name: string]: string }, words: string[]): Child {
  const env = { PATH: process.env['PATH'], HOME: lab.folder, ...compiled, ...role };
  const argv = ['--disable-warning=ExperimentalWarning', cli, '-C', lab.clone, ...words];
  // A group of its own: Ctrl-C is for the demo, which then ends its processes in the right order.
  const child = spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let [said, stopped] = ['', false];
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const heard: (() => void)[] = [];
  child.stdout.resume();
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-20_000);
    for (const tell of heard) tell();
  });
  child.once('error', (error) => (said += error.message));
  return {
    says: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (wanted.test(said)) resolve(said);
        };
        heard.push(look);
        look();
        void closed.then(() => reject(new Error(`gitmend ${words.join(' ')} ended\n${said}`)));
      }),
    stop: async () => {
      stopped = true;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      if (child.exitCode === null && child.signalCode === null) await closed;
      clearTimeout(timer);
    },
    ended: new Promise((resolve) => {
      void closed.then(() => {
        if (!stopped) resolve(`gitmend ${words.join(' ')} ended\n${said}`);
      });
    }),
  };
}
