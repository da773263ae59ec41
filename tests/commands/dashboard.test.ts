import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryShort } from '../../simulators/pve/index.ts';
import { type Board, boxesOf, printBoard, tickedIn } from '../../src/commands/board.ts';
import { boardCursor, dashboardPass } from '../../src/pipeline/dashboard.ts';
import { set } from '../support/deliver-lab.ts';
import { type CommandLab, commandLab, expectGolden } from './setting.ts';

const board: Board = {
  open: [
    { number: 7, words: 'postgres: memory 2048 → 3072 MiB: planned, approve, until 2026-11-21 03:34Z', box: 'look' },
  ],
  waiting: [{ number: 5, words: 'gitea: cores 2 → 3: verifying until 2026-11-20 03:44Z' }],
  limited: [{ words: 'frigate: 3 pull requests of heal are open, and the limit is 3' }],
  snoozed: [{ number: 4, words: 'nextcloud: memory 1024 → 1536 MiB: by ann until 2026-11-22 03:34Z', box: 'reopen' }],
  failed: [
    { number: 3, words: '- [x] <!-- gitmend:box look/7 --> @all\n- [x] <!-- gitmend:box look/7 -->: unknown, why' },
  ],
};

describe('the dashboard as text', () => {
  test('lists what there is, and outside text ticks no box', () => {
    const { title, body } = printBoard(board);
    expectGolden('dashboard.md', `# ${title}\n\n${body}`);
    expect(tickedIn(body, boxesOf(board))).toEqual([]);
  });

  test('says so when there is nothing', () => {
    const { title, body } = printBoard({ open: [], waiting: [], limited: [], snoozed: [], failed: [] });
    expect(title).toBe('gitmend: all is well');
    expect(body).toContain('Nothing is open');
  });

  test('of ticked boxes only those count that are offered', () => {
    const { body } = printBoard(board);
    const ticked = body.replaceAll('- [ ] ', '- [x] ').replaceAll('\n', '\r\n');
    expect(tickedIn(ticked, boxesOf(board))).toEqual([
      { deed: 'look', number: 7 },
      { deed: 'reopen', number: 4 },
    ]);
    const forged =
      '- [x] <!-- gitmend:box reopen/7 --> \n- [x] <!-- gitmend:box merge/7 -->\n- [x] <!-- gitmend:box look/999 -->';
    expect(tickedIn(forged, boxesOf(board))).toEqual([]);
  });
});

describe('the dashboard on a forge', () => {
  let lab: CommandLab;

  beforeAll(async () => {
    lab = await commandLab({
      trouble: memoryShort,
      begin: { 'gitmend.yaml': (text) => `${text.replace('window: 5s', 'window: 1s')}dashboard: true\n` },
    });
  });
  afterAll(() => lab.close());

  const pass = () => dashboardPass(lab.read, { cursors: lab.cursors });
  const issue = async () => lab.lab.forge.issue(Number(lab.cursors.values.get(boardCursor)));
  const tick = async (deed: string) => {
    const { number, body } = await issue();
    const ticked = body.replace(new RegExp(`- \\[ \\] (<!-- gitmend:box ${deed}/)`), '- [x] $1');
    expect(ticked).not.toBe(body);
    await lab.lab.forge.editIssue(number, { body: ticked });
  };

  test('is one issue, written only when something changes', async () => {
    const person = await lab.propose('more', { 'guests/gitea.yaml': set('memory', 3072) });
    await lab.plan();
    const first = await pass();
    const { updatedAt } = await issue();
    lab.clock.advance(60_000);
    expect(await pass()).toEqual({ issue: first?.issue, did: [] });
    expect((await issue()).updatedAt).toBe(updatedAt);
    expect((await issue()).body).toContain(`box look/${person} --> #${person} more: planned`);
  });

  test('a ticked box is done once, and unticked', async () => {
    lab.clock.advance(60_000);
    await tick('look');
    const shown = async () => (await lab.plan()).size;
    expect((await pass())?.did).toMatchObject([{ deed: 'look' }]);
    expect((await issue()).body).not.toContain('[x]');
    expect((await pass())?.did).toEqual([]);
    expect(await shown()).toBe(1);
  });

  test('a snoozed proposal is opened anew by its box, once, even after a crash before it was unticked', async () => {
    await lab.heal();
    const { number = 0 } = (await lab.open()).get('resize-guest') ?? {};
    await lab.ask(number, '/snooze 24h');
    await pass();
    expect((await issue()).title).toBe('gitmend: 1 open, 1 snoozed');
    await tick('reopen');
    const forge = { ...lab.read.forge, ensureIssue: () => Promise.reject(new Error('killed')) };
    await expect(dashboardPass({ ...lab.read, forge }, { cursors: lab.cursors })).rejects.toThrow('killed');
    await pass();
    const open = await lab.lab.forge.pullRequests({ state: 'open' });
    expect(open.filter(({ branch }) => branch.startsWith('gitmend/'))).toHaveLength(1);
    expect((await issue()).title).toBe('gitmend: 2 open');
  });

  test('a store that was lost finds the same issue', async () => {
    const before = await issue();
    lab.cursors.values.delete(boardCursor);
    expect((await pass())?.issue).toBe(before.number);
  });

  test('closed by a person it stays as it is, and no other one is opened', async () => {
    const { number } = await issue();
    await lab.lab.forge.editIssue(number, { state: 'closed' });
    expect(await pass()).toBeUndefined();
    expect(await lab.lab.forge.issues()).toHaveLength(1);
  });

  test('without dashboard: true there is none', async () => {
    const other = await commandLab();
    expect(await dashboardPass(other.read, { cursors: other.cursors })).toBeUndefined();
    expect(await other.lab.forge.issues()).toEqual([]);
    await other.close();
  });
});
