import { readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { giteaHome } from '../../demo/gitea-home.ts';
import { githubHome } from '../../demo/github-home.ts';
import type { Home, PersonForge } from '../../demo/home.ts';
import { type Lab, openLabOn } from '../../demo/lab.ts';
import { startGitea } from '../../simulators/gitea/index.ts';
import { startGithub } from '../../simulators/github/index.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Ground } from '../../src/deliver/world.ts';
import { commandsPass } from '../../src/pipeline/commands.ts';
import { boardCursor, dashboardPass } from '../../src/pipeline/dashboard.ts';
import { planningPass } from '../../src/pipeline/deliver.ts';
import { healDelivery } from '../../src/pipeline/heal.ts';
import { faultsOf as faultsOfGitea } from '../forges/gitea/described.ts';
import { ask as askGitea } from '../forges/gitea/person.ts';
import { faultsOf as faultsOfGithub } from '../forges/github/described.ts';
import { ask as askGithub } from '../forges/github/person.ts';
import { openAs } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { testClock } from '../support/test-clock.ts';
import { rememberedCursors } from './setting.ts';

/** A stand-in with the owner in front of it. */
interface Place {
  home: Home<PersonForge>;
  /** Asks its API as the owner; `path` is below the repository. */
  ask: (method: string, path: string, body: unknown) => Promise<unknown>;
  reactions: () => readonly { comment: number; content: string }[];
  /** What requests and answers have that the forge's own description does not. */
  undescribed: () => string[];
  close: () => Promise<void>;
}

async function onGitea(clock: Clock): Promise<Place> {
  const gitea = await startGitea({ clock });
  const { url, world } = gitea;
  const token = gitea.token('maintainer');
  // As its page says: an account for gitmend that may write, and administers nothing.
  world.permissions.set('gitmend', 'write').set('maintainer', 'admin');
  return {
    home: await giteaHome({ url, token, botToken: gitea.token('gitmend') }),
    ask: (method, path, body) => askGitea(url, token, method, `repos/${gitea.repository}/${path}`, body),
    reactions: () => world.reactions,
    undescribed: () => gitea.requests.flatMap(faultsOfGitea),
    close: () => gitea.close(),
  };
}

async function onGithub(clock: Clock): Promise<Place> {
  const github = await startGithub({ clock });
  const { url, world } = github;
  const token = github.token('maintainer');
  return {
    home: githubHome(github),
    ask: (method, path, body) => askGithub(url, token, method, `repos/${github.repository}/${path}`, body),
    reactions: () => world.reactions,
    undescribed: () => github.requests.flatMap(faultsOfGithub),
    close: () => github.close(),
  };
}

describe.each([
  ['Gitea', onGitea],
  ['GitHub', onGithub],
])('commands and the dashboard on a %s that is only polled', (_, open) => {
  const clock = testClock();
  const cursors = rememberedCursors();
  let place: Place;
  let lab: Lab<PersonForge>;
  let ground: Ground;

  beforeAll(async () => {
    place = await open(clock);
    lab = await openLabOn(place.home, { clock, trouble: memoryShort });
    ground = await openAs(lab, 'read', computer());
    delete ground.synthesize;
    const declaredAt = ground.declaredAt;
    ground.declaredAt = async (commit) => {
      const found = await declaredAt(commit);
      return found.config === undefined ? found : { ...found, config: { ...found.config, dashboard: true } };
    };
    await commandsPass(ground, { cursors });
    await healDelivery(ground, await readFile(lab.payload, 'utf8'));
    await planningPass(ground);
  });
  afterAll(async () => {
    const faults = place.undescribed();
    await lab.close();
    await place.close();
    await rm(lab.folder, { recursive: true, force: true });
    expect([...new Set(faults)]).toEqual([]);
  });

  const on: Place['ask'] = (...asked) => place.ask(...asked);
  const say = async (number: number, body: string) => {
    clock.advance(60_000);
    return String(((await on('POST', `issues/${number}/comments`, { body })) as { id: number }).id);
  };
  const proposal = async () =>
    (await ground.forge.pullRequests({ state: 'open' })).find(({ branch }) => branch.startsWith('gitmend/resize'));
  const answers = async (number: number, id: string) =>
    (await ground.forge.comments(number)).filter(({ body }) => body.startsWith(`<!-- gitmend:answer/${id} -->`));

  test('a command is seen, answered once, and held to the head', async () => {
    const { number = 0 } = (await proposal()) ?? {};
    const id = await say(number, '/dry-run');
    await Promise.all([commandsPass(ground, { cursors }), commandsPass(ground, { cursors })]);
    expect(place.reactions().filter(({ comment }) => comment === Number(id))).toMatchObject([{ content: 'eyes' }]);
    const given = await answers(number, id);
    expect(given).toHaveLength(1);
    expect(given[0]?.body).toContain('**Dry run**');
  });

  test('on an issue the status is that of everything', async () => {
    const { number } = (await on('POST', 'issues', { title: 'a question', body: '' })) as { number: number };
    const id = await say(number, 'and now?\r\n\r\n/status');
    await commandsPass(ground, { cursors });
    expect((await answers(number, id))[0]?.body).toContain('open ');
  });

  test('a box is done and unticked, and a snoozed proposal comes back by /retry', async () => {
    const { number = 0 } = (await proposal()) ?? {};
    await dashboardPass(ground, { cursors });
    const board = await ground.forge.issue(Number(cursors.values.get(boardCursor)));
    await on('PATCH', `issues/${board.number}`, { body: board.body.replace('- [ ]', '- [x]') });
    expect((await dashboardPass(ground, { cursors }))?.did).toEqual([{ deed: 'look', number }]);
    expect((await ground.forge.issue(board.number)).body).not.toContain('[x]');
    clock.advance(60_000);
    await say(number, '/snooze 24h');
    await commandsPass(ground, { cursors });
    expect(await proposal()).toBeUndefined();
    await dashboardPass(ground, { cursors });
    expect((await ground.forge.issue(board.number)).title).toBe('gitmend: 1 snoozed');
    const id = await say(number, '/retry');
    await commandsPass(ground, { cursors });
    expect((await answers(number, id))[0]?.body).toContain('**Opened anew**');
    expect((await proposal())?.number).toBeGreaterThan(number);
  });
});
