// The very last line of a run: `N passed, N failed, N skipped`, after coverage and everything else.
import type { Reporter } from 'vitest/node';

/** What a run came to. A file that could not be loaded, a hook and an error outside any test count as one failure each. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Vitest's reporter that counts, and prints when the process ends. */
export function lastLine(): Reporter {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  return {
    onInit: () => void process.once('exit', () => process.stdout.write(`${printCounts(counts)}\n`)),
    onTestRunStart: () => void Object.assign(counts, { passed: 0, failed: 0, skipped: 0 }),
    onTestCaseResult: (test) => {
      const { state } = test.result();
      if (state !== 'pending') counts[state] += 1;
    },
    onTestRunEnd: (modules, unhandled) => {
      // The tests below a hook that failed are skipped, and would otherwise be counted as nothing worse.
      const places = modules.flatMap((module) => [module, ...module.children.allSuites()]);
      counts.failed += places.filter((place) => place.errors().length > 0).length + unhandled.length;
    },
  };
}

/** `412 passed, 0 failed, 3 skipped` */
export function printCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
