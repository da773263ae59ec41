import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { isGitmendError } from '../../src/core/errors.ts';
import { gitIn } from '../../src/git/git.ts';
import { temporaryFolder } from '../support/loopback.ts';

it.each([
  ['is not there', () => undefined],
  ['may not be run', (path: string) => writeFileSync(path, '', { mode: 0o600 })],
])('a git that %s is said to be missing, with what to install', async (_, put) => {
  const folder = temporaryFolder('no-git');
  mkdirSync(join(folder, 'bin'));
  put(join(folder, 'bin', 'git'));
  vi.stubEnv('PATH', join(folder, 'bin'));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
  const error: unknown = await gitIn(folder)(['status'], { accept: [0, 1, 2, 128] }).catch((thrown: unknown) => thrown);
  expect(isGitmendError(error, 'GIT_MISSING') ? error.print() : error).toMatch(
    /^GIT_MISSING: git status could not be started: spawn git E\w+\n {2}why: git is not installed[^]*next: install git 2\.38/,
  );
});
