import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { registerPr } from '../../src/cli/pr.ts';
import { freshSetting, postgres } from '../forges/contract/setting.ts';
import { localForge, type LocalForgeUnderTest } from '../forges/local/under-test.ts';

describe('gitmend pr', { timeout: 30_000 }, () => {
  const setting = freshSetting(localForge);

  /** Runs `gitmend pr …` and returns what it prints. */
  async function gitmend(...words: string[]): Promise<string> {
    const { open } = setting.now as typeof setting.now & LocalForgeUnderTest;
    const printed: string[] = [];
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    registerPr(program, { forge: open, print: (text) => printed.push(text) });
    await program.parseAsync(['pr', ...words], { from: 'user' });
    return printed.join('\n');
  }

  test('takes a pull request from its branch to the default branch', async () => {
    const { clone, forge } = setting.now;
    const head = await clone.push('bigger', postgres('memory', 3072));
    expect(await gitmend('open', 'bigger', '--as', 'alice', '--title', 'postgres: memory 3072 MiB')).toBe(
      'Opened #1 postgres: memory 3072 MiB: bigger into main.',
    );
    expect(await gitmend('list', '--as', 'bob')).toBe('#1  open  2026-11-20 03:12  postgres: memory 3072 MiB  bigger');
    expect(await gitmend('comment', '1', '/dry-run', '--as', 'bob')).toBe('Commented on #1 as bob.');
    expect(await gitmend('approve', '#1', '--as', 'bob', '--comment', 'fine')).toBe(
      `Approved #1 at ${head.slice(0, 7)} as bob.`,
    );
    const merged = await gitmend('merge', '1', '--as', 'bob', '--style', 'squash', '--head', head);
    const tip = await clone.tip('main');
    expect(merged).toBe(`Merged #1 postgres: memory 3072 MiB as ${tip.slice(0, 7)} into main.`);
    expect(await forge.pullRequest(1)).toMatchObject({ state: 'merged', mergedBy: 'bob', mergeCommit: tip });
    expect(await gitmend('list', '--as', 'bob')).toBe('No open pull requests.');
    expect(await gitmend('list', '--as', 'bob', '--state', 'merged')).toContain('#1  merged');
  });

  test('shows everything about one on one page', async () => {
    const { clone, forge, opened } = setting.now;
    const { head } = await opened('fix', postgres('memory', 3072));
    await forge.ensureStatus(head, { context: 'gitmend/plan', state: 'success', description: '1 change' });
    await forge.ensureComment(1, 'plan', '### Plan `a1b2c3d`: 1 change');
    await gitmend('approve', '1', '--as', 'alice');
    await gitmend('approve', '1', '--as', 'bob', '--comment', 'looks right');
    await gitmend('dismiss', '1', '--as', 'alice', '--of', 'alice', '--reason', 'seen too late');
    const next = await clone.push('fix', postgres('memory', 4096));
    expect(await gitmend('show', '1', '--as', 'alice')).toBe(
      [
        '#1 change fix',
        `open: fix into main, 2 commits, head ${next}`,
        'opened by gitmend 2026-11-20 03:12:00Z, last changed 2026-11-20 03:12:00Z',
        'labels: gitmend',
        '',
        'because',
        '',
        'Reviews',
        `  approved  alice  ${head.slice(0, 7)}  2026-11-20 03:12:00Z  dismissed by alice: seen too late; of an older head`,
        `  approved  bob    ${head.slice(0, 7)}  2026-11-20 03:12:00Z  of an older head; looks right`,
        '',
        '--- comment 1 by gitmend 2026-11-20 03:12:00Z',
        '<!-- gitmend:plan -->',
        '### Plan `a1b2c3d`: 1 change',
      ].join('\n'),
    );
    await clone.push('fix', {}, { from: head, force: true });
    await clone.deleteBranch('fix');
    expect(await gitmend('show', '1', '--as', 'alice')).toContain('the branch fix was deleted');
  });

  test('shows the statuses of the head', async () => {
    const { forge, opened } = setting.now;
    const { head } = await opened('fix', postgres('memory', 3072));
    await forge.ensureStatus(head, { context: 'gitmend/plan', state: 'success', description: '1 change\nand a line' });
    expect(await gitmend('show', '1', '--as', 'alice')).toContain(
      `Statuses of ${head.slice(0, 7)}\n  success  gitmend/plan  1 change and a line`,
    );
  });

  test('shows the one changed line as a diff', async () => {
    await setting.now.opened('fix', postgres('memory', 3072));
    const lines = (await gitmend('diff', '1', '--as', 'alice'))
      .split('\n')
      .filter((line) => /^[-+](?![-+])/.test(line));
    expect(lines).toEqual(['-memory: 2048', '+memory: 3072']);
  });

  test('closes with the reason, and says when there is nothing to do', async () => {
    await setting.now.opened('fix', postgres('memory', 3072));
    expect(await gitmend('close', '1', '--as', 'alice', '--reason', 'not now')).toBe('Closed #1: not now');
    expect(await gitmend('close', '1', '--as', 'alice')).toBe('#1 is closed already.');
    expect(await gitmend('show', '1', '--as', 'alice')).toContain('closed by alice 2026-11-20 03:12:00Z');
    expect(await gitmend('dismiss', '1', '--as', 'alice')).toBe('No review of #1 stands.');
  });

  test('dismisses every review that stands unless one account is named', async () => {
    await setting.now.opened('fix', postgres('memory', 3072));
    for (const account of ['alice', 'bob']) await gitmend('approve', '1', '--as', account);
    expect(await gitmend('dismiss', '1', '--as', 'carol')).toBe('Dismissed on #1: approved by alice, approved by bob.');
    expect((await setting.now.forge.reviews(1)).map((review) => review.void)).toEqual([true, true]);
  });

  test('without a title takes the subject of the last commit', async () => {
    await setting.now.clone.push('fix', { 'a.txt': 'a\n' });
    expect(await gitmend('open', 'fix', '--as', 'alice')).toBe('Opened #1 change a.txt: fix into main.');
  });

  test('a second one for the same branch is refused, naming the first', async () => {
    await setting.now.opened('fix', postgres('memory', 3072));
    await expect(gitmend('open', 'fix', '--as', 'alice')).rejects.toMatchObject({
      code: 'FORGE_REFUSED',
      message: '#1 is open already for fix into main',
    });
  });

  test('--json prints the same as data', async () => {
    const { opened } = setting.now;
    const { head } = await opened('fix', postgres('memory', 3072));
    const parsed = async (...words: string[]): Promise<unknown> =>
      JSON.parse(await gitmend(...words, '--json', '--as', 'alice'));
    expect(await parsed('list')).toMatchObject([{ number: 1, head }]);
    expect(await parsed('comment', '1', 'hello')).toMatchObject({ author: 'alice', body: 'hello' });
    expect(await parsed('approve', '1')).toMatchObject({ author: 'alice', commit: head });
    expect(await parsed('show', '1')).toMatchObject({ pullRequest: { number: 1 }, comments: [{ body: 'hello' }] });
    expect(await parsed('diff', '1')).toMatchObject({ number: 1, diff: expect.stringContaining('+memory: 3072') });
    expect(await parsed('dismiss', '1')).toMatchObject([{ author: 'alice', void: true }]);
    expect(await parsed('close', '1')).toMatchObject({ state: 'closed' });
  });

  test.each([
    ['list', '--state', 'half-open'],
    ['show', '0'],
    ['show', '1; rm -rf /'],
    ['show', '9'.repeat(30)],
    ['merge', '1', '--style', 'octopus'],
    ['merge', '1', '--head', 'main'],
    ['merge', '1', '--message', ' '],
    ['comment', '1', ' \n'],
    ['close', '1', '--reason', ''],
    ['open', '../../etc'],
    ['open', 'fix', '--base', 'a b'],
    ['open', 'fix', '--title', ' '],
    ['list', '--as', 'a b'],
    ['list', '--as', '--json'],
    ['list', '--as', ''],
    ['list', '--as', 'x\u001b[2J'],
  ])('refuses gitmend pr %s %s %s as USAGE', async (...words) => {
    await expect(gitmend(...words)).rejects.toMatchObject({ code: 'USAGE' });
    expect(await setting.now.forge.pullRequests({ state: 'all' })).toEqual([]);
  });

  test('what others wrote cannot steer the terminal', async () => {
    const { forge, opened } = setting.now;
    await opened('fix', postgres('memory', 3072));
    const evil = 'a\u001b[2J\u001b]0;x\u0007\u009b31m\u202egnp.exe\rfake';
    await forge.ensureComment(1, 'plan', evil);
    const shown = await gitmend('show', '1', '--as', 'alice');
    expect(shown).toContain('a\\u{1b}[2J\\u{1b}]0;x\\u{7}\\u{9b}31m\\u{202e}gnp.exe\\u{d}fake');
    const json = await gitmend('show', '1', '--as', 'alice', '--json');
    for (const character of ['\u001b', '\u009b', '\u202e']) expect(json).not.toContain(character);
    expect(JSON.parse(json)).toMatchObject({ comments: [{ body: `<!-- gitmend:plan -->\n${evil}` }] });
  });
});
