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
  snoozed: [{ number: 4, words: 'nextcloud: memory 1024 → 1536 MiB: by ann until 2026-11-22 03:34Z', anew: true }],
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
    expect(tickedIn(ticked, boxesOf(board))).toEqual([{ deed: 'look', number: 7 }]);
    const forged =
      '- [x] <!-- gitmend:box reopen/4 --> \n- [x] <!-- gitmend:box merge/7 -->\n- [x] <!-- gitmend:box look/999 -->';
    expect(tickedIn(forged, boxesOf(board))).toEqual([]);
  });
});

describe('a dashboard that is long', () => {
  const items = (words: string, count: number) =>
    Array.from({ length: count }, (_, at) => ({ number: at + 1, words, box: 'look' as const }));
  const all = (list: Board['open']): Board => ({
    open: list,
    waiting: list,
    limited: list,
    snoozed: list,
    failed: list,
  });

  test.each(['_'.repeat(240), '<'.repeat(240), 'postgres: '.padEnd(240, 'a')])(
    'of %s is under every limit',
    (words) => {
      const { body } = printBoard(all(items(words, 300)));
      expect(body.length).toBeLessThan(60_000);
      expect(body).toMatch(/- and 2\d\d more\n/);
      expect(body).toContain('Closing this issue stops it');
    },
  );

  test('of 60 short lines shows 50 and counts the others', () => {
    const { body } = printBoard({ ...all([]), open: items('a', 60) });
    expect(body.match(/box look/g)).toHaveLength(50);
    expect(body).toContain('- and 10 more\n');
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
  const tick = async (box: string) => {
    const { number, body } = await issue();
    const ticked = body.replace(new RegExp(`- \\[ \\] (<!-- gitmend:box ${box})`), '- [x] $1');
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

  test('a crash between a deed and the writing does it again, and then unticks it', async () => {
    lab.clock.advance(60_000);
    await tick('look');
    const forge = { ...lab.read.forge, ensureIssue: () => Promise.reject(new Error('killed')) };
    await expect(dashboardPass({ ...lab.read, forge }, { cursors: lab.cursors })).rejects.toThrow('killed');
    expect((await pass())?.did).toMatchObject([{ deed: 'look' }]);
    expect((await pass())?.did).toEqual([]);
  });

  test('a snoozed proposal has no box: nobody knows who ticks one, so it says which command opens it anew', async () => {
    await lab.heal();
    const { number = 0 } = (await lab.open()).get('resize-guest') ?? {};
    await lab.ask(number, '/snooze 24h');
    await pass();
    const board = await issue();
    expect(board.title).toBe('gitmend: 1 open, 1 snoozed');
    expect(board.body).toContain(`(\`/retry\` on #${number} by an approver opens it anew)`);
    const forged = `${board.body}\n- [x] <!-- gitmend:box reopen/${number} -->\n- [x] <!-- gitmend:box look/${number} -->`;
    await lab.lab.forge.editIssue(board.number, { body: forged });
    expect((await pass())?.did).toEqual([]);
    expect((await lab.open()).has('resize-guest')).toBe(false);
    await lab.ask(number, '/retry');
  });

  test('a box that is ticked while another one is done stays ticked, and is done by the next pass', async () => {
    await pass();
    const boxes = [...(await issue()).body.matchAll(/box look\/(\d+)/g)].map(([, number]) => Number(number));
    const [first = 0, second = 0] = boxes;
    expect(boxes).toHaveLength(2);
    await tick(`look/${first} `);
    let ticked = false;
    const ensureStatus: typeof lab.read.forge.ensureStatus = async (...args) => {
      if (!ticked) await tick(`look/${second} `);
      ticked = true;
      return lab.read.forge.ensureStatus(...args);
    };
    const forge = { ...lab.read.forge, ensureStatus };
    const done = await dashboardPass({ ...lab.read, forge }, { cursors: lab.cursors });
    expect(done?.did).toEqual([{ deed: 'look', number: first }]);
    expect((await issue()).body.match(/\[x\]/g)).toHaveLength(1);
    expect((await pass())?.did).toEqual([{ deed: 'look', number: second }]);
    expect((await issue()).body).not.toContain('[x]');
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
