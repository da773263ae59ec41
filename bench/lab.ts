import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LabAnswer, LabOpened, LabRequest } from './lab-process.ts';

const program = fileURLToPath(new URL('lab-process.ts', import.meta.url));

/** The world around gitmend, as the bench sees it: a process of its own. */
export interface BenchLab extends LabOpened {
  ask(request: LabRequest): Promise<number>;
  /** The same with every value that the answer has. */
  askAll(request: LabRequest): Promise<{ value: number; values: { [name: string]: number } }>;
  close(): Promise<void>;
}

/** What a lab is otherwise. */
export interface LabGiven {
  /** On a local forge, unless told. */
  forge?: 'local' | 'gitea';
  /** The folder with the provider; its rules name Terraform only with it. */
  mirror?: string;
}

/** Opens a lab with this many containers (`short-0` …) that are out of memory. Its folder goes when it is closed. */
export async function openBenchLab(
  parent: string,
  guests: number,
  { forge = 'local', mirror = '' }: LabGiven = {},
): Promise<BenchLab> {
  const child = fork(program, [parent, String(guests), forge, mirror], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const closed = once(child, 'exit');
  const failed = closed.then(() => Promise.reject(new Error('the lab ended before it was there')));
  const [opened] = (await Promise.race([once(child, 'message'), failed])) as [LabOpened];
  failed.catch(() => undefined);
  let line: Promise<unknown> = Promise.resolve();
  const send = async (request: LabRequest): Promise<{ value: number; values: { [name: string]: number } }> => {
    const answered = once(child, 'message');
    child.send(request);
    const [{ value, values = {}, failed: why }] = (await answered) as [LabAnswer];
    if (why !== undefined) throw new Error(`the lab could not ${request.do}: ${why}`);
    return { value, values };
  };
  // One question after the other: an answer belongs to the last question.
  const askAll: BenchLab['askAll'] = (request) => {
    const next = line.then(() => send(request));
    line = next.catch(() => undefined);
    return next;
  };
  return {
    ...opened,
    askAll,
    ask: async (request) => (await askAll(request)).value,
    close: async () => {
      child.disconnect();
      await closed;
    },
  };
}
