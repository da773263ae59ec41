import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { vi } from 'vitest';
import { systemClock } from '../../../src/cli/clock.ts';
import { openGiteaForge } from '../../../src/forges/gitea/index.ts';
import { gitCredential } from '../../../src/forges/http/git-credential.ts';
import { gitIn } from '../../../src/git/git.ts';
import { begin, type ForgeUnderTest, type Person } from '../harness.ts';
import { ask, editComment, personOn, type Place } from './person.ts';

export interface RealGitea {
  url: string;
  /** Of the owner, who makes and deletes repositories. */
  token: string;
  botToken: string;
}

/** The Gitea or Forgejo that `GITMEND_TEST_GITEA_*` name, or `undefined`. */
export function realGitea(env = process.env): RealGitea | undefined {
  const [url, token, botToken] = ['URL', 'TOKEN', 'BOT_TOKEN'].map((name) => env[`GITMEND_TEST_GITEA_${name}`] ?? '');
  if (!url || !token || !botToken) return undefined;
  return { url: url.replace(/\/+$/, ''), token, botToken };
}

const removals: (() => Promise<unknown>)[] = [];

/**
 * Deletes the repositories of the tests, at their end. Not each with its test: Gitea 1.25 may wait for ever on a push
 * whose repository is deleted while it looks at it, and then sees no push any more, of any repository.
 */
export async function removeRepositories(): Promise<void> {
  for (const remove of removals.splice(0)) await remove();
}

/** Deletes a repository of the owner's with those of the tests. */
export function removeAtEnd({ url, token }: RealGitea, repository: string): void {
  removals.push(() => ask(url, token, 'DELETE', `repos/${repository}`));
}

/** A new repository of the owner's on a real server, in which the bot and people may write. */
export async function realForge(real: RealGitea): Promise<ForgeUnderTest & { repository: string }> {
  const owner = await login(real.url, real.token);
  const repository = `${owner}/gitmend-test-${randomBytes(6).toString('hex')}`;
  const place: Place = { url: real.url, repository, clock: systemClock };
  await ask(real.url, real.token, 'POST', 'user/repos', {
    name: repository.split('/')[1],
    private: true,
    default_branch: 'main',
  });
  removeAtEnd(real, repository);
  await begun(real, place);
  const people = new Map<string, Promise<Person>>();
  return {
    repository,
    forge: await openGiteaForge({ ...place, token: real.botToken }),
    editComment: (_, id, body) => editComment(place, real.botToken, id, body),
    as(name) {
      // The first one is the owner; an account for another is made where the owner is an administrator.
      const person =
        people.get(name) ?? withoutForks(people.size === 0 ? personOn(place, real.token) : stranger(real, place, name));
      people.set(name, person);
      return person;
    },
    // Deleted with all others: see there.
    dispose: () => Promise.resolve(),
  };
}

/** A fork here is a repository of its own, which no test makes; and the owner can have none. */
async function withoutForks(person: Promise<Person>): Promise<Person> {
  const same = { ...(await person) };
  delete same.proposeFromFork;
  return same;
}

/** Pushes the first commit and lets the bot in. */
async function begun(real: RealGitea, place: Place): Promise<void> {
  await pushBegin(place, real.token);
  // Until its queue has seen the first push, the repository is empty to Gitea.
  await vi.waitFor(() => openGiteaForge({ ...place, token: real.token }), { timeout: 20_000, interval: 100 });
  await allow(real, place, await login(real.url, real.botToken));
}

async function login(url: string, token: string): Promise<string> {
  return ((await ask(url, token, 'GET', 'user')) as { login: string }).login;
}

async function allow(real: RealGitea, { repository }: Place, account: string): Promise<void> {
  await ask(real.url, real.token, 'PUT', `repos/${repository}/collaborators/${account}`, { permission: 'write' });
}

async function pushBegin(place: Place, token: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'gitmend-begin-'));
  try {
    const git = gitIn(folder, { name: 'maintainer', email: 'maintainer@example.org' });
    await git(['init', '--quiet', '--initial-branch=main', '.']);
    for (const [path, text] of begin) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    await git(['add', '--all']);
    await git(['commit', '--quiet', '-m', 'Begin']);
    const remote = `${place.url}/${place.repository}.git`;
    const env = gitCredential(remote, place.repository.split('/')[0] ?? '', token);
    await git(['push', '--quiet', remote, 'HEAD:refs/heads/main'], { env });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Made once and kept for the next run: `gitmend-test-bob`. */
async function stranger(real: RealGitea, place: Place, name: string): Promise<Person> {
  const account = `gitmend-test-${name}`;
  const password = randomBytes(18).toString('base64url');
  const email = `${account}@example.org`;
  const settings = { login_name: account, source_id: 0, password, must_change_password: false };
  await ask(real.url, real.token, 'PATCH', `admin/users/${account}`, settings).catch(() =>
    ask(real.url, real.token, 'POST', 'admin/users', { username: account, email, ...settings }),
  );
  await allow(real, place, account);
  const basic = `Basic ${Buffer.from(`${account}:${password}`).toString('base64')}`;
  const answer = await fetch(`${real.url}/api/v1/users/${account}/tokens`, {
    method: 'POST',
    headers: { authorization: basic, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: randomBytes(8).toString('hex'),
      scopes: ['write:repository', 'write:issue', 'read:user'],
    }),
  });
  if (!answer.ok) throw new Error(`no token for ${account}: ${answer.status} ${await answer.text()}`);
  return personOn(place, ((await answer.json()) as { sha1: string }).sha1);
}
