import { onTestFinished } from 'vitest';
import type { PullRequest } from '../../../src/forges/forge.ts';
import { openGithubForge } from '../../../src/forges/github/index.ts';
import { postgres, wanted } from '../contract/setting.ts';
import { cloneOf, type Clone } from '../harness.ts';
import { githubStandIn, type GithubUnderTest } from './stand-in.ts';

/** A stand-in, a clone, and what a fault needs to be seen. */
export interface Setting extends GithubUnderTest {
  clone: Clone;
  opened: (branch: string) => Promise<PullRequest>;
  /** How many requests of that kind reached the stand-in. */
  sent: (method: string, path: RegExp) => number;
}

/** Fresh for one test, and gone after it. */
export async function setting(as: 'token' | 'app' = 'token'): Promise<Setting> {
  const made = await githubStandIn(as);
  const clone = await cloneOf(made.forge);
  onTestFinished(async () => {
    await clone.dispose();
    await made.dispose();
  });
  return {
    ...made,
    clone,
    opened: async (branch) => {
      await clone.push(branch, postgres('memory', 3072));
      return made.forge.ensurePullRequest(wanted(branch));
    },
    sent: (method, path) =>
      made.github.requests.filter((request) => request.method === method && path.test(request.path)).length,
  };
}

/** Another process of the same account. */
export async function replicaOf({ github, clock }: Pick<Setting, 'github' | 'clock'>) {
  const { url, repository } = github;
  return openGithubForge({ url, repository, clock, identity: { token: github.token('gitmend') } });
}
