import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compiled } from './compiled.ts';
import type { PersonForge } from './home.ts';
import type { Lab } from './lab.ts';

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));

/** The commands of gitmend that a story needs, however they are run. */
export interface Bot {
  /** `gitmend heal`: what it said, each line when it comes. */
  heal(hear?: (line: string) => void): Promise<string>;
  /** `gitmend plan`: what it said. */
  plan(): Promise<string>;
  /** `gitmend drift`: what it said. */
  drift(): Promise<string>;
  /** `gitmend restore`, as a person asks for it: what it said. */
  restore(target: string): Promise<string>;
  /** `gitmend status`: what it said. */
  status(): Promise<string>;
  /** `gitmend runner --until-idle`: until nothing is being verified any more. */
  run(): Promise<string>;
  /** Starts the runner and kills it in the middle of its first write, when the write has happened and nobody knows. */
  runKilled(): Promise<void>;
}

/** The real thing: child processes of the command line, each with the environment of its role and nothing else. */
export function processBot(lab: Lab<PersonForge>, say: (line: string) => void): Bot {
  const call = (role: 'read' | 'write', ...words: string[]) => run(lab, role, words).ended;
  return {
    heal: (hear) => run(lab, 'read', ['heal', lab.payload], hear).ended,
    plan: () => call('read', 'plan'),
    drift: () => call('read', 'drift'),
    restore: (target) => call('read', 'restore', target),
    status: () => call('read', 'status'),
    run: () =>
      run(lab, 'write', ['runner', '--until-idle'], (line) => {
        if (/^(#\d+ applied|waiting)/.test(line)) say(line);
      }).ended,
    async runKilled() {
      // PVE does what it was asked and never answers: the moment in which nobody knows.
      lab.pve.faults.inject({ fault: 'timeout-after', method: 'PUT', path: /\/config$/ });
      const runner = run(lab, 'write', ['runner', '--until-idle']);
      await until(() => lab.pve.requests.some(({ method }) => method === 'PUT') || lab.pve.faults.pending === 0);
      runner.child.kill('SIGKILL');
      await runner.ended.catch(() => undefined);
    },
  };
}

function run(
  lab: Lab<PersonForge>,
  role: 'read' | 'write',
  words: string[],
  hear: (line: string) => void = () => undefined,
): { child: ChildProcess; ended: Promise<string> } {
  const env = { PATH: process.env['PATH'], HOME: lab.folder, ...compiled, ...lab.env[role] };
  const child = spawn(process.execPath, [cli, '-C', lab.clone, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      said += `${line}\n`;
      hear(line);
    });
  }
  const ended = new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    // Exit 1 of `status` means that a person is needed: an answer, not a failure.
    child.on('close', (code, signal) =>
      signal === null && (code === 0 || words[0] === 'status')
        ? resolve(said.trim())
        : reject(new Error(`gitmend ${words.join(' ')}: ${signal ?? `exit ${String(code)}`}\n${said}`)),
    );
  });
  return { child, ended };
}

/** Waits for something that a request to the stand-in brings about. */
export async function until(happened: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3000 && !happened(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  if (!happened()) throw new Error('what the story waits for did not happen in 30 s');
}
