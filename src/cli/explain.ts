import type { Command } from 'commander';
import { type ErrorCode, errorCatalogue, GitmendError } from '../core/errors.ts';
import { diagnosisOutcomes, findings, runOutcomes, stopReasons, waitingStates } from '../core/outcome.ts';
import type { CliContext } from './context.ts';

const words: { readonly [word: string]: string } = {
  ...runOutcomes,
  ...diagnosisOutcomes,
  ...stopReasons,
  ...waitingStates,
  ...findings,
};

/** `gitmend explain CODE`: what an error code or an outcome word means, and what to do. */
export function registerExplain(program: Command, { print }: CliContext): void {
  program
    .command('explain')
    .argument('<code>', 'an error code or an outcome: PVE_LOCKED, not-verified, stale …')
    .description('says what a code or an outcome means and what to do about it')
    .action((code: string) => print(explain(code)));
}

function explain(code: string): string {
  const entry = Object.hasOwn(errorCatalogue, code.toUpperCase())
    ? errorCatalogue[code.toUpperCase() as ErrorCode]
    : undefined;
  if (entry !== undefined) return `${code.toUpperCase()} (${entry.action})\n  ${entry.means}\n  next: ${entry.next}`;
  const meaning = Object.hasOwn(words, code.toLowerCase()) ? words[code.toLowerCase()] : undefined;
  if (meaning !== undefined) return `${code.toLowerCase()}\n  ${meaning}`;
  throw new GitmendError(
    'USAGE',
    `${JSON.stringify(code.slice(0, 60))} is neither an error code nor an outcome; docs/errors.md and docs/outcomes.md list them`,
  );
}
