import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LabAnswer, LabOpened, LabRequest } from './lab-process.ts';

const program = fileURLToPath(new URL('lab-process.ts', import.meta.url));

/** The world around gitmend, as the bench sees it: a process of its own. */
export interface BenchLab extends LabOpened {
  ask(request: LabRequest): Promise<number>;
  close(): Promise<void>;
}

/** Opens a lab with this many containers (`short-0` …) that are out of memory. Its folder goes when it is closed. */
export async function openBenchLab(parent: string, guests: number): Promise<BenchLab> {
  const child = fork(program, [parent, String(guests)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const closed = once(child, 'exit');
  const failed = closed.then(() => Promise.reject(new Error('the lab ended before it was there')));
  const [opened] = (await Promise.race([once(child, 'message'), failed])) as [LabOpened];
  failed.catch(() => undefined);
  let line: Promise<unknown> = Promise.resolve();
  const send = async (request: LabRequest): Promise<number> => {
    const answered = once(child, 'message');
    child.send(request);
    const [{ value }] = (await answered) as [LabAnswer];
    return value;
  };
  return {
    ...opened,
    // One question after the other: an answer belongs to the last question.
    ask: (request) => {
      const next = line.then(() => send(request));
      line = next.catch(() => undefined);
      return next;
    },
    close: async () => {
      child.disconnect();
      await closed;
    },
  };
}
