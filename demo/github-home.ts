import { startGithub } from '../simulators/github/index.ts';
import type { Clock } from '../src/core/clock.ts';
import { openGithubForge } from '../src/forges/github/index.ts';
import { gitCredential } from '../src/forges/http/git-credential.ts';
import { gitIn } from '../src/git/git.ts';
import type { Home, PersonForge } from './home.ts';
import { StoryError } from './story.ts';

/** A stand-in for GitHub without a repository, and how to end it. */
export type GithubPlace = Pick<Awaited<ReturnType<typeof startGithub>>, 'url' | 'token' | 'close'>;

/** A stand-in of this process' own, which ends with it. */
export async function githubPlace(clock: Clock): Promise<GithubPlace> {
  return startGithub({ clock });
}

/** A new repository on the stand-in. */
export function githubHome({ url, token }: GithubPlace): Home<PersonForge> {
  const [owner, name] = ['maintainer', 'homelab'];
  const repository = `${owner}/${name}`;
  const [own, bot] = [token(owner), token('gitmend')];
  return {
    yaml: `{ kind: github, url: "${url}", repository: ${repository}, token: env:GITMEND_GITHUB_TOKEN }`,
    approver: owner,
    env: { GITMEND_GITHUB_TOKEN: bot },
    async make(_folder, files, clock) {
      await ask(url, own, 'POST', 'user/repos', { name, private: true });
      await push(`${url}/${repository}.git`, files, own);
      const forge = await openGithubForge({ url, repository, identity: { token: own }, clock });
      return {
        ...forge,
        openPullRequest: ({ title, ...wanted }) =>
          forge.ensurePullRequest({ ...wanted, title: title ?? wanted.branch }),
        release: () => undefined,
        async editAsBot(_number, id, body) {
          await ask(url, bot, 'PATCH', `repos/${repository}/issues/comments/${id}`, { body });
        },
      };
    },
  };
}

async function push(remote: string, files: string, token: string): Promise<void> {
  const git = gitIn(files, { name: 'maintainer', email: 'maintainer@localhost' });
  await git(['init', '--quiet', '--initial-branch=main', '.']);
  await git(['add', '--all']);
  await git(['commit', '--quiet', '--message', 'Begin']);
  const env = gitCredential(remote, 'x-access-token', token);
  await git(['push', '--quiet', remote, 'HEAD:refs/heads/main'], { env });
}

async function ask(url: string, token: string, method: string, path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${url}/api/v3/${path}`, {
    method,
    headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new StoryError(`${url} answered ${answer.status} to ${method} ${path}: ${text.slice(0, 300)}`);
}
