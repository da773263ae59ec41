// The very last lines of a run: what failed, by name, and `N passed, N failed, N skipped`, after coverage and everything else.
import { relative } from 'node:path';
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

/** What a run came to. A file that could not be loaded, a hook and an error outside any test count as one failure each. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

type Failure = { readonly message: string; readonly VITEST_TEST_PATH?: unknown };

/** As many as somebody reads who sees only the end of a log. */
const named = 20;

/** Vitest's reporter that counts, and prints when the process ends. */
export function lastLine(): Reporter {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const failures: string[] = [];
  const failed = (where: string, error: Failure | undefined) => {
    counts.failed += 1;
    failures.push(printFailure(where, error));
  };
  return {
    onInit: () => void process.once('exit', () => process.stdout.write(printEnd(counts, failures))),
    onTestRunStart: () => {
      Object.assign(counts, { passed: 0, failed: 0, skipped: 0 });
      failures.length = 0;
    },
    onTestCaseResult: (test) => {
      const { state, errors } = test.result();
      if (state === 'failed') failed(nameOf(test), errors[0]);
      else if (state !== 'pending') counts[state] += 1;
    },
    onTestRunEnd: (modules, unhandled) => {
      // The tests below a hook that failed are skipped, and would otherwise be counted as nothing worse.
      const places = modules.flatMap((module) => [module, ...module.children.allSuites()]);
      for (const place of places) if (place.errors().length > 0) failed(nameOf(place), place.errors()[0]);
      // Vitest's own list of what failed leaves these out: without a test there is no name.
      for (const error of unhandled) failed(`outside any test${besides(error)}`, error);
    },
  };
}

/** `412 passed, 0 failed, 3 skipped` */
export function printCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function printEnd(counts: Counts, failures: readonly string[]): string {
  return [...failures.slice(0, named), printCounts(counts), ''].join('\n');
}

/** `failed: tests/a.test.ts > a group > one: no server`, in one line of bounded length. */
function printFailure(where: string, error: Failure | undefined): string {
  const why = (error?.message ?? '').split('\n')[0];
  return `failed: ${where}: ${why}`.slice(0, 400);
}

function nameOf(place: TestCase | TestSuite | TestModule): string {
  if (place.type === 'module') return relative(process.cwd(), place.moduleId);
  return `${relative(process.cwd(), place.module.moduleId)} > ${place.fullName}`;
}

/** An error says which file its worker ran, if it comes from one. */
function besides({ VITEST_TEST_PATH: path }: Failure): string {
  return typeof path === 'string' ? `, while ${relative(process.cwd(), path)} ran` : '';
}
