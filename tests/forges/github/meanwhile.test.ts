import { describe, expect, test } from 'vitest';
import { pullsOf } from '../../../simulators/github/index.ts';
import { openGithubForge } from '../../../src/forges/github/index.ts';
import { postgres, wanted } from '../contract/setting.ts';
import { replicaOf, setting } from './fault-setting.ts';

describe('what others do meanwhile', () => {
  test('null entries in lists are left out', async () => {
    const { forge, github, opened } = await setting();
    const { number, head } = await opened('fix');
    await forge.ensureComment(number, 'plan', 'Plan');
    await forge.ensureStatus(head, { context: 'ci', state: 'success', description: '' });
    for (const path of [/pulls$/, /issues\/\d+\/comments$/, /reviews$/, /status$/, /check-runs$/, /issues\/comments$/])
      github.faults.inject({ fault: 'nulls', method: 'GET', path, count: 20 });
    expect((await forge.pullRequests({ state: 'all' })).map((pull) => pull.number)).toEqual([number]);
    expect(await forge.comments(number)).toHaveLength(1);
    expect(await forge.reviews(number)).toEqual([]);
    expect(await forge.statuses(head)).toHaveLength(1);
    expect((await forge.changedSince(undefined)).numbers).toEqual([number]);
  });

  test('two replicas at once open one pull request, write one comment and one issue', async () => {
    const made = await setting();
    const both = [made.forge, await replicaOf(made)];
    await made.clone.push('fix', postgres('memory', 3072));
    const pulls = await Promise.all(both.map((one) => one.ensurePullRequest(wanted('fix'))));
    expect(new Set(pulls.map(({ number }) => number)).size).toBe(1);
    const number = pulls[0]?.number ?? 0;
    const written = await Promise.all(both.map((one) => one.ensureComment(number, 'plan', 'Plan')));
    expect(written).toEqual([written[0], written[0]]);
    expect(await made.forge.comments(number)).toEqual([written[0]]);
    const board = { marker: 'board', title: 'gitmend', body: 'well', labels: [] };
    const issues = await Promise.all(both.map((one) => one.ensureIssue(board)));
    expect(new Set(issues.map((one) => one.number)).size).toBe(1);
  });

  test('a list of more than a page is read to its end', async () => {
    const { forge, github, opened } = await setting();
    const { number } = await opened('fix');
    const user = github.world.users[0];
    if (user === undefined) throw new Error('nobody is there');
    for (let id = 10_000; id < 10_250; id += 1)
      github.world.said.push({ id, thread: number, user, body: `note ${id}`, createdAt: 0, updatedAt: 0 });
    expect(await forge.comments(number)).toHaveLength(250);
  });

  test('a list that grows past a full page is read to its end, though that page is as it was', async () => {
    const { forge, github, opened, as } = await setting();
    const { number } = await opened('fix');
    const user = github.world.users[0];
    if (user === undefined) throw new Error('nobody is there');
    const { world } = github;
    for (let count = 0; count < 100; count += 1)
      world.said.push({ id: (world.ids += 1), thread: number, user, body: 'a note', createdAt: 0, updatedAt: 0 });
    expect(await forge.comments(number)).toHaveLength(100);
    const { id } = await (await as('alice')).comment(number, '/plan');
    const said = await forge.comments(number);
    expect(said).toHaveLength(101);
    expect(said.at(-1)).toMatchObject({ id, body: '/plan' });
  });

  test('labels that people put on stay, and missing ones are added once', async () => {
    const { forge, github, opened, sent } = await setting();
    await opened('fix');
    github.world.threads[0]?.labels.push('Memory', 'urgent');
    for (const labels of [['gitmend', 'memory'], ['gitmend', 'disk'], ['gitmend']])
      await forge.ensurePullRequest(wanted('fix', { labels }));
    expect(github.world.threads[0]?.labels).toEqual(['gitmend', 'Memory', 'urgent', 'disk']);
    expect(sent('POST', /labels$/)).toBe(2);
  });

  test('a pull request from a fork is strangers’ code', async () => {
    const { forge, github, opened } = await setting();
    const { number } = await opened('fix');
    expect((await forge.pullRequest(number)).fork).toBe(false);
    for (const pull of pullsOf(github.world)) pull.fork = 'stranger';
    expect((await forge.pullRequest(number)).fork).toBe(true);
    // The list is narrowed by owner and branch, and an owner may fork into their own name.
    for (const pull of pullsOf(github.world)) pull.fork = github.world.owner;
    expect((await forge.pullRequest(number)).fork).toBe(true);
    expect(await forge.pullRequests({ state: 'open', branch: 'fix' })).toEqual([]);
    expect((await forge.ensurePullRequest(wanted('fix'))).number).not.toBe(number);
  });

  test('an approval by somebody who may only read is void', async () => {
    const { forge, github, opened, as } = await setting();
    const { number } = await opened('fix');
    github.world.permissions.set('stranger', 'read');
    await (await as('stranger')).review(number, 'approved');
    await (await as('alice')).review(number, 'approved');
    expect((await forge.reviews(number)).map((one) => [one.author, one.void])).toEqual([
      ['stranger', true],
      ['alice', false],
    ]);
  });

  test('a review dismissed between plan and merge is void, and told as a change', async () => {
    const { forge, opened, as } = await setting();
    const { number } = await opened('fix');
    const alice = await as('alice');
    const { id } = await alice.review(number, 'approved');
    const { cursor } = await forge.changedSince(undefined);
    await alice.dismiss(number, id);
    expect((await forge.changedSince(cursor)).numbers).toEqual([number]);
    expect((await forge.reviews(number)).map((one) => one.void)).toEqual([true]);
  });
});

describe('what GitHub takes', () => {
  test('a comment of 65,536 characters is written, one more is refused and nothing is sent', async () => {
    const { forge, opened, sent } = await setting();
    const { number } = await opened('fix');
    const marker = '<!-- gitmend:plan -->\n';
    const longest = 'x'.repeat(65_536 - marker.length);
    expect((await forge.ensureComment(number, 'plan', longest)).body).toHaveLength(65_536);
    await expect(forge.ensureComment(number, 'run', `${longest}x`)).resolves.toBeDefined();
    await expect(forge.ensureComment(number, 'plan', `${longest}x`)).rejects.toMatchObject({
      code: 'FORGE_REFUSED',
      message: expect.stringContaining('65536'),
    });
    expect(sent('PATCH', /comments/)).toBe(0);
  });

  test('a status says its first 140 characters, and the same long one again is not written', async () => {
    const { forge, opened, sent } = await setting();
    const { head } = await opened('fix');
    const description = `größer → ${'lang '.repeat(60)}😀`;
    for (let turn = 0; turn < 2; turn += 1)
      await forge.ensureStatus(head, { context: 'gitmend/plan', state: 'failure', description });
    const [status] = await forge.statuses(head);
    expect(status?.description).toMatch(/^größer → lang .*…$/);
    expect([status?.description.length, sent('POST', /statuses/)]).toEqual([140, 1]);
  });

  test('a job of Actions is known by its token, and its checks by whoever may not read them', async () => {
    const { github, clock, opened } = await setting();
    const { head } = await opened('fix');
    const { url, repository, world } = github;
    const job = await openGithubForge({ url, repository, clock, identity: { token: github.jobToken() } });
    expect(job.self).toBe('github-actions[bot]');
    await job.ensureStatus(head, { context: 'gitmend/plan', state: 'success', description: '1 change' });
    expect(world.statuses.map(({ context }) => context)).toEqual(['gitmend/plan']);
    // A fine-grained token reads no check runs: runs of Actions stand in, and without those nothing is taken for green.
    github.token('careful');
    Object.assign(world.users.find(({ login }) => login === 'careful') ?? {}, { fineGrained: true });
    const careful = await openGithubForge({ url, repository, clock, identity: { token: github.token('careful') } });
    world.runs.push({ id: 7, name: 'lint', sha: head, status: 'completed', conclusion: 'failure' });
    expect((await careful.statuses(head)).map((one) => [one.context, one.state])).toEqual([
      ['gitmend/plan', 'success'],
      ['lint', 'failure'],
    ]);
    world.permissions.set('careful actions', 'none');
    const hidden = (await careful.statuses(head)).find(({ context }) => context === 'checks');
    expect(hidden).toMatchObject({ state: 'pending', description: expect.stringContaining('Actions: read') });
  });
});

describe('CI', () => {
  test('a workflow is dispatched on the default branch, and a run is known to have ended or not', async () => {
    const { forge, github, clock } = await setting();
    github.world.workflows.push('gitmend.yml');
    const ago = (seconds: number) => new Date(clock.now() - seconds * 1000).toISOString();
    const cancelled = { name: 'apply', sha: '', status: 'completed', conclusion: 'cancelled' };
    github.world.runs.push(
      { id: 7, name: 'apply', sha: '', status: 'in_progress', conclusion: null },
      { id: 8, name: 'apply', sha: '', status: 'completed', conclusion: 'failure', updatedAt: ago(0) },
      // By force, without waiting for its runner: it is believed when that must have heard of it, and never without a time.
      { id: 10, ...cancelled, updatedAt: ago(60) },
      { id: 11, ...cancelled, updatedAt: ago(121) },
      { id: 12, ...cancelled },
    );
    await forge.ci?.dispatch('gitmend.yml', { pullRequest: '7' });
    expect(github.world.dispatches).toEqual([{ workflow: 'gitmend.yml', ref: 'main', inputs: { pullRequest: '7' } }]);
    for (const workflow of ['nothing.yml', '../x.yml', 'a b'])
      await expect(forge.ci?.dispatch(workflow, {})).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
    const ended = [];
    for (const id of ['7', '8', '9', 'x', '10', '11', '12']) ended.push(await forge.ci?.ended(id));
    expect(ended).toEqual([false, true, undefined, undefined, false, true, false]);
  });

  test('who could read the write secret is told, and what GitHub does not tell is no comfort', async () => {
    const { forge, github, clock } = await setting();
    for (const name of ['alice', 'guest', 'boss']) github.token(name);
    github.world.permissions.set('guest', 'read').set('boss', 'admin');
    expect(await forge.ci?.exposure?.()).toEqual({ pushers: ['gitmend', 'alice', 'boss'], bound: undefined });
    for (const [branches, bound] of [
      ['any', false],
      [['main'], true],
      [['main', 'release/*'], false],
      [[], false],
    ] as const) {
      github.world.environments.set('gitmend', branches === 'any' ? 'any' : [...branches]);
      expect((await forge.ci?.exposure?.())?.bound, String(branches)).toBe(bound);
    }
    const { url, repository } = github;
    const guest = await openGithubForge({ url, repository, clock, identity: { token: github.token('guest') } });
    expect((await guest.ci?.exposure?.())?.pushers).toBeUndefined();
  });
});
