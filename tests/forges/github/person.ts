import type { Clock } from '../../../src/core/clock.ts';
import { openGithubForge } from '../../../src/forges/github/index.ts';
import type { Person } from '../harness.ts';

/** Where a repository is, and how to ask its API as anybody. */
export interface Place {
  url: string;
  /** `owner/name` */
  repository: string;
  clock: Clock;
}

/** Asks the API by a token, as a person's browser or tool would. Throws what it answered where it refused. */
export async function ask(url: string, token: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${url}/api/v3/${path}`, {
    method,
    headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (answer.ok) return text === '' ? undefined : JSON.parse(text);
  const code = answer.status >= 500 ? 'FORGE_FAILED' : 'FORGE_REFUSED';
  throw Object.assign(new Error(`${method} ${path}: ${answer.status} ${text}`), { code });
}

/** A person with an account and a token, and what they do on the pages. */
export async function personOn({ url, repository, clock }: Place, token: string): Promise<Person> {
  const forge = await openGithubForge({ url, repository, identity: { token }, clock });
  const on = (method: string, path: string, body?: unknown) =>
    ask(url, token, method, `repos/${repository}/${path}`, body) as Promise<{ id: number; number: number }>;
  return {
    forge,
    async review(number, state) {
      const { id } = await on('POST', `pulls/${number}/reviews`, { event: events[state], body: 'seen' });
      return { id: String(id) };
    },
    async dismiss(number, review) {
      await on('PUT', `pulls/${number}/reviews/${review}/dismissals`, {
        message: 'not any more',
        event: 'DISMISS',
      }).catch((error: unknown) => {
        // A second time the page has no button any more.
        if (!String(error).includes('Can not dismiss a dismissed')) throw error;
      });
    },
    async proposeFromFork(branch, base, body = '') {
      const wish = { head: `${forge.self}:${branch}`, base, title: branch, body };
      return (await on('POST', 'pulls', wish)).number;
    },
    async comment(number, body) {
      const { id } = await on('POST', `issues/${number}/comments`, { body });
      return { id: String(id) };
    },
  };
}

export async function editComment({ url, repository }: Place, token: string, id: string, body: string): Promise<void> {
  await ask(url, token, 'PATCH', `repos/${repository}/issues/comments/${id}`, { body });
}

const events = { approved: 'APPROVE', 'changes-requested': 'REQUEST_CHANGES', commented: 'COMMENT' };
