import type { Octokit } from '@octokit/core';
import { z } from 'zod';
import { readAs, refusal } from '../http/client.ts';
import { type Persistence, persistently } from '../http/persistently.ts';
import type { Credential } from './credential.ts';
import { userShape } from './shapes.ts';
import { exchanged } from './transport.ts';

const appShape = z.object({ slug: z.string().min(1) });
const viewerShape = z.object({ data: z.object({ viewer: userShape }) });

/** Who writes: an App as `slug[bot]`, a token as its account, a job as `github-actions[bot]`. */
export async function selfOf(
  options: Persistence & { octokit: Octokit; credential: Credential; base: string },
): Promise<{ login: string; slug?: string }> {
  const { octokit, credential, name, base } = options;
  const get = async (path: '/app' | '/user', authorization: string) =>
    persistently(options, { method: 'GET', path }, () =>
      exchanged(() => octokit.request(`GET ${path}`, { headers: { authorization } })),
    );
  if (credential.app) {
    const answer = await get('/app', `bearer ${await credential.jwt()}`);
    if (answer.status !== 200) throw refusal(name, answer, 'the App itself');
    const { slug } = readAs(appShape, answer, 'app');
    return { login: `${slug}[bot]`, slug };
  }
  const authorization = `token ${await credential.token()}`;
  const answer = await get('/user', authorization);
  if (answer.status === 200) return readAs(userShape, answer, 'user');
  if (answer.status !== 403) throw refusal(name, answer, 'user');
  // A job's token is an installation's, which has no user in REST; GraphQL says who looks. It changes nothing, so it is a read.
  const url = `${base.replace(/\/v3$/, '')}/graphql`;
  const viewer = await persistently(options, { method: 'GET', path: '/graphql' }, () =>
    exchanged(() => octokit.request(`POST ${url}`, { query: '{ viewer { login } }', headers: { authorization } })),
  );
  if (viewer.status !== 200) throw refusal(name, viewer, 'viewer');
  return readAs(viewerShape, viewer, 'viewer').data.viewer;
}
