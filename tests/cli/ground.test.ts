import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openGround } from '../../src/cli/ground.ts';
import { doorLab, setupOf } from '../serve/served.ts';
import { temporaryFolder } from '../support/loopback.ts';

/** The machine's git, but for what it says that it is. */
function gitThatSays(version: string): void {
  const folder = temporaryFolder('old-git');
  const before = process.env['PATH'] ?? '';
  const file = join(folder, 'git');
  writeFileSync(
    file,
    `#!/bin/sh
for word do
  [ "$word" = --version ] && echo 'git version ${version}' && exit 0
done
PATH='${before}' exec git "$@"
`,
  );
  chmodSync(file, 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${before}`);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
}

describe('the ground that everything stands on', () => {
  it('is not opened with a git that cannot merge without a work tree', async () => {
    const setup = { ...setupOf(await doorLab()), role: 'read' as const, log: () => undefined };
    for (const version of ['2.37.9', '2.4.1', '1.99.0']) {
      gitThatSays(version);
      await expect(openGround(setup)).rejects.toMatchObject({
        code: 'GIT_TOO_OLD',
        message: `git is git version ${version}`,
      });
    }
    for (const version of ['2.38.0', '2.100.1', '3.0.0']) {
      gitThatSays(version);
      expect((await openGround(setup)).tools['git']).toBe(version);
    }
  });
});
