import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { standingDoor } from '../../serve/door/standing-door.ts';
import { cloneOf } from '../harness.ts';
import { postgres, wanted } from '../contract/setting.ts';
import { ask } from './person.ts';
import { realForge, realGitea, removeRepositories } from './real.ts';

const real = realGitea();

afterAll(removeRepositories, 120_000);
const secret = 'a-secret-of-the-web-hook';

// The server must be allowed to call loopback: `[webhook] ALLOWED_HOST_LIST = loopback`.
describe.skipIf(real === undefined)('web hooks of a real Gitea', { timeout: 60_000 }, () => {
  test('wake the planning when they are signed, and are refused without a secret', async () => {
    if (real === undefined) return;
    const made = await realForge(real);
    const clone = await cloneOf(made.forge);
    onTestFinished(async () => {
      await clone.dispose();
      await made.dispose();
    });
    const door = await standingDoor({ giteaSecret: secret });
    const hook = (more: object) =>
      ask(real.url, real.token, 'POST', `repos/${made.repository}/hooks`, {
        type: 'gitea',
        active: true,
        events: ['pull_request', 'issue_comment', 'push'],
        config: { url: `${door.url}/signals/gitea`, content_type: 'json', ...more },
      });
    await hook({ secret });
    await clone.push('fix', postgres('memory', 3072));
    const { number } = await made.forge.ensurePullRequest(wanted('fix'));
    await vi.waitFor(() => expect(door.wakened.times).toBeGreaterThan(0), { timeout: 20_000, interval: 100 });
    await hook({});
    await made.forge.ensureComment(number, 'plan', 'Plan');
    const refused = 'gitmend_deliveries_total{door="gitea",result="refused",reason="signature"}';
    await vi.waitFor(async () => expect(await door.sample(refused)).toBeGreaterThan(0), {
      timeout: 20_000,
      interval: 100,
    });
    expect(await door.stored()).toBe(0);
  });
});
