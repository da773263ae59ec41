import { appendFile } from 'node:fs/promises';
import type { CiJob } from '../ci/job.ts';
import { escapeCode } from '../records/escape.ts';
import type { CliContext } from './context.ts';

/**
 * The same lines on the page of the run, where the forge shows such (GITHUB_STEP_SUMMARY). They may quote what others wrote,
 * so each is code. A summary that cannot be written is no reason to fail: the log has it all.
 */
export async function summarise(
  { warn }: Pick<CliContext, 'warn'>,
  { summary }: Pick<CiJob, 'summary'>,
  lines: readonly string[],
): Promise<void> {
  if (summary === undefined || lines.length === 0) return;
  try {
    await appendFile(summary, lines.map((line) => `- ${escapeCode(line, 1000)}\n`).join(''));
  } catch {
    warn('the summary of this run could not be written');
  }
}
