import { randomBytes } from 'node:crypto';
import { startGitea } from '../simulators/gitea/index.ts';
import { gitCredential } from '../src/forges/http/git-credential.ts';
import { openGiteaForge } from '../src/forges/gitea/index.ts';
import type { Clock } from '../src/core/clock.ts';
import { gitIn } from '../src/git/git.ts';
import type { Home, PersonForge } from './home.ts';
import { StoryError } from './story.ts';

/** A Gitea or Forgejo, and two tokens: of a person who makes the repository and approves, and of gitmend's account. */
export interface GiteaPlace {
  url: string;
  token: string;
  botToken: string;
}

/** `--url`, and the tokens from the environment. Throws StoryError with the names that are missing. */
export function giteaPlace(url: string | undefined, env: NodeJS.ProcessEnv): GiteaPlace {
  const [token = '', botToken = ''] = ['TOKEN', 'BOT_TOKEN'].map((name) => env[`GITMEND_TEST_GITEA_${name}`]);
  const address = url ?? env['GITMEND_TEST_GITEA_URL'] ?? '';
  if (address !== '' && token !== '' && botToken !== '') return { url: address.replace(/\/+$/, ''), token, botToken };
  throw new StoryError(
    'a Gitea needs --url, and GITMEND_TEST_GITEA_TOKEN (yours) and GITMEND_TEST_GITEA_BOT_TOKEN in the environment',
  );
}

/** A stand-in of this process' own, which ends with it. */
export async function giteaStandIn(clock: Clock): Promise<GiteaPlace & { close: () => Promise<void> }> {
  const gitea = await startGitea({ clock });
  const { url } = gitea;
  return { url, token: gitea.token('maintainer'), botToken: gitea.token('gitmend'), close: () => gitea.close() };
}

/** What the repository is given before its first push. */
export interface GiteaGiven {
  /** Secrets of its jobs, by name. */
  secrets?: { readonly [name: string]: string };
  /** Of its web hooks; without it gitmend.yaml names none. */
  webhookSecret?: string;
}

/** A home whose repository's name is known before it is made. */
export interface GiteaHome extends Home<PersonForge> {
  /** `owner/name` */
  repository: string;
}

/** A new repository on a real server. It stays there, to be looked at. */
export async function giteaHome(place: GiteaPlace, given: GiteaGiven = {}): Promise<GiteaHome> {
  const name = `gitmend-demo-${randomBytes(4).toString('hex')}`;
  const [owner, bot] = [await accountOf(place.url, place.token), await accountOf(place.url, place.botToken)];
  const repository = `${owner}/${name}`;
  const hook = given.webhookSecret === undefined ? '' : ', webhookSecret: env:GITMEND_WEBHOOK_SECRET';
  return {
    repository,
    yaml: `{ kind: gitea, url: "${place.url}", repository: ${repository}, token: env:GITMEND_GITEA_TOKEN${hook} }`,
    approver: owner,
    env: {
      GITMEND_GITEA_TOKEN: place.botToken,
      ...(given.webhookSecret === undefined ? {} : { GITMEND_WEBHOOK_SECRET: given.webhookSecret }),
    },
    async make(_folder, files, clock) {
      await ask(place.url, place.token, 'POST', 'user/repos', { name, private: true, default_branch: 'main' });
      if (given.secrets !== undefined) await letJobs(place, repository, given.secrets, bot);
      await push(`${place.url}/${repository}.git`, files, owner, place.token);
      await ask(place.url, place.token, 'PUT', `repos/${repository}/collaborators/${bot}`, { permission: 'write' });
      const forge = await settled(clock, () =>
        openGiteaForge({ url: place.url, repository, token: place.token, clock }),
      );
      return {
        ...forge,
        openPullRequest: ({ title, ...wanted }) =>
          forge.ensurePullRequest({ ...wanted, title: title ?? wanted.branch }),
        release: () => undefined,
        async editAsBot(_number, id, body) {
          await ask(place.url, place.botToken, 'PATCH', `repos/${repository}/issues/comments/${id}`, { body });
        },
      };
    },
  };
}

/** Secrets and the variable of docs/ci.md, before the first push, because that starts the first job. */
async function letJobs(
  { url, token }: GiteaPlace,
  repository: string,
  secrets: { readonly [name: string]: string },
  bot: string,
): Promise<void> {
  const actions = `repos/${repository}/actions`;
  for (const [name, data] of Object.entries(secrets))
    await ask(url, token, 'PUT', `${actions}/secrets/${name}`, { data });
  await ask(url, token, 'POST', `${actions}/variables/GITMEND_BOT`, { value: bot });
}

async function push(remote: string, files: string, account: string, token: string): Promise<void> {
  const git = gitIn(files, { name: account, email: `${account}@localhost` });
  await git(['init', '--quiet', '--initial-branch=main', '.']);
  await git(['add', '--all']);
  await git(['commit', '--quiet', '--message', 'Begin']);
  await git(['push', '--quiet', remote, 'HEAD:refs/heads/main'], { env: gitCredential(remote, account, token) });
}

/** Gitea takes notice of a first push a moment after it. */
async function settled<T>(clock: Clock, open: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await open();
    } catch (error) {
      if (attempt === 50) throw error;
      await clock.sleep(200);
    }
  }
}

async function accountOf(url: string, token: string): Promise<string> {
  return ((await ask(url, token, 'GET', 'user')) as { login: string }).login;
}

/** Asks the API of a server. Throws StoryError with what it answered where it refused. */
export async function ask(url: string, token: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${url}/api/v1/${path}`, {
    method,
    headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new StoryError(`${url} answered ${answer.status} to ${method} ${path}: ${text.slice(0, 300)}`);
  return text === '' ? undefined : JSON.parse(text);
}
