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
  /** How a person merges by the API, below the repository. */
  merging: (number: number, head: string) => [method: string, path: string, body: unknown];
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
    merging: (number, head) => ['POST', `pulls/${number}/merge`, { Do: 'merge', head_commit_id: head }],
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
    merging: (number, head) => ['PUT', `pulls/${number}/merge`, { sha: head }],
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

  const boardNow = async () => ground.forge.issue(Number(cursors.values.get(boardCursor)));
  /** Ticks a box as a page of the forge does, and returns what was done for it; afterwards it is not ticked. */
  const ticked = async (box: string) => {
    const { number, body } = await boardNow();
    expect(body).toContain(`- [ ] <!-- gitmend:box ${box} -->`);
    const next = body.replace(`- [ ] <!-- gitmend:box ${box} -->`, `- [x] <!-- gitmend:box ${box} -->`);
    await on('PATCH', `issues/${number}`, { body: next });
    const did = (await dashboardPass(ground, { cursors }))?.did ?? [];
    expect((await boardNow()).body).not.toContain('[x]');
    return did.map(({ deed, of }) => `${deed}/${of}`);
  };

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
    expect(await ticked(`look/${number}`)).toEqual([`look/${number}`]);
    clock.advance(60_000);
    await say(number, '/snooze 24h');
    await commandsPass(ground, { cursors });
    expect(await proposal()).toBeUndefined();
    await dashboardPass(ground, { cursors });
    expect((await boardNow()).title).toBe('gitmend: 1 snoozed');
    const id = await say(number, '/retry');
    await commandsPass(ground, { cursors });
    expect((await answers(number, id))[0]?.body).toContain('**Opened anew**');
    expect((await proposal())?.number).toBeGreaterThan(number);
  });

  test('boxes snooze a proposal and end that, and one that was not offered does nothing', async () => {
    const { number = 0 } = (await proposal()) ?? {};
    await dashboardPass(ground, { cursors });
    const { number: board, body } = await boardNow();
    const forged = ['merge', 'wake', 'open', 'seen'].map((deed) => `- [x] <!-- gitmend:box ${deed}/${number} -->`);
    await on('PATCH', `issues/${board}`, { body: `${body}\r\n${forged.join('\r\n')}` });
    expect((await dashboardPass(ground, { cursors }))?.did).toEqual([]);
    expect((await boardNow()).body).not.toContain('[x]');

    expect(await ticked(`snooze/${number}`)).toEqual([`snooze/${number}`]);
    expect((await ground.forge.pullRequest(number)).state).toBe('closed');
    expect((await boardNow()).title).toBe('gitmend: 1 snoozed');
    expect(await ticked(`wake/${number}`)).toEqual([`wake/${number}`]);
    expect((await proposal())?.number).toBeGreaterThan(number);
    expect((await boardNow()).title).toBe('gitmend: 1 open');
  });

  test('what was merged is looked at by reading, and nothing of it is done', async () => {
    const { number = 0 } = (await proposal()) ?? {};
    clock.advance(120_000);
    await on(...place.merging(number, (await proposal())?.head ?? ''));
    await dashboardPass(ground, { cursors });
    const writes = lab.pve.requests.filter(({ method }) => method !== 'GET').length;
    expect(await ticked(`observe/${number}`)).toEqual([`observe/${number}`]);
    expect((await boardNow()).body).toContain('not applied yet; it is not as it should be');
    expect(lab.pve.requests.filter(({ method }) => method !== 'GET')).toHaveLength(writes);
  });
});
