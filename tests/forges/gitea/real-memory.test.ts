import { rm } from 'node:fs/promises';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { giteaHome } from '../../../demo/gitea-home.ts';
import type { PersonForge } from '../../../demo/home.ts';
import { type Lab, openLabOn } from '../../../demo/lab.ts';
import { serveLab } from '../../../demo/serve.ts';
import { recordsOf } from '../../../demo/story.ts';
import { memoryShort } from '../../../simulators/pve/index.ts';
import { systemClock } from '../../../src/cli/clock.ts';
import { ask } from './person.ts';
import { type RealGitea, realGitea, removeAtEnd, removeRepositories } from './real.ts';

const real = realGitea();
const secret = 'a-secret-of-the-web-hook';

afterAll(removeRepositories, 120_000);

/** A lab on the real server, with `gitmend serve` and `gitmend runner` as two processes. */
async function served(server: RealGitea) {
  const home = await giteaHome(server, { webhookSecret: secret });
  removeAtEnd(server, home.repository);
  const lab = await openLabOn(home, { clock: systemClock, trouble: memoryShort });
  onTestFinished(async () => {
    await lab.close();
    await rm(lab.folder, { recursive: true, force: true });
  });
  const processes = await serveLab(lab, { window: '5s' });
  onTestFinished(() => processes.stop());
  return { lab, processes, repository: home.repository };
}

/** How many web hooks of Gitea the service took. */
async function heard(door: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', door))).text();
  const samples = text.split('\n').filter((line) => line.startsWith('gitmend_deliveries_total{door="gitea"'));
  return samples.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const patience = { timeout: 120_000, interval: 250 };

async function shownPlan({ forge }: Lab<PersonForge>) {
  return vi.waitFor(async () => {
    const [pr] = await forge.pullRequests({ state: 'open' });
    if (pr === undefined) throw new Error('no pull request was opened');
    const states = (await forge.statuses(pr.head)).map(({ context, state }) => `${context} ${state}`);
    expect(states).toEqual(['gitmend/plan success', 'gitmend/policy success']);
    const comments = await forge.comments(pr.number);
    expect(comments.filter(({ body }) => body.includes('<!-- gitmend:plan -->'))).toHaveLength(1);
    return pr;
  }, patience);
}

describe.skipIf(real === undefined)('the memory story on a real Gitea', { timeout: 300_000 }, () => {
  test.each([
    { how: 'with web hooks', hooks: true },
    { how: 'with web hooks switched off', hooks: false },
  ])('ends verified $how, by the service and the runner as they run in a lab', async ({ hooks }) => {
    if (real === undefined) return;
    const { lab, processes, repository } = await served(real);
    const { door } = processes;
    if (hooks)
      await ask(real.url, real.token, 'POST', `repos/${repository}/hooks`, {
        type: 'gitea',
        active: true,
        events: ['pull_request', 'issue_comment', 'push'],
        config: { url: new URL('/signals/gitea', door).href, content_type: 'json', secret },
      });
    await processes.send('firing');
    const { number, head } = await shownPlan(lab);
    expect(lab.pve.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
    await lab.forge.merge(number, { style: 'merge', head });
    const record = await vi.waitFor(async () => {
      const found = (await recordsOf(lab)).find(({ pullRequest }) => pullRequest?.number === number);
      if (found === undefined) throw new Error(`#${number} has no record`);
      return found;
    }, patience);
    expect(record.outcome).toBe('verified');
    expect(lab.pve.requests.filter(({ method }) => method !== 'GET')).toHaveLength(1);
    if (hooks) expect(await heard(door)).toBeGreaterThan(0);
    else expect(await heard(door)).toBe(0);
  });
});
