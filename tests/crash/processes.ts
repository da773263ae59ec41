import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compiled } from '../../demo/compiled.ts';
import type { Prepared } from './prepared.ts';
import type { Message, Order } from './runner-process.ts';

const entry = fileURLToPath(new URL('./runner-process.ts', import.meta.url));

/** How a runner process ended. */
export type Ended =
  { how: 'killed' } | { how: 'done'; points: string[]; said: string[] } | { how: 'failed'; why: string };

/**
 * Runs the runner in a process of its own, with the write role's environment and nothing else of this process's. `watch` gets the process,
 * to kill it from outside.
 */
export async function runProcess(
  { lab, clock }: Prepared,
  killAt: number,
  watch: (child: ChildProcess) => void = () => undefined,
): Promise<Ended> {
  const child = fork(entry, {
    env: { PATH: process.env['PATH'], HOME: lab.folder, ...compiled, ...lab.env.write },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  watch(child);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  let result: Ended | undefined;
  child.on('message', (message: Message) => {
    if ('now' in message) {
      clock.reach(message.now);
      if (child.connected) child.send('go on');
    } else result = { how: 'done', ...message };
  });
  child.send({ directory: lab.clone, now: clock.now(), killAt } satisfies Order);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve({ how: 'killed' });
      else resolve(result ?? { how: 'failed', why: `exit ${String(code)}: ${stderr.trim()}` });
    });
  });
}
