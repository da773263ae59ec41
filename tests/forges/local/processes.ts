import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { compiled } from '../../../demo/compiled.ts';
import type { Task } from './worker.ts';

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs a task in a process of its own. `killAt` counts trace points from 1; 0 lets it live. */
export function inProcess(folder: string, account: string, task: Task, killAt = 0): Promise<Ended> {
  const worker = join(import.meta.dirname, 'worker.ts');
  const env = {
    PATH: process.env['PATH'],
    ...compiled,
    KILL_AT: String(killAt),
    TELL_POINTS: killAt === 0 ? '1' : '0',
  };
  const child = spawn(process.execPath, [worker, folder, account, JSON.stringify(task)], { env });
  const ended: Ended = { code: null, signal: null, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (ended.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (ended.stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ ...ended, code, signal }));
  });
}
