import { appendFile } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import { gitIn } from '../../src/git/git.ts';
import { startServe } from '../../src/serve/index.ts';
import { httpServer } from '../notify/servers.ts';
import { doorLab, doorToken, setupOf } from './served.ts';

const patient = { timeout: 40_000, interval: 100 };

it('what `gitmend serve` tells people holds no value of a variable, wherever somebody wrote it', async () => {
  const [lab, phone] = [await doorLab(), await httpServer()];
  const git = gitIn(lab.clone, { name: 'maintainer', email: 'maintainer@home.lan' });
  await appendFile(`${lab.clone}/gitmend.yaml`, `notify: [{ kind: webhook, url: "${phone.url}/hook" }]\n`);
  await git(['commit', '--quiet', '--all', '--message', 'gitmend.yaml: tell somebody']);
  await git(['push', '--quiet', 'origin', 'HEAD']);
  await appendFile(`${lab.clone}/guests/postgres.yaml`, '# a change\n');
  await git(['commit', '--quiet', '--all', '--message', 'a change']);
  await git(['push', '--quiet', 'origin', 'HEAD:refs/heads/mine']);
  const [setup, readToken = ''] = [setupOf(lab), Object.values(lab.env.read).find((value) => value.includes('!'))];
  const title = `why is it ${doorToken}, ${readToken}?`;
  await lab.forge.openPullRequest({ branch: 'mine', base: 'main', title, body: title, labels: [] });
  const serving = await startServe(setup);
  onTestFinished(() => serving.stop());
  await expect
    .poll(() => phone.received.map(({ body }) => body['title']), patient)
    .toContainEqual(expect.stringMatching(/#1 why is it \[redacted\], \[redacted\]\??$/));
  expect(JSON.stringify(phone.received)).not.toContain(doorToken);
  expect(JSON.stringify(phone.received)).not.toContain(readToken);
});
