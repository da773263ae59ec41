import type { Command } from 'commander';
import { GitmendError } from '../core/errors.ts';
import { explain } from '../core/explain.ts';
import type { CliContext } from './context.ts';

/** `gitmend explain CODE`: what an error code or an outcome word means, and what to do. */
export function registerExplain(program: Command, { print }: CliContext): void {
  program
    .command('explain')
    .argument('<code>', 'an error code or an outcome: PVE_LOCKED, not-verified, stale …')
    .description('says what a code or an outcome means and what to do about it')
    .action((code: string) => print(explained(code)));
}

function explained(code: string): string {
  const found = explain(code);
  if (found?.error !== undefined)
    return `${found.word} (${found.error.action})\n  ${found.means}\n  next: ${found.error.next}`;
  if (found !== undefined) return `${found.word}\n  ${found.means}`;
  throw new GitmendError(
    'USAGE',
    `${JSON.stringify(code.slice(0, 60))} is neither an error code nor an outcome; docs/errors.md and docs/outcomes.md list them`,
  );
}
