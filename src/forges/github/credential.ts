import { createPrivateKey } from 'node:crypto';
import type { Octokit } from '@octokit/core';
import { GitmendError } from '../../core/errors.ts';
import { refusal } from '../http/client.ts';
import { type Persistence, persistently } from '../http/persistently.ts';
import { refused } from '../refused.ts';
import { exchanged } from './transport.ts';

/** What gitmend is on GitHub: an account, or a job, by its token; or an App by its id and private key. */
export type GithubIdentity = { token: string } | { app: { id: string; privateKey: string } };

/** A credential that is fresh when it is asked for. */
export interface Credential {
  /** Whether it is an App of one's own: only then there are check runs. */
  app: boolean;
  /** The token of now. An App's lasts an hour and is renewed here. Throws FORGE_FAILED, FORGE_REFUSED. */
  token: () => Promise<string>;
  /** The last one that `token` gave: for git, which asks without waiting. */
  latest: () => string;
  /** An App's own signature, for what is asked about the App itself. */
  jwt: () => Promise<string>;
}

/** Milliseconds before its end at which an installation's token is not used any more: a long push may need it. */
const spare = 10 * 60_000;

export async function openCredential(
  identity: GithubIdentity,
  octokit: Octokit,
  repository: string,
  persistence: Persistence,
): Promise<Credential> {
  if ('token' in identity) {
    const { token } = identity;
    return { app: false, token: () => Promise.resolve(token), latest: () => token, jwt: () => Promise.reject(noApp()) };
  }
  const { createAppAuth } = await import('@octokit/auth-app');
  const { id, privateKey } = identity.app;
  const auth = createAppAuth({ appId: id, privateKey: pemOf(privateKey), request: octokit.request, log: silence });
  const jwt = async () => (await auth({ type: 'app' })).token;
  const installationId = await installationOf(octokit, repository, jwt, persistence);
  let held = { token: '', until: 0 };
  const renew = async (): Promise<string> => {
    const path = `/app/installations/${installationId}/access_tokens`;
    // Another token more does no harm, so it is asked for as often as a read.
    const answer = await persistently(persistence, { method: 'GET', path }, () =>
      exchanged(async () => ({
        status: 200,
        headers: {},
        data: await auth({ type: 'installation', installationId, refresh: true }),
      })),
    );
    if (answer.status !== 200) throw refusal(persistence.name, answer, 'a token for the App’s installation');
    const { token, expiresAt } = answer.json as { token: string; expiresAt: string };
    held = { token, until: Date.parse(expiresAt) };
    return token;
  };
  const token = () => (persistence.clock.now() < held.until - spare ? Promise.resolve(held.token) : renew());
  return { app: true, token, latest: () => held.token, jwt };
}

/** Of the repository: an App may be installed for several owners. */
async function installationOf(
  octokit: Octokit,
  repository: string,
  jwt: () => Promise<string>,
  persistence: Persistence,
): Promise<number> {
  const [owner = '', repo = ''] = repository.split('/');
  const route = 'GET /repos/{owner}/{repo}/installation';
  const answer = await persistently(persistence, { method: 'GET', path: `/repos/${repository}/installation` }, () =>
    exchanged(async () => octokit.request(route, { owner, repo, headers: { authorization: `bearer ${await jwt()}` } })),
  );
  if (answer.status === 404)
    throw new GitmendError(
      'FORGE_NOT_FOUND',
      `the App is not installed on ${repository}: install it there, or name another repository`,
    );
  if (answer.status !== 200) throw refusal(persistence.name, answer, 'the App’s installation');
  return Number((answer.json as { id: unknown }).id);
}

/**
 * The key as it was downloaded (PKCS#1, which Web Crypto does not read) or PKCS#8; with real line ends, with `\n` in their
 * place as `.env` files have them, or in base64. Throws FORGE_REFUSED without a letter of it.
 */
function pemOf(text: string): string {
  const plain = text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('utf8');
  try {
    const key = createPrivateKey(plain.replaceAll('\\n', '\n'));
    return key.export({ type: 'pkcs8', format: 'pem' }).toString();
  } catch {
    throw refused('the private key of the App is no key: give the whole .pem that GitHub let you download');
  }
}

function noApp(): GitmendError {
  return new GitmendError('INTERNAL', 'only an App signs for itself');
}

const silence = { warn: () => undefined };
