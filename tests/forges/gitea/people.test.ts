import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GiteaUnderTest, giteaStandIn } from './stand-in.ts';

describe('what people may do on a Gitea', () => {
  let it: GiteaUnderTest;

  beforeEach(async () => {
    it = await giteaStandIn();
    for (const login of ['owner', 'writer', 'reader', 'stranger']) it.gitea.token(login);
    const { permissions } = it.gitea.world;
    permissions.set('owner', 'admin').set('reader', 'read').set('stranger', 'none');
  });
  afterEach(() => it.dispose());

  const told = async () =>
    Promise.all(['owner', 'writer', 'reader', 'stranger', 'nobody'].map((login) => it.forge.permission(login)));

  test('an administrator is told exactly', async () => {
    it.gitea.world.permissions.set('gitmend', 'admin');
    expect(await told()).toEqual(['admin', 'write', 'read', 'none', 'none']);
  });

  test('an account that may only write tells writers by who can be assigned, and no other one has more than reading', async () => {
    it.gitea.world.permissions.set('gitmend', 'write');
    expect(await told()).toEqual(['write', 'write', 'read', 'read', 'none']);
    expect(await it.forge.permission('gitmend')).toBe('write');
    expect(await it.forge.permission('WRITER')).toBe('write');
  });

  describe('on a repository of an organization, to an account that may only write', () => {
    beforeEach(() => {
      it.gitea.world.permissions.set('gitmend', 'write');
      it.gitea.world.teams.push({ id: 9, name: 'writers', members: ['gitmend', 'writer'] });
      it.gitea.world.permissions.set('writer', 'none');
    });
    const readers = () => it.gitea.world.teams.push({ id: 10, name: 'readers', members: ['reader'], code: 'read' });
    const teamsRefuse = (path: RegExp) => {
      it.gitea.faults.inject({ fault: 'status', status: 403, method: 'GET', path, count: 20 });
    };

    test('where every team may push, who can be assigned may', async () => {
      expect(await it.forge.permission('writer')).toBe('write');
      expect(await it.forge.permission('stranger')).toBe('read');
    });

    test('who can be assigned because their team reads pull requests is a reader; a member of a team that may push is not', async () => {
      readers();
      expect(await it.forge.permission('reader')).toBe('read');
      expect(await it.forge.permission('writer')).toBe('write');
    });

    test('without the scope for organizations nobody of them is more than a reader', async () => {
      readers();
      teamsRefuse(/teams\/\d+\/members/);
      expect(await it.forge.permission('writer')).toBe('read');
      expect(await it.forge.permission('reader')).toBe('read');
      it.gitea.requests.length = 0;
    });

    test('where teams are not told, it may be an organization, and being assignable proves nothing', async () => {
      teamsRefuse(/lab\/teams$|\/teams$/);
      expect(await it.forge.permission('writer')).toBe('read');
      it.gitea.requests.length = 0;
    });

    test('an administrator whom Gitea tells `none` of a member of a team asks the team', async () => {
      it.gitea.world.permissions.set('gitmend', 'admin');
      readers();
      expect(await it.forge.permission('writer')).toBe('write');
      expect(await it.forge.permission('reader')).toBe('read');
    });
  });

  test('a team of the organization says who is in it', async () => {
    it.gitea.world.teams.push({ id: 9, name: 'Ops', members: ['writer'] });
    expect(await it.forge.inTeam('ops/ops', 'writer')).toBe(true);
    expect(await it.forge.inTeam('ops/ops', 'reader')).toBe(false);
    expect(await it.forge.inTeam('ops/others', 'writer')).toBeUndefined();
  });

  test('a token without the scope for organizations is told nothing, and that is no no', async () => {
    it.gitea.world.teams.push({ id: 9, name: 'Ops', members: ['writer'] });
    it.gitea.faults.inject({ fault: 'status', status: 403, method: 'GET', path: /teams$/ });
    expect(await it.forge.inTeam('ops/ops', 'writer')).toBeUndefined();
    // Scopes are checked before any path is: the description has that answer nowhere.
    it.gitea.requests.pop();
  });
});

describe('comments and issues of a Gitea that answers badly', () => {
  let it: GiteaUnderTest;

  beforeEach(async () => {
    it = await giteaStandIn();
  });
  afterEach(() => it.dispose());

  const board = { marker: 'dashboard', title: 'gitmend', body: 'nothing', labels: ['gitmend'] };

  test('null entries in lists are left out, and lose nothing', async () => {
    const { number } = await it.forge.ensureIssue(board);
    await it.forge.ensureComment(number, 'x', 'before');
    for (const path of [/issues$/, /issues\/comments$/, /issues\/\d+\/comments$/, /assignees$/])
      it.gitea.faults.inject({ fault: 'nulls', method: 'GET', path, count: 20 });
    expect((await it.forge.ensureIssue(board)).number).toBe(number);
    const { cursor } = await it.forge.saidSince(undefined);
    const alice = await it.as('alice');
    await alice.comment(number, '/help');
    expect((await it.forge.saidSince(cursor)).comments.map(({ body }) => body)).toEqual(['/help']);
    it.gitea.world.permissions.set('gitmend', 'write');
    expect(await it.forge.permission('alice')).toBe('write');
  });

  test('an issue that was opened although the answer was lost is found, not opened again', async () => {
    it.gitea.faults.inject({ fault: 'reset', after: true, method: 'POST', path: /issues$/ });
    const { number } = await it.forge.ensureIssue(board);
    expect(it.gitea.world.issues.map((one) => one.number)).toEqual([number]);
  });

  test('of two that were opened at the same moment the older stays open', async () => {
    const first = await it.forge.ensureIssue(board);
    const [one] = it.gitea.world.issues;
    if (one !== undefined) one.state = 'closed';
    const second = await it.forge.ensureIssue(board);
    if (one !== undefined) one.state = 'open';
    expect(second.number).not.toBe(first.number);
    expect((await it.forge.ensureIssue(board)).number).toBe(first.number);
  });

  test('a comment that is edited within the second in which it was written is told as edited', async () => {
    const { number } = await it.forge.ensureIssue(board);
    const start = await it.forge.saidSince(undefined);
    const alice = await it.as('alice');
    const { id } = await alice.comment(number, 'hello');
    const told = await it.forge.saidSince(start.cursor);
    const note = it.gitea.world.notes.find((one) => one.id === Number(id));
    if (note !== undefined) note.body = '/rollback';
    expect((await it.forge.saidSince(told.cursor)).comments).toMatchObject([{ id, body: '/rollback', edited: true }]);
  });

  test('a cursor that nobody gave is a first look', async () => {
    const { number } = await it.forge.ensureIssue(board);
    await (await it.as('alice')).comment(number, '/help');
    for (const cursor of ['', 'x', '-1/']) expect((await it.forge.saidSince(cursor)).comments, cursor).toEqual([]);
  });
});
