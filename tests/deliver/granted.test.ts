import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ShownLately } from '../../src/deliver/shown-lately.ts';
import type { Ground } from '../../src/deliver/world.ts';
import { planningPass } from '../../src/pipeline/deliver.ts';
import { openHome } from '../support/memory-home.ts';
import { random } from '../support/random.ts';

vi.mock('../../src/clients/proxmox/transport.ts', async () => ({
  exchange: (await import('../support/direct-pve.ts')).exchangeDirectly,
}));

const ofOne = ['reviews', 'ensureComment', 'ensureStatus', 'statuses', 'comments'] as const;

/** What is asked of one pull request is noted. */
function listening(ground: Ground, asked: string[]): Ground {
  const heard: { [name: string]: unknown } = {};
  for (const name of ofOne) {
    const original = ground.forge[name].bind(ground.forge) as (...args: unknown[]) => Promise<unknown>;
    heard[name] = async (...args: unknown[]) => {
      asked.push(name);
      return original(...args);
    };
  }
  return { ...ground, forge: { ...ground.forge, ...heard } };
}

describe('a pass over everything that may take for granted what it saw', () => {
  let home: Awaited<ReturnType<typeof openHome>>;
  let asked: string[] = [];
  const noted: string[] = [];
  const always: ShownLately = {
    begin: () => undefined,
    isThere: () => true,
    knows: () => true,
    note: (pr, what) => void noted.push(`#${pr.number} ${what.slice(0, 7)}`),
  };
  const pass = async (only?: readonly number[], anew = false, lately: ShownLately = always) => {
    asked = [];
    const [computer = home.random.pick(home.computers)] = home.computers;
    const { shown } = await planningPass(listening(home.begin('read', computer), asked), only, anew, lately);
    return shown.map(({ result }) => result);
  };
  const memory = (branch: string, mebibytes: number) =>
    home.push(branch, { 'guests/postgres.yaml': (text) => text.replace(/^memory: \d+/m, `memory: ${mebibytes}`) });
  const propose = (branch: string) =>
    home.person.ensurePullRequest({ branch, base: 'main', title: branch, body: '', labels: [] });

  beforeEach(async () => {
    noted.length = 0;
    home = await openHome(random(1));
    await memory('more', 6144);
    await propose('more');
    await pass(undefined, false, { ...always, isThere: () => false, knows: () => false });
  });

  it('says and notes what is new, and asks nothing of a plan that is the same', async () => {
    expect(asked).toContain('ensureComment');
    expect(noted).toHaveLength(1);
    expect(await pass()).toMatchObject([{ state: 'shown', fresh: false }]);
    expect(asked).toEqual([]);
  });

  it('shows a plan that became another one', async () => {
    await memory('more', 7168);
    expect(await pass()).toMatchObject([{ state: 'shown', fresh: true }]);
    expect(asked).toEqual(expect.arrayContaining(['reviews', 'ensureComment', 'ensureStatus']));
  });

  it('asks where the forge told of that one, and where somebody wants it anew', async () => {
    await pass([1]);
    expect(asked).toContain('ensureComment');
    await pass(undefined, true);
    expect(asked).toContain('ensureComment');
  });

  it('says of one that waits why it waits, and then nothing', async () => {
    const { head } = await home.person.pullRequest(1);
    await home.person.merge(1, { style: 'merge', head });
    await memory('second', 7168);
    await propose('second');
    expect(await pass(undefined, false, { ...always, isThere: () => false, knows: () => false })).toMatchObject([
      { state: 'waiting' },
    ]);
    // The merge that it waits for is judged each time, by its reviews and comments.
    const statuses = () => asked.filter((name) => /status/i.test(name));
    expect([statuses(), noted.at(-1)]).toEqual([['statuses', 'ensureStatus', 'ensureStatus'], '#2 waiting']);
    expect(await pass()).toMatchObject([{ state: 'waiting' }]);
    expect(statuses()).toEqual([]);
  });
});
