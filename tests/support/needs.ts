import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Where the test processes write down what they went without, for one line at the end of the whole run.
const ledgerVariable = 'GITMEND_TESTS_SKIPPED';

/**
 * Whether the machine has a program that a test needs; a test without it is skipped by name:
 * `describe.skipIf(!needs('docker'))('…', …)`. With GITMEND_TESTS_STRICT=1 (as in `.ci/run`) a missing one is a failure.
 *
 * `works` says how to find out; unless told, the program is asked for its version.
 */
export function needs(program: string, works: () => boolean = () => answers(program, ['--version'])): boolean {
  if (works()) return true;
  if (process.env.GITMEND_TESTS_STRICT === '1') {
    throw new Error(
      `these tests need ${program}, which this machine lacks; GITMEND_TESTS_STRICT=1 forbids to skip them`,
    );
  }
  const ledger = process.env[ledgerVariable];
  if (ledger !== undefined) appendFileSync(ledger, `${program}\n`);
  return false;
}

/** The same for what no package brings: it is counted where it is missing, and missing it is never a failure. */
export function wants(what: string, there: boolean): boolean {
  const ledger = process.env[ledgerVariable];
  if (!there && ledger !== undefined) appendFileSync(ledger, `${what}\n`);
  return there;
}

/** Whether a command runs and ends with 0. */
export function answers(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 }).status === 0;
}

/** Vitest's `globalSetup`, called for every project: the first begins the list of what was skipped. */
export function setup(): void {
  if (process.env[ledgerVariable] !== undefined) return;
  const ledger = join(mkdtempSync(join(tmpdir(), 'gitmend-tests-')), 'skipped');
  writeFileSync(ledger, '');
  process.env[ledgerVariable] = ledger;
}

/** Vitest's end of `globalSetup`: the last line of the run. */
export function teardown(): void {
  const ledger = process.env[ledgerVariable];
  if (ledger === undefined || !existsSync(ledger)) return;
  process.stdout.write(`${lastLine(readFileSync(ledger, 'utf8').split('\n'))}\n`);
  rmSync(join(ledger, '..'), { recursive: true });
}

/** `nothing was skipped`, or the missing programs with the number of test files that went without each. */
export function lastLine(programs: readonly string[]): string {
  const names = programs.filter((name) => name !== '').toSorted();
  if (names.length === 0) return 'nothing was skipped for want of a program';
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const list = [...counts].map(([name, count]) => `${name} (${count})`).join(', ');
  return `skipped for want of a program: ${names.length}, namely ${list}`;
}
