import { describe, expect, test } from 'vitest';
import { type Injection, pullsOf } from '../../../simulators/github/index.ts';
import { isoTime } from '../../../src/core/clock.ts';
import { postgres, wanted } from '../contract/setting.ts';
import { setting } from './fault-setting.ts';

/** The ways in which an answer is lost although the effect is there. */
const lost: [string, Injection][] = [
  ['a 500', { fault: 'status', status: 500, after: true }],
  ['a 502 of a proxy', { fault: 'status', status: 502, after: true }],
  ['a broken connection', { fault: 'reset', after: true }],
];

describe('a write that happened and was not answered', () => {
  test.each(lost)('after %s a merge is found, and not sent again', async (_, injection) => {
    const { forge, github, clone, opened, sent } = await setting();
    const { number, head } = await opened('fix');
    github.faults.inject({ ...injection, method: 'PUT', path: /merge$/ });
    const merged = await forge.merge(number, { style: 'squash', head });
    expect(merged).toMatchObject({ state: 'merged', mergeCommit: await clone.tip('main'), mergedBy: 'gitmend' });
    expect(sent('PUT', /merge$/)).toBe(1);
  });

  test.each(lost)('after %s pull request, comment, title, status, issue and close are found', async (_, injection) => {
    const { forge, github, clone, sent } = await setting();
    const head = await clone.push('fix', postgres('memory', 3072));
    const losing = (method: string, path: RegExp) => github.faults.inject({ ...injection, method, path });
    losing('POST', /pulls$/);
    const { number } = await forge.ensurePullRequest(wanted('fix'));
    losing('POST', /comments$/);
    const first = await forge.ensureComment(number, 'plan', 'Plan 1');
    losing('PATCH', /comments/);
    expect((await forge.ensureComment(number, 'plan', 'Plan 2')).id).toBe(first.id);
    losing('PATCH', /pulls/);
    expect((await forge.ensurePullRequest(wanted('fix', { title: 'new' }))).title).toBe('new');
    const status = { context: 'gitmend/plan', state: 'success', description: '1 change' } as const;
    losing('POST', /statuses/);
    await forge.ensureStatus(head, status);
    expect(await forge.statuses(head)).toEqual([status]);
    losing('POST', /issues$/);
    const board = await forge.ensureIssue({ marker: 'board', title: 'gitmend', body: 'well', labels: ['gitmend'] });
    losing('POST', /labels$/);
    await forge.ensurePullRequest(wanted('fix', { title: 'new', labels: ['memory'] }));
    losing('PATCH', /pulls/);
    await forge.close(number, 'done');
    expect((await forge.pullRequests({ state: 'all' })).map((pull) => pull.state)).toEqual(['closed']);
    expect((await forge.comments(number)).map(({ body }) => body.split('\n').at(-1))).toEqual(['Plan 2', 'done']);
    expect(github.world.threads.map((one) => one.number)).toEqual([number, board.number]);
    expect([
      sent('POST', /pulls$/),
      sent('POST', /comments$/),
      sent('POST', /statuses/),
      sent('POST', /issues$/),
    ]).toEqual([1, 2, 1, 1]);
    expect(github.faults.pending).toBe(0);
  });

  test.each(lost)('after %s a check run of an App is found, and not made twice', async (_, injection) => {
    const { forge, github, opened, sent } = await setting('app');
    const { head } = await opened('fix');
    github.faults.inject({ ...injection, method: 'POST', path: /check-runs$/ });
    const status = { context: 'gitmend/plan', state: 'pending', description: 'planning' } as const;
    await forge.ensureStatus(head, status);
    await forge.ensureStatus(head, status);
    expect([await forge.statuses(head), sent('POST', /check-runs$/)]).toEqual([[status], 1]);
  });

  test('a reaction is simply sent again: it is the same one', async () => {
    const { forge, github, opened, as, sent, reactions } = await setting();
    const { number } = await opened('fix');
    const { id } = await (await as('alice')).comment(number, '/plan');
    github.faults.inject({ fault: 'reset', after: true, method: 'POST', path: /reactions$/ });
    await forge.react(id, 'eyes');
    expect([sent('POST', /reactions$/), await reactions?.(id)]).toEqual([2, [{ by: 'gitmend', reaction: 'eyes' }]]);
  });
});

describe('a write that did not happen', () => {
  test('is not repeated blindly: the next pass asks again', async () => {
    const { forge, github, opened, sent } = await setting();
    const { number, head } = await opened('fix');
    github.faults.inject({ fault: 'status', status: 500, method: 'PUT', path: /merge$/ });
    await expect(forge.merge(number, { style: 'squash', head })).rejects.toMatchObject({ code: 'FORGE_FAILED' });
    expect(sent('PUT', /merge$/)).toBe(1);
    expect((await forge.merge(number, { style: 'squash', head })).state).toBe('merged');
  });

  test('of a merge waits while GitHub computes, sends nothing meanwhile, and is told when the base moved', async () => {
    const { forge, github, opened, sent } = await setting();
    const { number, head } = await opened('fix');
    for (const pull of pullsOf(github.world)) pull.computing = 3;
    const moved = 'Base branch was modified. Review and try the merge again.';
    github.faults.inject({ fault: 'status', status: 405, message: moved, method: 'PUT', path: /merge$/ });
    const asked = github.requests.length;
    expect((await forge.merge(number, { style: 'merge', head })).state).toBe('merged');
    expect(sent('PUT', /merge$/)).toBe(2);
    const looks = github.requests.slice(asked).findIndex(({ method }) => method === 'PUT');
    // Three that say nothing yet, and the one that says yes.
    expect(looks).toBe(4);
  });

  test.each([
    ['a method that the repository does not allow', { disallowed: ['squash'] }, /Squash merges are not allowed/],
    ['a status that protection demands', { protection: { statuses: ['gitmend/plan'] } }, /gitmend\/plan.*is expected/],
  ])('of a merge against %s is a refusal in GitHub’s words, once', async (_, rule, words) => {
    const { forge, github, opened, sent } = await setting();
    const { number, head } = await opened('fix');
    Object.assign(github.world, rule);
    await expect(forge.merge(number, { style: 'squash', head })).rejects.toMatchObject({
      code: 'FORGE_REFUSED',
      message: expect.stringMatching(words),
    });
    expect(sent('PUT', /merge$/)).toBe(1);
  });

  test('a close that stopped after its reason says it once', async () => {
    const { forge, github, opened } = await setting();
    const { number } = await opened('fix');
    github.faults.inject({ fault: 'status', status: 500, method: 'PATCH', path: /pulls/ });
    await expect(forge.close(number, 'The fault is gone.')).rejects.toMatchObject({ code: 'FORGE_FAILED' });
    await forge.close(number, 'The fault is gone.');
    expect((await forge.comments(number)).map(({ body }) => body)).toEqual(['The fault is gone.']);
  });
});

describe('a forge that asks for patience', () => {
  const secondary = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';

  test.each([
    [403, { 'retry-after': '7' }, secondary, 7000],
    [429, { 'retry-after': '7' }, secondary, 7000],
    // "If the retry-after response header is not present … wait for at least one minute"
    [403, {}, secondary, 60_000],
    [429, {}, 'Too many requests', 60_000],
  ])(
    'a %i with %j in the middle of a plan is waited for, told, and then the comment is written once',
    async (status, headers, message, wait) => {
      const { forge, github, clock, told, opened, sent } = await setting();
      const { number, head } = await opened('fix');
      await forge.ensureStatus(head, { context: 'gitmend/plan', state: 'pending', description: 'planning' });
      github.faults.inject({ fault: 'status', status, headers, message, method: 'POST', path: /comments$/ });
      await forge.ensureComment(number, 'plan', 'Plan');
      await forge.ensureStatus(head, { context: 'gitmend/plan', state: 'success', description: '1 change' });
      expect(clock.slept).toContain(wait);
      expect(told).toEqual([expect.objectContaining({ event: 'forge-waits', method: 'POST', wait })]);
      expect([sent('POST', /comments$/), (await forge.comments(number)).length]).toEqual([2, 1]);
    },
  );

  test('with no quota left it waits until there is one', async () => {
    const { forge, github, clock, opened } = await setting();
    const { number } = await opened('fix');
    const reset = String(Math.floor(clock.now() / 1000) + 30);
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
    github.faults.inject({ fault: 'status', status: 403, headers, message: 'API rate limit exceeded', method: 'GET' });
    expect((await forge.pullRequest(number)).number).toBe(number);
    expect(Math.max(...clock.slept)).toBeGreaterThan(28_000);
  });

  test('after the last request of the quota none is sent before there is another', async () => {
    const { forge, github, clock } = await setting();
    const asked = github.requests.length;
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(clock.now() / 1000 + 3600) };
    github.faults.inject({ fault: 'headers', headers, method: 'GET', path: /pulls$/ });
    expect(await forge.pullRequests({ state: 'open' })).toEqual([]);
    const quiet = {
      code: 'FORGE_FAILED',
      message: expect.stringContaining(`until ${isoTime(clock.now() + 3_600_000)}`),
    };
    await expect(forge.pullRequests({ state: 'open' })).rejects.toMatchObject(quiet);
    await expect(forge.ensureComment(1, 'plan', 'Plan')).rejects.toMatchObject(quiet);
    expect(github.requests).toHaveLength(asked + 1);
    clock.now = () => Date.UTC(2026, 10, 20, 4, 12);
    expect(await forge.pullRequests({ state: 'open' })).toEqual([]);
  });

  test('a limit on writes keeps reads waiting too, the credential of an App among them', async () => {
    const { forge, github, clock, opened } = await setting('app');
    const { number } = await opened('fix');
    const headers = { 'retry-after': '3600' };
    github.faults.inject({
      fault: 'status',
      status: 403,
      headers,
      message: secondary,
      method: 'POST',
      path: /comments$/,
    });
    await expect(forge.ensureComment(number, 'plan', 'Plan')).rejects.toMatchObject({ code: 'FORGE_FAILED' });
    const asked = github.requests.length;
    // The token of the installation has to be renewed.
    const later = clock.now() + 3_599_000 - 60_000;
    clock.now = () => later;
    const quiet = {
      code: 'FORGE_FAILED',
      message: expect.stringMatching(/until 2026-11-20T04:\d\d:00Z: it answered 403/),
    };
    await expect(forge.pullRequest(number)).rejects.toMatchObject(quiet);
    expect(github.requests).toHaveLength(asked);
  });

  test('a 403 that is no limit is a refusal, at once', async () => {
    const { forge, github, clock } = await setting();
    const slept = clock.slept.length;
    github.faults.inject({ fault: 'status', status: 403, message: 'Resource not accessible by personal access token' });
    await expect(forge.pullRequests({ state: 'open' })).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
    expect(clock.slept).toHaveLength(slept);
  });

  test('writes begin a second apart, reads when they are asked for', async () => {
    const { forge, github, clock, opened } = await setting();
    const { number } = await opened('fix');
    const begun = clock.now();
    for (const name of ['a', 'b', 'c', 'd']) await forge.ensureComment(number, name, name);
    expect(clock.now() - begun).toBeGreaterThanOrEqual(3000);
    const written = clock.now();
    for (let turn = 0; turn < 5; turn += 1) await forge.comments(number);
    expect(clock.now()).toBe(written);
    expect(github.requests.length).toBeGreaterThan(10);
  });

  test('a read is repeated until it is answered', async () => {
    const { forge, github, opened } = await setting();
    const { number } = await opened('fix');
    github.faults.inject({ fault: 'status', status: 503, method: 'GET', count: 2 });
    github.faults.inject({ fault: 'reset', method: 'GET' });
    expect((await forge.pullRequest(number)).number).toBe(number);
    expect(github.faults.pending).toBe(0);
  });
});

describe('what costs nothing', () => {
  test('polls of what did not change are 304, and find what did', async () => {
    const { forge, github, opened, as } = await setting();
    const { number } = await opened('fix');
    let { cursor } = await forge.changedSince(undefined);
    ({ cursor } = await forge.changedSince(cursor));
    let said = await forge.saidSince(undefined);
    said = await forge.saidSince(said.cursor);
    const before = github.world.spent;
    for (let turn = 0; turn < 20; turn += 1) {
      expect(await forge.changedSince(cursor)).toEqual({ numbers: [], cursor });
      expect((await forge.saidSince(said.cursor)).comments).toEqual([]);
    }
    expect(github.world.spent).toBe(before);
    await (await as('alice')).comment(number, '/plan');
    expect((await forge.changedSince(cursor)).numbers).toEqual([number]);
    expect((await forge.saidSince(said.cursor)).comments.map(({ body }) => body)).toEqual(['/plan']);
  });

  test('a list of 750 entries that did not change is not paid for again', async () => {
    const { forge, github, opened } = await setting();
    const { number } = await opened('fix');
    const { world } = github;
    const user = world.users[0];
    if (user === undefined) throw new Error('nobody is there');
    for (let count = 0; count < 750; count += 1)
      world.said.push({ id: (world.ids += 1), thread: number, user, body: 'a note', createdAt: 0, updatedAt: 0 });
    expect(await forge.comments(number)).toHaveLength(750);
    const before = world.spent;
    expect(await forge.comments(number)).toHaveLength(750);
    expect(world.spent).toBe(before);
  });
});
