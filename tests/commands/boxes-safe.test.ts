import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryShort } from '../../simulators/pve/index.ts';
import type { Ground } from '../../src/deliver/world.ts';
import type { Forge } from '../../src/forges/forge.ts';
import { dashboardPass } from '../../src/pipeline/dashboard.ts';
import { snoozeIn } from '../../src/records/snooze.ts';
import { begin, bothShort, healOf, onBoard } from './boards.ts';
import { type CommandLab, commandLab } from './setting.ts';

/** The same ground, killed at its nth write: that one and every later one fail. */
function killedAt(ground: Ground, nth: number): Ground {
  let writes = 0;
  const counted =
    <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> => {
      writes += 1;
      return writes >= nth ? Promise.reject(new Error('killed')) : write(...args);
    };
  const { forge, repo } = ground;
  const counting: Partial<Forge> = {
    ensurePullRequest: counted((wanted) => forge.ensurePullRequest(wanted)),
    close: counted((...args) => forge.close(...args)),
    ensureIssue: counted((wanted) => forge.ensureIssue(wanted)),
    ensureComment: counted((...args) => forge.ensureComment(...args)),
    ensureStatus: counted((...args) => forge.ensureStatus(...args)),
  };
  return {
    ...ground,
    forge: { ...forge, ...counting },
    repo: { ...repo, push: counted((updates: Parameters<typeof repo.push>[0]) => repo.push(updates)) },
  };
}

describe('a box whose deed is killed', () => {
  let lab: CommandLab;
  let board: ReturnType<typeof onBoard>;

  beforeAll(async () => {
    lab = await commandLab({ trouble: memoryShort, begin });
    board = onBoard(lab);
    await healOf(lab, 200);
    await board.body();
  });
  afterAll(async () => expect(await lab.close()).toEqual([]));

  const proposals = async () =>
    (await lab.lab.forge.pullRequests({ state: 'all' })).filter(({ branch }) => branch.startsWith('gitmend/resize'));
  const openOnes = async () => (await proposals()).filter(({ state }) => state === 'open');
  /** Ticks it, kills what does it at the nth write, and lets the next pass end it. */
  const killed = async (box: string, nth: number) => {
    await board.tick(box);
    await dashboardPass(killedAt(lab.read, nth), { cursors: lab.cursors }).catch((error: unknown) => {
      expect(String(error)).toContain('killed');
    });
    lab.clock.advance(1_000);
    await board.pass();
    const after = await board.did();
    expect(after).toEqual([]);
    expect((await board.issue()).body).not.toContain('[x]');
  };

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('at write %i of it is done once, and unticked', async (nth) => {
    const number = (await openOnes())[0]?.number ?? 0;
    await killed(`snooze/${number}`, nth);
    const closed = await lab.lab.forge.pullRequest(number);
    expect(closed.state).toBe('closed');
    expect(closed.body.match(/gitmend:snooze/g)).toHaveLength(1);
    expect(Date.parse(snoozeIn(closed.body)?.until ?? '')).toBeGreaterThan(lab.clock.now());
    expect((await board.issue()).title).toBe('gitmend: 1 snoozed');

    const before = (await proposals()).length;
    await killed(`wake/${number}`, nth);
    expect(await openOnes()).toHaveLength(1);
    expect(await proposals()).toHaveLength(before + 1);
    expect((await board.issue()).title).toBe('gitmend: 1 open');
  });

  test('on two replicas at once is done once', async () => {
    const number = (await openOnes())[0]?.number ?? 0;
    await board.tick(`snooze/${number}`);
    await Promise.allSettled([board.pass(), board.pass()]);
    await board.pass();
    expect(await openOnes()).toEqual([]);
    expect((await board.issue()).title).toBe('gitmend: 1 snoozed');
    await board.tick(`wake/${number}`);
    await Promise.allSettled([board.pass(), board.pass()]);
    await board.pass();
    expect(await openOnes()).toHaveLength(1);
    expect((await board.issue()).body).not.toContain('[x]');
  });
});

describe('where policy lets gitmend merge by itself', () => {
  let lab: CommandLab;
  let board: ReturnType<typeof onBoard>;

  beforeAll(async () => {
    const auto = (text: string) => text.replaceAll('level: approve\n', 'level: auto\n');
    lab = await commandLab({ trouble: bothShort, begin: { ...begin, 'policies/guests.yaml': auto } });
    board = onBoard(lab);
    expect(await healOf(lab, 201)).toEqual(['opened']);
    expect(await healOf(lab, 200)).toEqual(['too-many-open']);
  });
  afterAll(async () => expect(await lab.close()).toEqual([]));

  const limited = async () => /open\/[0-9a-f]{12}/.exec(await board.body())?.[0] ?? 'none';
  const all = async () => lab.lab.forge.pullRequests({ state: 'all' });

  test('no box opens what would be merged without a person', async () => {
    const box = await limited();
    await board.tick(box);
    expect(await board.did()).toEqual([box]);
    expect(await all()).toHaveLength(1);
    expect((await board.issue()).body).toContain('no box opens it');
    // It is still held back by the limit, and that is still what stands there.
    expect(await limited()).toBe(box);
  });

  test('with runner: ci a person merges, so it is opened, and CI is asked for plans', async () => {
    const declaredAt: Ground['declaredAt'] = async (commit) => {
      const found = await lab.read.declaredAt(commit);
      return found.config === undefined ? found : { ...found, config: { ...found.config, runner: 'ci' } };
    };
    const ground = { ...lab.read, declaredAt };
    const asked: [number, boolean][] = [];
    const setup = {
      cursors: lab.cursors,
      dispatchPlan: async (number: number, { anew }: { anew: boolean }) => void asked.push([number, anew]),
    };
    const box = await limited();
    await board.tick(box);
    expect((await dashboardPass(ground, setup))?.did).toEqual([{ deed: 'open', of: box.slice('open/'.length) }]);
    const opened = (await all()).at(-1);
    expect(opened?.title).toContain('postgres');
    await board.tick(`look/${opened?.number ?? 0}`);
    await dashboardPass(ground, setup);
    expect(asked).toEqual([[opened?.number, true]]);
    expect((await board.issue()).body).toContain('CI was asked to plan it anew');
  });
});
