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

  test('ticks one box, and no other', async () => {
    const { forge } = setting.now;
    const boxes = ['look/4 --> look', 'snooze/4 --> snooze', 'look/42 --> look', 'open/3f9c1a04b5d2 --> open'];
    const body = boxes.map((box) => `- #1 a line\n  - [ ] <!-- gitmend:box ${box}`).join('\n');
    const { number } = await forge.ensureIssue({ marker: 'dashboard', title: 'gitmend', body, labels: [] });
    const tickedNow = async () =>
      [...(await forge.issue(number)).body.matchAll(/\[x\] <!-- gitmend:box (\S+)/g)].map(([, box]) => box);
    expect(await gitmend('tick', String(number), '42')).toContain('Ticked');
    expect(await tickedNow()).toEqual(['look/42']);
    await gitmend('tick', String(number), 'snooze/4');
    await gitmend('tick', String(number), 'open/3f9c1a04b5d2');
    expect(await tickedNow()).toEqual(['snooze/4', 'look/42', 'open/3f9c1a04b5d2']);
    await gitmend('tick', String(number), '#4');
    expect(await tickedNow()).toContain('look/4');
    // Ticked already, never there, and no box at all.
    for (const box of ['look/4', '9', 'merge/4']) await expectRefused(number, box, 'has no open box');
    await expect(gitmend('tick', String(number), '../4')).rejects.toThrow('a box is');
  });

  test('of a line with two boxes it says which they are', async () => {
    const body = '- [ ] <!-- gitmend:box look/4 -->\n- [ ] <!-- gitmend:box snooze/4 -->';
    const { number } = await setting.now.forge.ensureIssue({ marker: 'dashboard', title: 'x', body, labels: [] });
    await expectRefused(number, '4', 'look/4 or snooze/4');
  });

  async function expectRefused(number: number, box: string, why: string): Promise<void> {
    const refused = gitmend('tick', String(number), box);
    await expect(refused).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining(why) as string });
  }

  test('what somebody else wrote cannot steer a terminal', async () => {
    await (
      await (setting.now as typeof setting.now & LocalForgeUnderTest).open('bob')
    ).openIssue({ title: 'x', body: '\u001b[2Jgone' });
    expect(await gitmend('show', '1')).not.toContain('\u001b');
  });
});
