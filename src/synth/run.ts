import { runChild } from './child.ts';
import { sanitized } from './message.ts';

export interface NodeRun {
  node: string;
  /** Node's own arguments. */
  options: string[];
  /** Relative to the folder. */
  script: string;
  folder: string;
  /** Seconds. */
  timeout: number;
}

/** Runs one script with an empty environment and no input, and says why it failed. */
export async function runNode({
  node,
  options,
  script,
  folder,
  timeout,
}: NodeRun): Promise<{ ok: true } | { ok: false; message: string }> {
  const ended = await runChild({ program: node, args: [...options, script], folder, timeout });
  if (ended.how === 'not-started') return { ok: false, message: `Node could not be started: ${ended.why}` };
  if (ended.how !== 'ended') return { ok: false, message: tooLate(script, timeout) };
  return ended.code === 0 ? { ok: true } : { ok: false, message: failure(script, ended.code, ended.said, folder) };
}

/** A script that was stopped. */
export function tooLate(script: string, timeout: number): string {
  return `${script} did not end within ${timeout} s and was stopped`;
}

/** What a script that failed said, or that it said nothing. */
export function failure(script: string, code: number | null, said: string, folder: string): string {
  return sanitized(said, folder) || `${script} ended with ${code ?? 'a signal'} and said nothing`;
}
