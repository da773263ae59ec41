import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { compiled } from '../../demo/compiled.ts';
import type { StoreOptions } from '../../src/store/index.ts';

const worker = new URL('worker.ts', import.meta.url).pathname;
const node = [process.execPath, '--disable-warning=ExperimentalWarning'];

/** Runs a task of worker.ts in a process of its own, and returns what it told; `until` says when to kill it with -9. */
export async function inProcess(
  where: Pick<StoreOptions, 'url' | 'file'>,
  task: string,
  {
    name = '',
    until = () => false,
    through = [],
  }: { name?: string; until?: (lines: string[]) => boolean; through?: string[] } = {},
): Promise<string[]> {
  const [command = process.execPath, ...args]: string[] = [
    ...through,
    ...node,
    worker,
    JSON.stringify(where),
    task,
    name,
  ];
  const child = spawn(command, args, { env: { ...process.env, ...compiled }, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    if (until(lines)) child.kill('SIGKILL');
  });
  await Promise.all([once(child, 'exit'), once(reader, 'close')]);
  return lines;
}
