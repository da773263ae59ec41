import type { Octokit } from '@octokit/core';
import { z } from 'zod';
import { readAs, refusal } from '../http/client.ts';
import { type Persistence, persistently } from '../http/persistently.ts';
import type { GithubContext } from './context.ts';
import type { Credential } from './credential.ts';
import { ownRole } from './protection.ts';
import { exchanged } from './transport.ts';

/** What a credential has against what gitmend needs, in GitHub's own words: `pull_requests: write`. */
export interface Rights {
  missing: string[];
  /** Of no use to gitmend, and of use to whoever steals the credential. */
  excess: string[];
}

/** Least permissions of the App, as app.yml asks for them; a test holds the two equal. `members` is of use with teams alone. */
export const needed: { readonly [permission: string]: 'read' | 'write' } = {
  actions: 'write',
  checks: 'write',
  contents: 'write',
  issues: 'write',
  members: 'read',
  metadata: 'read',
  pull_requests: 'write',
  statuses: 'write',
};

/** Without it no team can be named in a policy, and nothing else is missing. */
const optional = ['members', 'actions'];

const installationShape = z.object({ permissions: z.record(z.string(), z.string()) });

interface Asking extends Persistence {
  octokit: Octokit;
  credential: Credential;
  repository: string;
}

/** Of an App what its installation was granted; of a token the role of its account, which is all that GitHub tells. */
export async function rightsOf(context: GithubContext, asking: Asking): Promise<Rights> {
  if (!asking.credential.app) return rightsOfRole(await ownRole(context));
  const [owner = '', repo = ''] = asking.repository.split('/');
  const route = 'GET /repos/{owner}/{repo}/installation';
  const answer = await persistently(asking, { method: 'GET', path: `/repos/${asking.repository}/installation` }, () =>
    exchanged(async () =>
      asking.octokit.request(route, {
        owner,
        repo,
        headers: { authorization: `bearer ${await asking.credential.jwt()}` },
      }),
    ),
  );
  if (answer.status !== 200) throw refusal(asking.name, answer, 'the App’s installation');
  return compared(readAs(installationShape, answer, 'installation').permissions);
}

/** Pure: what was granted against what is needed. */
export function compared(granted: { readonly [permission: string]: string }): Rights {
  const level = (given: string | undefined): number => ['read', 'write', 'admin'].indexOf(given ?? '');
  const missing = Object.entries(needed).filter(
    ([name, wanted]) =>
      level(granted[name]) < level(wanted) && !(optional.includes(name) && granted[name] === undefined),
  );
  const excess = Object.entries(granted).filter(([name, given]) => level(given) > level(needed[name]));
  const words = ([name, given]: [string, string]): string => `${name}: ${given}`;
  return { missing: missing.map(words).sort(), excess: excess.map(words).sort() };
}

function rightsOfRole(role: 'admin' | 'write' | 'read'): Rights {
  return {
    missing: role === 'read' ? ['the role Write in the repository'] : [],
    excess: role === 'admin' ? ['the role Admin in the repository'] : [],
  };
}
