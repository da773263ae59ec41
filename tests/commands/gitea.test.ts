import { readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { giteaHome } from '../../demo/gitea-home.ts';
import type { PersonForge } from '../../demo/home.ts';
import { type Lab, openLabOn } from '../../demo/lab.ts';
import { type Gitea, startGitea } from '../../simulators/gitea/index.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import type { Ground } from '../../src/deliver/world.ts';
import { commandsPass } from '../../src/pipeline/commands.ts';
import { boardCursor, dashboardPass } from '../../src/pipeline/dashboard.ts';
import { planningPass } from '../../src/pipeline/deliver.ts';
import { healDelivery } from '../../src/pipeline/heal.ts';
import { faultsOf } from '../forges/gitea/described.ts';
import { ask } from '../forges/gitea/person.ts';
import { openAs } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { testClock } from '../support/test-clock.ts';
import { rememberedCursors } from './setting.ts';

describe('commands and the dashboard on a Gitea that is only polled', () => {
  const clock = testClock();
  const cursors = rememberedCursors();
  let gitea: Gitea;
  let lab: Lab<PersonForge>;
  let ground: Ground;

  beforeAll(async () => {
    gitea = await startGitea({ clock });
    const place = { url: gitea.url, token: gitea.token('maintainer'), botToken: gitea.token('gitmend') };
    // As its page says: an account for gitmend that may write, and administers nothing.
    gitea.world.permissions.set('gitmend', 'write').set('maintainer', 'admin');
    lab = await openLabOn(await giteaHome(place), { clock, trouble: memoryShort });
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
    const faults = gitea.requests.flatMap(faultsOf);
    await lab.close();
    await gitea.close();
    await rm(lab.folder, { recursive: true, force: true });
    expect([...new Set(faults)]).toEqual([]);
  });

  const on = (method: string, path: string, body: unknown) =>
    ask(gitea.url, gitea.token('maintainer'), method, `repos/${gitea.repository}/${path}`, body);
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
    expect(gitea.world.reactions.filter(({ comment }) => comment === Number(id))).toMatchObject([{ content: 'eyes' }]);
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
