import { describe, expect, onTestFinished, test } from 'vitest';
import type { Injection } from '../../../simulators/gitea/index.ts';
import type { PullRequest } from '../../../src/forges/forge.ts';
import { openGiteaForge } from '../../../src/forges/gitea/index.ts';
import { cloneOf, type Clone } from '../harness.ts';
import { postgres, wanted } from '../contract/setting.ts';
import { ask } from './person.ts';
import { giteaStandIn, type GiteaUnderTest } from './stand-in.ts';

interface Setting extends GiteaUnderTest {
  clone: Clone;
  opened: (branch: string) => Promise<PullRequest>;
  /** How many requests of that kind reached the stand-in. */
  sent: (method: string, path: RegExp) => number;
}

async function setting(): Promise<Setting> {
  const made = await giteaStandIn();
  const clone = await cloneOf(made.forge);
  onTestFinished(async () => {
    await clone.dispose();
    await made.dispose();
  });
  return {
    ...made,
    clone,
    opened: async (branch) => {
      await clone.push(branch, postgres('memory', 3072));
      return made.forge.ensurePullRequest(wanted(branch));
    },
    sent: (method, path) =>
      made.gitea.requests.filter((request) => request.method === method && path.test(request.path)).length,
  };
}

/** The ways in which an answer is lost although the effect is there. */
const lost: [string, Injection][] = [
  ['a 500', { fault: 'status', status: 500, after: true }],
  ['a 502 of a proxy', { fault: 'status', status: 502, after: true }],
  ['a broken connection', { fault: 'reset', after: true }],
];

describe('a write that happened and was not answered', () => {
  test.each(lost)('after %s a merge is found, and not sent again', async (_, injection) => {
    const { forge, gitea, clone, opened, sent } = await setting();
    const { number, head } = await opened('fix');
    // The first is told to wait, the second merges.
    gitea.world.pulls.forEach((pull) => (pull.computing = 0));
    gitea.faults.inject({ ...injection, method: 'POST', path: /merge$/ });
    const merged = await forge.merge(number, { style: 'squash', head });
    expect(merged).toMatchObject({ state: 'merged', mergeCommit: await clone.tip('main') });
    expect(sent('POST', /merge$/)).toBe(1);
  });

  test.each(lost)('after %s an opened pull request is found', async (_, injection) => {
    const { forge, gitea, clone } = await setting();
    await clone.push('fix', postgres('memory', 3072));
    gitea.faults.inject({ ...injection, method: 'POST', path: /pulls$/ });
    const { number } = await forge.ensurePullRequest(wanted('fix'));
    expect((await forge.pullRequests({ state: 'all' })).map((pull) => pull.number)).toEqual([number]);
  });

  test.each(lost)('after %s a comment is found, and an edited one too', async (_, injection) => {
    const { forge, gitea, opened, sent } = await setting();
    const { number } = await opened('fix');
    gitea.faults.inject({ ...injection, method: 'POST', path: /comments$/ });
    const first = await forge.ensureComment(number, 'plan', 'Plan 1');
    gitea.faults.inject({ ...injection, method: 'PATCH', path: /comments/ });
    const second = await forge.ensureComment(number, 'plan', 'Plan 2');
    expect(await forge.comments(number)).toEqual([second]);
    expect(second.id).toBe(first.id);
    expect([sent('POST', /comments$/), sent('PATCH', /comments/)]).toEqual([1, 1]);
  });

  test.each(lost)('after %s title, status and close are as wanted', async (_, injection) => {
    const { forge, gitea, opened, sent } = await setting();
    const { number, head } = await opened('fix');
    const status = { context: 'gitmend/plan', state: 'success', description: '1 change' } as const;
    gitea.faults.inject({ ...injection, method: 'PATCH', path: /pulls/ });
    expect((await forge.ensurePullRequest(wanted('fix', { title: 'new' }))).title).toBe('new');
    gitea.faults.inject({ ...injection, method: 'POST', path: /statuses/ });
    await forge.ensureStatus(head, status);
    expect(await forge.statuses(head)).toEqual([status]);
    gitea.faults.inject({ ...injection, method: 'PATCH', path: /pulls/ });
    await forge.close(number, 'done');
    expect((await forge.pullRequest(number)).state).toBe('closed');
    expect([sent('PATCH', /pulls/), sent('POST', /statuses/), sent('POST', /comments$/)]).toEqual([2, 1, 1]);
  });
});

describe('a write that did not happen', () => {
  test('is not repeated blindly: the next pass asks again', async () => {
    const { forge, gitea, opened, sent } = await setting();
    const { number, head } = await opened('fix');
    gitea.world.pulls.forEach((pull) => (pull.computing = 0));
    gitea.faults.inject({ fault: 'status', status: 500, method: 'POST', path: /merge$/ });
    await expect(forge.merge(number, { style: 'squash', head })).rejects.toMatchObject({ code: 'FORGE_FAILED' });
    expect(sent('POST', /merge$/)).toBe(1);
    expect((await forge.merge(number, { style: 'squash', head })).state).toBe('merged');
  });

  test('of a merge in conflict is a refusal, though Gitea answers 500', async () => {
    const { forge, gitea, clone, opened } = await setting();
    const { number, head } = await opened('fix');
    const onto = await clone.push('main', postgres('memory', 1024));
    gitea.faults.inject({ fault: 'status', status: 500, method: 'POST', path: /merge$/ });
    await expect(forge.merge(number, { style: 'squash', head })).rejects.toMatchObject({
      code: 'FORGE_REFUSED',
      message: expect.stringContaining('conflict'),
    });
    expect(await clone.tip('main')).toBe(onto);
  });

  test('a close that stopped after its reason says it once', async () => {
    const { forge, gitea, opened } = await setting();
    const { number } = await opened('fix');
    gitea.faults.inject({ fault: 'status', status: 500, method: 'PATCH', path: /pulls/ });
    await expect(forge.close(number, 'The fault is gone.')).rejects.toMatchObject({ code: 'FORGE_FAILED' });
    await forge.close(number, 'The fault is gone.');
    expect((await forge.comments(number)).map(({ body }) => body)).toEqual(['The fault is gone.']);
  });
});

describe('a forge that asks for patience', () => {
  test('a write is sent again after the wait that it asks for', async () => {
    const { forge, gitea, clock, opened, sent } = await setting();
    const { number } = await opened('fix');
    gitea.faults.inject({
      ...{ fault: 'status', status: 429, headers: { 'Retry-After': '7' }, method: 'POST', path: /comments$/ },
      count: 2,
    });
    await forge.ensureComment(number, 'plan', 'Plan');
    expect(clock.slept.filter((milliseconds) => milliseconds === 7000)).toHaveLength(2);
    expect(sent('POST', /comments$/)).toBe(3);
    expect(await forge.comments(number)).toHaveLength(1);
  });

  test('whoever is asked to wait for an hour says so instead', async () => {
    const { forge, gitea } = await setting();
    gitea.faults.inject({ fault: 'status', status: 429, headers: { 'Retry-After': '3600' } });
    await expect(forge.pullRequests({ state: 'open' })).rejects.toMatchObject({
      code: 'FORGE_FAILED',
      message: expect.stringMatching(/ wants no requests until 2026-11-20T04:\d\d:00Z: it answered 429/),
    });
  });

  test('a read is repeated until it is answered', async () => {
    const { forge, gitea, opened } = await setting();
    const { number } = await opened('fix');
    gitea.faults.inject({ fault: 'status', status: 503, method: 'GET', count: 2 });
    gitea.faults.inject({ fault: 'reset', method: 'GET' });
    expect((await forge.pullRequest(number)).number).toBe(number);
    expect(gitea.faults.pending).toBe(0);
  });
});

describe('what others do meanwhile', () => {
  test('null entries in lists are left out', async () => {
    const { forge, gitea, opened } = await setting();
    const { number, head } = await opened('fix');
    await forge.ensureComment(number, 'plan', 'Plan');
    await forge.ensureStatus(head, { context: 'ci', state: 'success', description: '' });
    for (const path of [/pulls$/, /issues\/\d+\/comments$/, /reviews$/, /statuses$/, /issues\/comments$/])
      gitea.faults.inject({ fault: 'nulls', method: 'GET', path, count: 20 });
    expect((await forge.pullRequests({ state: 'all' })).map((pull) => pull.number)).toEqual([number]);
    expect(await forge.comments(number)).toHaveLength(1);
    expect(await forge.reviews(number)).toEqual([]);
    expect(await forge.statuses(head)).toHaveLength(1);
    expect((await forge.changedSince(undefined)).numbers).toEqual([number]);
  });

  test('two replicas at once open one pull request and write one comment', async () => {
    const { forge, gitea, clock, clone } = await setting();
    const { url, repository } = gitea;
    const replica = await openGiteaForge({ url, repository, clock, token: gitea.token('gitmend') });
    await clone.push('fix', postgres('memory', 3072));
    const both = [forge, replica];
    const pulls = await Promise.all(both.map((one) => one.ensurePullRequest(wanted('fix'))));
    expect(new Set(pulls.map(({ number }) => number)).size).toBe(1);
    const number = pulls[0]?.number ?? 0;
    const written = await Promise.all(both.map((one) => one.ensureComment(number, 'plan', 'Plan')));
    expect(written).toEqual([written[0], written[0]]);
    expect(await forge.comments(number)).toEqual([written[0]]);
  });

  test('two that Gitea opened at the same moment become one, and the older stays', async () => {
    const { forge, gitea, clock, clone } = await setting();
    const { url, repository } = gitea;
    const replica = await openGiteaForge({ url, repository, clock, token: gitea.token('gitmend') });
    await clone.push('fix', postgres('memory', 3072));
    gitea.world.unaware = 1;
    const pulls = await Promise.all([forge, replica].map((one) => one.ensurePullRequest(wanted('fix'))));
    const open = await forge.pullRequests({ state: 'open' });
    expect(open).toHaveLength(1);
    expect(pulls.map(({ number }) => number)).toEqual([open[0]?.number, open[0]?.number]);
    for (const { closedBy } of await forge.pullRequests({ state: 'closed' })) expect(closedBy).toBe('gitmend');
  });

  test('one left open beside another by whoever was stopped is closed by the next', async () => {
    const { forge, gitea, opened } = await setting();
    const { number } = await opened('fix');
    gitea.world.unaware = 1;
    const wish = { head: 'fix', base: 'main', title: 'again' };
    await ask(gitea.url, gitea.token('gitmend'), 'POST', `repos/${gitea.repository}/pulls`, wish);
    expect(await forge.pullRequests({ state: 'open' })).toHaveLength(2);
    expect((await forge.ensurePullRequest(wanted('fix'))).number).toBe(number);
    expect((await forge.pullRequests({ state: 'open' })).map((pull) => pull.number)).toEqual([number]);
  });

  test('labels that people put on stay, and missing ones are added once', async () => {
    const { forge, gitea, opened, sent } = await setting();
    await opened('fix');
    gitea.world.labels.push({ id: 4711, name: 'urgent', color: '#ff0000' });
    gitea.world.pulls[0]?.labels.push(4711);
    for (const labels of [['gitmend', 'memory'], ['gitmend', 'memory'], ['gitmend']])
      await forge.ensurePullRequest(wanted('fix', { labels }));
    const names = gitea.world.pulls[0]?.labels.map((id) => gitea.world.labels.find((one) => one.id === id)?.name);
    expect(names).toEqual(['gitmend', 'urgent', 'memory']);
    expect([sent('POST', /^repos\/\w+\/\w+\/labels$/), sent('POST', /issues\/\d+\/labels$/)]).toEqual([2, 1]);
  });

  test('a pull request from a fork, or pushed for review, is strangers’ code', async () => {
    const { forge, gitea, opened } = await setting();
    const { number } = await opened('fix');
    expect((await forge.pullRequest(number)).fork).toBe(false);
    const pull = gitea.world.pulls[0];
    if (pull) pull.from = { fork: 'stranger' };
    expect((await forge.pullRequest(number)).fork).toBe(true);
    if (pull) pull.from = 'agit';
    expect((await forge.pullRequest(number)).fork).toBe(true);
  });

  test('a push after the merge does not change what was merged', async () => {
    const { forge, clone, opened } = await setting();
    const { number, head } = await opened('fix');
    await forge.merge(number, { style: 'merge', head });
    await clone.push('fix', { 'later.txt': 'x\n' });
    expect((await forge.pullRequest(number)).head).toBe(head);
    expect((await forge.pullRequests({ state: 'merged' })).map((pull) => pull.head)).toEqual([head]);
  });
});
