import { defineConfig } from 'vitest/config';
import { lastLine } from './tests/tools/last-line.ts';

// Suites that take long because they kill real processes: `npm run test:crash`, and `.ci/run`.
const slow = ['tests/crash/**/*.test.ts', 'tests/forges/local/crash.test.ts'];

// What decides is covered; each folder answers for itself, so that one cannot hide behind another.
const gated = ['core', 'diagnosers', 'planners', 'declarations', 'policy', 'records'];

/** `npm test` runs everything but the slow suites; `--mode crash` (`npm run test:crash`) runs those alone. */
export default defineConfig(({ mode }) => ({
  test: {
    include: mode === 'crash' ? slow : ['tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...(mode === 'crash' ? [] : slow)],
    // Tests run git and TLS for real, on machines with two slow cores; a test that hangs still ends.
    testTimeout: mode === 'crash' ? 600_000 : 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    globalSetup: ['tests/support/needs.ts'],
    reporters: ['default', lastLine()],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: [['text', { skipFull: true, maxCols: 120 }], 'html'],
      reportOnFailure: true,
      thresholds: Object.fromEntries(gated.map((folder) => [`src/${folder}/**/*.ts`, { lines: 95 }])),
    },
  },
}));
