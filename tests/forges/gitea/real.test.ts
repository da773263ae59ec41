import { afterAll, describe, test } from 'vitest';
import { forgeContract } from '../contract.ts';
import { realForge, realGitea, removeRepositories } from './real.ts';

// `npm run test:forge`: a real Gitea or Forgejo, reached by what the environment names.
const real = realGitea();

afterAll(removeRepositories, 120_000);

if (real === undefined) {
  describe('the forge contract: a real Gitea', () => {
    test.skip('GITMEND_TEST_GITEA_URL, GITMEND_TEST_GITEA_TOKEN and GITMEND_TEST_GITEA_BOT_TOKEN are not set', () => {});
  });
} else {
  forgeContract(`gitea, ${real.url}`, () => realForge(real), 120_000);
}
