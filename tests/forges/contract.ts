import { describe } from 'vitest';
import { changesContract } from './contract/changes.ts';
import { commentsContract } from './contract/comments.ts';
import { hostileContract } from './contract/hostile.ts';
import { mergeContract } from './contract/merge.ts';
import { pullRequestsContract } from './contract/pull-requests.ts';
import { reviewsContract } from './contract/reviews.ts';
import { saidContract } from './contract/said.ts';
import type { ForgeUnderTest } from './harness.ts';

/**
 * What every forge keeps to, whichever it is. `makeForge` makes a fresh forge with one repository that holds `begin`;
 * everything else goes through the Forge interface and plain git.
 */
export function forgeContract(name: string, makeForge: () => Promise<ForgeUnderTest>, timeout = 30_000): void {
  describe(`the forge contract: ${name}`, { timeout }, () => {
    pullRequestsContract(makeForge);
    commentsContract(makeForge);
    reviewsContract(makeForge);
    mergeContract(makeForge);
    changesContract(makeForge);
    saidContract(makeForge);
    hostileContract(makeForge);
  });
}
