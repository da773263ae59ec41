import { afterEach, describe, expect, it } from 'vitest';
import { giteaHome } from '../../demo/gitea-home.ts';
import { openLabOn } from '../../demo/lab.ts';
import { scenarios } from '../../demo/scenarios/index.ts';
import { type Gitea, startGitea } from '../../simulators/gitea/index.ts';
import { type InProcess, inProcess } from '../support/in-process.ts';
import { testClock } from '../support/test-clock.ts';
import { faultsOf } from '../forges/gitea/described.ts';

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A story whose labs have their repository on a Gitea each, reached over HTTP alone and without web hooks. */
async function onGitea(scenario: (typeof scenarios)[number]): Promise<{ story: InProcess; servers: Gitea[] }> {
  const clock = testClock();
  const servers: Gitea[] = [];
  const story = await inProcess(
    (world, now) => scenario.trouble(world, now),
    clock,
    async (options) => {
      const gitea = await startGitea({ clock });
      servers.push(gitea);
      // Two that open at the same moment are two, as on a real one.
      gitea.world.unaware = 1;
      closing.unshift(() => gitea.close());
      const place = { url: gitea.url, token: gitea.token('maintainer'), botToken: gitea.token('gitmend') };
      return openLabOn(await giteaHome(place), options);
    },
  );
  closing.push(() => story.close());
  return { story, servers };
}

describe('the stories of the demo on a Gitea that is only polled', () => {
  it.each(scenarios)('$name: $about', { timeout: 180_000 }, async (scenario) => {
    const { story, servers } = await onGitea(scenario);
    const outcome = await scenario.play(story.stage);
    expect(outcome, story.said.join('\n')).toBe(scenario.promise);
    const requests = servers.flatMap((gitea) => gitea.requests);
    expect([...new Set(requests.flatMap(faultsOf))]).toEqual([]);
    // One comment of each kind, edited in place.
    for (const { world } of servers) {
      const texts = world.notes.filter(({ type, user }) => type === 'comment' && user.login === 'gitmend');
      const names = texts.map(({ pull, body }) => `#${pull} ${body.split('\n')[0] ?? ''}`);
      expect(names).toEqual([...new Set(names)]);
    }
  });
});
