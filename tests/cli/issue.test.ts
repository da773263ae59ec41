import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { registerIssue } from '../../src/cli/issue.ts';
import { freshSetting } from '../forges/contract/setting.ts';
import { localForge, type LocalForgeUnderTest } from '../forges/local/under-test.ts';

describe('gitmend issue', { timeout: 30_000 }, () => {
  const setting = freshSetting(localForge);

  /** Runs `gitmend issue …` as alice and returns what it prints. */
  async function gitmend(...words: string[]): Promise<string> {
    const { open } = setting.now as typeof setting.now & LocalForgeUnderTest;
    const printed: string[] = [];
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    registerIssue(program, { forge: open, print: (text) => printed.push(text) });
    await program.parseAsync(['issue', ...words, '--as', 'alice'], { from: 'user' });
    return printed.join('\n');
  }

  test('opens, lists, shows and closes one', async () => {
    expect(await gitmend('list')).toBe('There is no issue.');
    expect(await gitmend('open', 'postgres is slow', '--body', 'since noon')).toBe('Opened #1 postgres is slow.');
    expect(await gitmend('list')).toBe('#1  open  postgres is slow');
    await (await setting.now.as('bob')).comment(1, '/diagnose postgres');
    const page = await gitmend('show', '1');
    for (const part of ['#1 postgres is slow (open)', 'since noon', 'bob 2026', '/diagnose postgres'])
      expect(page).toContain(part);
    expect(await gitmend('close', '#1')).toBe('Closed #1.');
    expect(await gitmend('list')).toBe('#1  closed  postgres is slow');
    await expect(gitmend('show', '7')).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
  });

  test('ticks the box of one pull request, and no other', async () => {
    const { forge } = setting.now;
    const body = '- [ ] <!-- gitmend:box look/4 --> four\n- [ ] <!-- gitmend:box look/42 --> forty-two';
    const { number } = await forge.ensureIssue({ marker: 'dashboard', title: 'gitmend', body, labels: [] });
    expect(await gitmend('tick', String(number), '4')).toContain('Ticked');
    expect((await forge.issue(number)).body.split('\n').slice(1)).toEqual([
      '- [x] <!-- gitmend:box look/4 --> four',
      '- [ ] <!-- gitmend:box look/42 --> forty-two',
    ]);
    await expect(gitmend('tick', String(number), '9')).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('what somebody else wrote cannot steer a terminal', async () => {
    await (
      await (setting.now as typeof setting.now & LocalForgeUnderTest).open('bob')
    ).openIssue({ title: 'x', body: '\u001b[2Jgone' });
    expect(await gitmend('show', '1')).not.toContain('\u001b');
  });
});
