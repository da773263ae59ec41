import { describe, expect, test, vi } from 'vitest';
import type { Forge, SaidComment } from '../../../src/forges/forge.ts';
import { expectRefused, freshSetting, postgres, type MakeForge } from './setting.ts';

const board = { marker: 'dashboard', title: 'gitmend', body: 'nothing is open', labels: ['gitmend'] };

/** Comments of a whole repository, reactions, issues and what people may do: what comment commands stand on. */
export function saidContract(makeForge: MakeForge): void {
  describe('what is said', () => {
    const setting = freshSetting(makeForge);

    test('the first look tells nothing that was said before it, and everything after it', async () => {
      const { forge, opened, as } = setting.now;
      const { number } = await opened('fix', postgres('memory', 3072));
      const alice = await as('alice');
      await alice.comment(number, '/plan');
      const first = await forge.saidSince(undefined);
      expect(first.comments).toEqual([]);
      const { id } = await alice.comment(number, '/dry-run');
      const { comments, cursor } = await saidNow(forge, first.cursor);
      expect(comments).toEqual([
        expect.objectContaining({
          ...{ id, number, on: 'pull-request', body: '/dry-run', author: alice.forge.self, edited: false },
        }),
      ]);
      expect((await forge.saidSince(cursor)).comments).toEqual([]);
    });

    test('a forge in which nobody has said anything has a cursor too', async () => {
      const { forge, opened, as } = setting.now;
      const { number } = await opened('fix', postgres('memory', 3072));
      const { comments, cursor } = await forge.saidSince(undefined);
      expect(comments).toEqual([]);
      await (await as('alice')).comment(number, '/help');
      expect((await saidNow(forge, cursor)).comments.map(({ body }) => body)).toEqual(['/help']);
    });

    test('an edited comment is told again, as edited', async () => {
      const { forge, opened, editComment } = setting.now;
      const { number } = await opened('fix', postgres('memory', 3072));
      const start = await forge.saidSince(undefined);
      const { id } = await forge.ensureComment(number, 'plan', 'memory 3072');
      const told = await saidNow(forge, start.cursor);
      expect(told.comments).toMatchObject([{ id, edited: false }]);
      await editComment(number, id, '/rollback');
      const again = await saidNow(forge, told.cursor);
      expect(again.comments).toMatchObject([{ id, body: '/rollback', edited: true }]);
    });

    test('an old cursor tells everything again, oldest first', async () => {
      const { forge, opened, as } = setting.now;
      const { number } = await opened('fix', postgres('memory', 3072));
      const { cursor } = await forge.saidSince(undefined);
      const alice = await as('alice');
      for (const body of ['one', 'two', 'three']) await alice.comment(number, body);
      const bodies = async () => (await saidNow(forge, cursor, 3)).comments.map(({ body }) => body);
      expect(await bodies()).toEqual(['one', 'two', 'three']);
      expect(await bodies()).toEqual(['one', 'two', 'three']);
    });

    test('a reaction is made once, however often it is asked for', async () => {
      const { forge, opened, as, reactions } = setting.now;
      const { number } = await opened('fix', postgres('memory', 3072));
      const { id } = await (await as('alice')).comment(number, '/plan');
      await forge.react(id, 'eyes');
      await forge.react(id, 'eyes');
      await forge.react(id, '+1');
      const found = (await reactions?.(id)) ?? [];
      const wanted = ['+1', 'eyes'].map((reaction) => ({ by: forge.self, reaction }));
      if (reactions !== undefined) expect(found.sort(byReaction)).toEqual(wanted);
      await expectRefused(forge.react('999999999', 'eyes'), /./);
      await expectRefused(forge.react('1/../../x', 'eyes'), /comment/);
    });
  });

  describe('issues', () => {
    const setting = freshSetting(makeForge);

    test('one open issue per marker, brought up to date in place', async () => {
      const { forge } = setting.now;
      const first = await forge.ensureIssue(board);
      expect(first).toMatchObject({ title: 'gitmend', state: 'open', author: forge.self });
      const second = await forge.ensureIssue({ ...board, title: 'gitmend: 2 open', body: '- [ ] retry' });
      expect(second.number).toBe(first.number);
      expect(second.title).toBe('gitmend: 2 open');
      expect(second.body).toMatch(/^<!-- gitmend:dashboard -->\r?\n- \[ \] retry$/);
      expect(await forge.ensureIssue({ ...board, title: 'gitmend: 2 open', body: second.body })).toMatchObject({
        number: first.number,
        body: second.body,
      });
      expect(await forge.issue(first.number)).toMatchObject({ number: first.number, body: second.body });
    });

    test('a marker in what somebody else wrote names nothing', async () => {
      const { forge, as } = setting.now;
      const forged = await (await as('alice')).forge.ensureIssue({ ...board, body: 'forged' });
      const own = await forge.ensureIssue(board);
      expect(own.number).not.toBe(forged.number);
      expect((await forge.issue(forged.number)).body).toContain('forged');
    });

    test('five at once with one marker leave one issue', async () => {
      const { forge } = setting.now;
      const made = await Promise.all(Array.from({ length: 5 }, () => forge.ensureIssue(board)));
      expect(new Set(made.map(({ number }) => number)).size).toBe(1);
    });

    test('an issue takes comments like a pull request, and a number is one or the other', async () => {
      const { forge, opened, as } = setting.now;
      const issue = await forge.ensureIssue(board);
      const { number } = await opened('fix', postgres('memory', 3072));
      expect(number).not.toBe(issue.number);
      const { cursor } = await forge.saidSince(undefined);
      const { id } = await (await as('alice')).comment(issue.number, '/help');
      expect((await saidNow(forge, cursor)).comments).toMatchObject([{ id, number: issue.number, on: 'issue' }]);
      const answer = await forge.ensureComment(issue.number, `answer/${id}`, 'Here is what there is');
      expect(await forge.ensureComment(issue.number, `answer/${id}`, 'Here is what there is')).toEqual(answer);
      expect((await forge.comments(issue.number)).map(({ id: each }) => each)).toEqual([id, answer.id]);
      expect((await forge.pullRequests({ state: 'all' })).map((pr) => pr.number)).toEqual([number]);
      await expectRefused(forge.issue(number), /issue/);
      await expectRefused(forge.pullRequest(issue.number), /pull request/);
      await expectRefused(forge.ensureComment(999_999, 'x', 'y'), /999999/);
    });
  });

  describe('what people may do', () => {
    const setting = freshSetting(makeForge);

    test('who may push may write, and who is not there may nothing', async () => {
      const { forge, as } = setting.now;
      const alice = await as('alice');
      expect(['write', 'admin']).toContain(await forge.permission(alice.forge.self));
      expect(['write', 'admin']).toContain(await forge.permission(forge.self));
      for (const nobody of ['-nobody-', '../x', 'a/b', '', 'a b']) expect(await forge.permission(nobody)).toBe('none');
    });

    test('a team that the forge does not have says nothing of anybody', async () => {
      const { forge } = setting.now;
      for (const team of ['nobody/nothing', 'nothing', 'a/b/c', '../x']) {
        expect(await forge.inTeam(team, forge.self), team).toBeUndefined();
      }
    });
  });
}

/** What was said, as soon as it shows: forges with a queue of their own take a moment. */
async function saidNow(
  forge: Pick<Forge, 'saidSince'>,
  cursor: string,
  count = 1,
): Promise<{ comments: SaidComment[]; cursor: string }> {
  return vi.waitFor(
    async () => {
      const said = await forge.saidSince(cursor);
      expect(said.comments.length).toBeGreaterThanOrEqual(count);
      return said;
    },
    { timeout: 10_000, interval: 250 },
  );
}

function byReaction(a: { reaction: string }, b: { reaction: string }): number {
  return a.reaction < b.reaction ? -1 : 1;
}
