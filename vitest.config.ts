import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { lastLine } from './tests/tools/last-line.ts';
import { LongFirst } from './tests/tools/long-first.ts';

// Suites that take long because they kill real processes: `npm run test:crash`, and `.ci/run`.
const slow = ['tests/crash/**/*.test.ts', 'tests/forges/local/crash.test.ts'];

// With the real provider, which has to be built first: `npm run test:terraform`, and `.ci/run` where there is Terraform.
const terraform = ['tests/terraform/real/**/*.test.ts'];

// Tests of what only decides share one process for many files: there is no world that one could leave behind for the next.
const pure = [
  'ansible',
  'config',
  'core',
  'declarations',
  'diagnosers',
  'editors',
  'inventory',
  'law',
  'planners',
  'policy',
  'records',
  'signals',
  'texts',
].map((folder) => `tests/${folder}/**/*.test.ts`);

// Tests of one client, source, ledger or stand-in at a time: what they start they end, what they set they set back. One process
// for many of their files, too; to begin one, and to import the product again, took most of what such a file needs.
const light = ['clients', 'evidence', 'ledger', 'notify', 'simulators'].map((folder) => `tests/${folder}/**/*.test.ts`);

// What decides is covered by the pure tests alone (`npm run coverage`): there it is seen at once, and measuring costs the long
// tests nothing. Each folder answers for itself, so that one cannot hide behind another.
const gated = ['core', 'diagnosers', 'planners', 'declarations', 'policy', 'records'];

/** Suites that are run by themselves, by their `--mode`; `npm test` runs everything else. */
const alone: { [mode: string]: string[] } = { crash: slow, terraform };

export default defineConfig(({ mode }) => ({
  test: {
    projects:
      alone[mode] === undefined
        ? [
            { extends: true, test: { name: 'pure', include: pure, isolate: false } },
            { extends: true, test: { name: 'light', include: light, isolate: false } },
            {
              extends: true,
              test: {
                name: 'world',
                include: ['tests/**/*.test.ts'],
                exclude: [...pure, ...light, ...slow, ...terraform],
              },
            },
          ]
        : [{ extends: true, test: { name: mode, include: alone[mode] } }],
    // Most of the time goes into waiting for git and for other processes.
    maxWorkers: availableParallelism() + 1,
    // Tests run git and TLS for real, on machines with two slow cores; a test that hangs still ends.
    testTimeout: mode === 'crash' ? 600_000 : 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    globalSetup: ['tests/support/temporary.ts', 'tests/support/needs.ts'],
    sequence: { sequencer: LongFirst },
    reporters: ['default', lastLine()],
    coverage: {
      provider: 'v8',
      include: gated.map((folder) => `src/${folder}/**/*.ts`),
      reporter: [['text', { skipFull: true, maxCols: 120 }], 'html'],
      reportOnFailure: true,
      thresholds: Object.fromEntries(gated.map((folder) => [`src/${folder}/**/*.ts`, { lines: 95 }])),
    },
  },
}));
