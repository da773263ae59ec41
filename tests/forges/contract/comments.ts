import { describe, expect, test } from 'vitest';
import { freshSetting, postgres, type MakeForge } from './setting.ts';

export function commentsContract(makeForge: MakeForge): void {
  describe('comments and statuses', () => {
    const setting = freshSetting(makeForge);

    test('one comment per marker, edited in place', async () => {
      const { forge, opened } = setting.now;
      const { number } = await opened('fix', postgres('memory', 3072));
      const first = await forge.ensureComment(number, 'plan', 'Plan a1b2c3d');
      const other = await forge.ensureComment(number, 'run', 'Applied');
      const second = await forge.ensureComment(number, 'plan', 'Plan 77e0f00');
      expect(second.id).toBe(first.id);
      expect(other.id).not.toBe(first.id);
      expect(await forge.comments(number)).toEqual([second, other]);
      expect(second.author).toBe(forge.self);
      expect(second.body).toContain('Plan 77e0f00');
      expect(second.body).not.toContain('a1b2c3d');
    });

    test('the same comment again changes nothing, and is returned as the forge holds it', async () => {
      const { forge, opened } = setting.now;
      const { number } = await opened('fix', postgres('memory', 3072));
      const first = await forge.ensureComment(number, 'plan', 'Plan a1b2c3d\r\n| | `x` |\n');
      const { cursor } = await forge.changedSince(undefined);
      expect(await forge.ensureComment(number, 'plan', 'Plan a1b2c3d\r\n| | `x` |\n')).toEqual(first);
      expect(await forge.comments(number)).toEqual([first]);
      expect((await forge.changedSince(cursor)).numbers).toEqual([]);
    });

    test('what was returned can be ensured again', async () => {
      const { forge, opened } = setting.now;
      const { number } = await opened('fix', postgres('memory', 3072));
      const first = await forge.ensureComment(number, 'plan', 'Plan a1b2c3d');
      expect(await forge.ensureComment(number, 'plan', first.body)).toEqual(first);
    });

    test('an edited comment is found by its marker and put right', async () => {
      const { forge, opened, editComment } = setting.now;
      const { number } = await opened('fix', postgres('memory', 3072));
      const first = await forge.ensureComment(number, 'plan', 'memory 3072');
      await editComment(number, first.id, `Note from above\n${first.body.replace('3072', '9999')}\nand below`);
      expect((await forge.comments(number))[0]?.body).toContain('9999');
      const mended = await forge.ensureComment(number, 'plan', 'memory 3072');
      expect(mended).toMatchObject({ id: first.id, body: first.body });
      expect(await forge.comments(number)).toHaveLength(1);
    });

    test('a comment that lost its marker is left alone, and a new one written', async () => {
      const { forge, opened, editComment } = setting.now;
      const { number } = await opened('fix', postgres('memory', 3072));
      const first = await forge.ensureComment(number, 'plan', 'memory 3072');
      await editComment(number, first.id, 'all gone');
      const second = await forge.ensureComment(number, 'plan', 'memory 3072');
      expect((await forge.comments(number)).map((comment) => [comment.id, comment.body])).toEqual([
        [first.id, 'all gone'],
        [second.id, second.body],
      ]);
    });

    test('a marker in what somebody else wrote, or in quoted text, names nothing', async () => {
      const { forge, opened, as } = setting.now;
      const { number } = await opened('fix', postgres('memory', 3072));
      const forged = await (await as('mallory')).comment(number, '<!-- gitmend:plan -->\nmemory 9999');
      const quoting = await forge.ensureComment(number, 'run', 'a log line said:\n<!-- gitmend:plan -->\nend');
      const plan = await forge.ensureComment(number, 'plan', 'memory 3072');
      expect(new Set([forged.id, quoting.id, plan.id]).size).toBe(3);
      expect((await forge.comments(number)).find((comment) => comment.id === forged.id)?.body).toContain('9999');
      expect(await forge.ensureComment(number, 'run', 'a log line said:\n<!-- gitmend:plan -->\nend')).toEqual(quoting);
    });

    test('ten at once with one marker write one comment', async () => {
      const { forge, opened } = setting.now;
      const { number } = await opened('fix', postgres('memory', 3072));
      await Promise.all(Array.from({ length: 10 }, () => forge.ensureComment(number, 'plan', 'Plan')));
      expect(await forge.comments(number)).toHaveLength(1);
    });

    test('a merged or closed pull request still takes comments', async () => {
      const { forge, opened } = setting.now;
      const { number, head } = await opened('fix', postgres('memory', 3072));
      await forge.merge(number, { style: 'merge', head });
      expect((await forge.ensureComment(number, 'run', 'Applied')).body).toContain('Applied');
    });

    test('of statuses the latest of each context counts', async () => {
      const { forge, opened } = setting.now;
      const { head } = await opened('fix', postgres('memory', 3072));
      const status = { context: 'gitmend/plan', state: 'pending', description: 'planning' } as const;
      await forge.ensureStatus(head, status);
      await forge.ensureStatus(head, status);
      await forge.ensureStatus(head, { context: 'ci', state: 'failure', description: 'lint' });
      await forge.ensureStatus(head, { ...status, state: 'success', description: '1 change' });
      const found = (await forge.statuses(head)).sort((a, b) => a.context.localeCompare(b.context));
      expect(found).toEqual([
        { context: 'ci', state: 'failure', description: 'lint' },
        { context: 'gitmend/plan', state: 'success', description: '1 change' },
      ]);
    });

    test('a status belongs to its commit, and an unknown commit takes none', async () => {
      const { forge, clone, opened } = setting.now;
      const { head } = await opened('fix', postgres('memory', 3072));
      await forge.ensureStatus(head, { context: 'ci', state: 'success', description: 'ok' });
      const next = await clone.push('fix', postgres('memory', 4096));
      expect(await forge.statuses(next)).toEqual([]);
      const unknown = forge.ensureStatus('0123456789'.repeat(4), {
        context: 'ci',
        state: 'success',
        description: 'ok',
      });
      await expect(unknown).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
    });
  });
}
