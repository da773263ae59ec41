import { afterEach, describe, expect, it } from 'vitest';
import { githubHome } from '../../demo/github-home.ts';
import { openLabOn } from '../../demo/lab.ts';
import { scenarios } from '../../demo/scenarios/index.ts';
import { type Github, startGithub } from '../../simulators/github/index.ts';
import { faultsOf } from '../forges/github/described.ts';
import { type InProcess, inProcess } from '../support/in-process.ts';
import { testClock } from '../support/test-clock.ts';

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A story whose labs have their repository on a GitHub each, reached over HTTP alone and without web hooks. */
async function onGithub(scenario: (typeof scenarios)[number]): Promise<{ story: InProcess; servers: Github[] }> {
  const clock = testClock();
  const servers: Github[] = [];
  const story = await inProcess(
    (world, now) => scenario.trouble(world, now),
    clock,
    async (options) => {
      const github = await startGithub({ clock });
      servers.push(github);
      closing.unshift(() => github.close());
      return openLabOn(githubHome(github), options);
    },
  );
  closing.push(() => story.close());
  return { story, servers };
}

describe('the stories of the demo on a GitHub that is only polled', () => {
  it.each(scenarios)('$name: $about', { timeout: 180_000 }, async (scenario) => {
    const { story, servers } = await onGithub(scenario);
    const outcome = await scenario.play(story.stage);
    expect(outcome, story.said.join('\n')).toBe(scenario.promise);
    const requests = servers.flatMap((github) => github.requests);
    expect([...new Set(requests.flatMap(faultsOf))]).toEqual([]);
    // One comment of each kind, edited in place.
    for (const { world } of servers) {
      const texts = world.said.filter(({ user }) => user.login === 'gitmend');
      const names = texts.map(({ thread, body }) => `#${thread} ${body.split('\n')[0] ?? ''}`);
      expect(names).toEqual([...new Set(names)]);
    }
  });
});
