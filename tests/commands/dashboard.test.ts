import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryShort } from '../../simulators/pve/index.ts';
import { boardCursor, dashboardPass } from '../../src/pipeline/dashboard.ts';
import { set } from '../support/deliver-lab.ts';
import { type CommandLab, commandLab } from './setting.ts';

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
    const { body } = await issue();
    expect(body).toContain(`- #${person} **more**: planned`);
    expect(body).toContain(`  - [ ] <!-- gitmend:box look/${person} --> look again`);
    // A person is behind it: it is theirs to close.
    expect(body).not.toContain(`snooze/${person}`);
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

  test('a box that is ticked while another one is done stays ticked, and is done by the next pass', async () => {
    await pass();
    await lab.heal();
    await pass();
    const boxes = [...(await issue()).body.matchAll(/box look\/(\d+)/g)].map(([, number]) => number);
    const [first = '', second = ''] = boxes;
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
    expect(done?.did).toEqual([{ deed: 'look', of: first }]);
    expect((await issue()).body.match(/\[x\]/g)).toHaveLength(1);
    expect((await pass())?.did).toEqual([{ deed: 'look', of: second }]);
    expect((await issue()).body).not.toContain('[x]');
  });

  test('a fork is listed without a box, a proposal that somebody copied without a snooze; written by hand they do nothing', async () => {
    const { forge } = lab.read;
    const seenAs = (change: object) => ({
      ...lab.read,
      forge: {
        ...forge,
        pullRequests: async (filter: Parameters<typeof forge.pullRequests>[0]) =>
          (await forge.pullRequests(filter)).map((pr) => ({ ...pr, ...change })),
        pullRequest: async (number: number) => ({ ...(await forge.pullRequest(number)), ...change }),
      },
    });
    const { number = 0 } = (await lab.open()).get('resize-guest') ?? {};
    for (const [change, deeds] of [
      [{ fork: true }, []],
      [{ author: 'stranger' }, ['look', 'look']],
    ] as const) {
      const ground = seenAs(change);
      await dashboardPass(ground, { cursors: lab.cursors });
      const { body, number: board } = await issue();
      expect([...body.matchAll(/gitmend:box (\w+)/g)].map(([, deed]) => deed)).toEqual(deeds);
      await lab.lab.forge.editIssue(board, { body: `${body}\n- [x] <!-- gitmend:box snooze/${number} -->\n` });
      expect((await dashboardPass(ground, { cursors: lab.cursors }))?.did).toEqual([]);
    }
    expect((await lab.open()).has('resize-guest')).toBe(true);
    await pass();
  });

  test('boxes in an issue that somebody else wrote do nothing', async () => {
    const kept = await issue();
    const forged = await lab.lab.forge.openIssue({ title: 'x', body: kept.body.replaceAll('[ ]', '[x]') });
    await lab.cursors.set(boardCursor, String(forged.number));
    expect(await pass()).toEqual({ issue: kept.number, did: [] });
    await lab.lab.forge.editIssue(forged.number, { state: 'closed' });
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
    expect(await lab.lab.forge.issues()).toHaveLength(2);
  });

  test('without dashboard: true there is none', async () => {
    const other = await commandLab();
    expect(await dashboardPass(other.read, { cursors: other.cursors })).toBeUndefined();
    expect(await other.lab.forge.issues()).toEqual([]);
    await other.close();
  });
});
