import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startGitea } from '../../simulators/gitea/index.ts';
import { startGithub } from '../../simulators/github/index.ts';
import { systemClock } from '../../src/cli/clock.ts';
import { openForgeOf } from '../../src/cli/ground.ts';

/** A folder whose gitmend.yaml names this forge. */
async function folderWith(forge: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'gitmend-forge-token-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const cluster = `{ name: home, endpoint: "https://pve1.home.lan:8006", ca: certs/ca.pem, read: env:GITMEND_PVE_READ }`;
  await writeFile(join(directory, 'gitmend.yaml'), `version: 1\nforge: ${forge}\nclusters:\n  - ${cluster}\n`);
  return directory;
}

const remote = (kind: string, url: string) =>
  `{ kind: ${kind}, url: "${url}", repository: ops/homelab, token: env:GITMEND_FORGE_TOKEN }`;

describe('the forge that gitmend.yaml names', () => {
  test('is opened with the token of the variable, as the account of that token', async () => {
    const gitea = await startGitea({ files: new Map([['README.md', 'home\n']]), clock: systemClock });
    onTestFinished(() => gitea.close());
    const directory = await folderWith(remote('gitea', gitea.url));
    const env = { GITMEND_FORGE_TOKEN: gitea.token('healer') };
    const forge = await openForgeOf({ directory, clock: systemClock, env }, 'gitmend');
    expect(forge).toMatchObject({ kind: 'gitea', self: 'healer', remote: `${gitea.url}/ops/homelab.git` });
  });

  test.each([{}, { GITMEND_FORGE_TOKEN: '' }])('is asked nothing without a token: %j', async (env) => {
    const directory = await folderWith(remote('gitea', 'http://127.0.0.1:9'));
    await expect(openForgeOf({ directory, clock: systemClock, env }, 'gitmend')).rejects.toMatchObject({
      code: 'ENV_MISSING',
      message: expect.stringContaining('GITMEND_FORGE_TOKEN'),
    });
  });

  test('is a GitHub with a token, or with an App and its key', async () => {
    const github = await startGithub({ files: new Map([['README.md', 'home\n']]), clock: systemClock });
    onTestFinished(() => github.close());
    const { id, privateKey } = github.installApp('gitmend', { contents: 'write' });
    const env = { GITMEND_FORGE_TOKEN: github.token('healer'), GITMEND_GITHUB_APP_KEY: privateKey };
    const app = `{ kind: github, url: "${github.url}", repository: ops/homelab, app: { id: ${id}, key: env:GITMEND_GITHUB_APP_KEY } }`;
    for (const [forge, self] of [
      [remote('github', github.url), 'healer'],
      [app, 'gitmend[bot]'],
    ] as const) {
      const directory = await folderWith(forge);
      const opened = await openForgeOf({ directory, clock: systemClock, env }, 'gitmend');
      expect(opened).toMatchObject({ kind: 'github', self, remote: `${github.url}/ops/homelab.git` });
    }
  });
});
