import { beforeEach, describe, expect, it } from 'vitest';
import { type Listed, type Listing, listing } from '../../../src/forges/http/listing.ts';
import { oneAtATime } from '../../../src/forges/http/one-at-a-time.ts';

const begin = Date.parse('2026-11-20T03:34:00Z');
const iso = (at: number) => new Date(at).toISOString().replace('.000', '');

interface Entry extends Listed {
  title: string;
}

describe('a list of pull requests', () => {
  let now = begin;
  let there = new Map<number, Entry>();
  let asked: string[] = [];
  let list: Listing<Entry>;
  /** Told by hand in the middle of a whole list. */
  let during: () => void = () => undefined;

  const put = (number: number, entry: Partial<Entry> = {}) => {
    const old = there.get(number) ?? { number, title: 'one', state: 'open', updated_at: iso(now) };
    there.set(number, { ...old, updated_at: iso(now), ...entry });
  };
  const titles = async (state: 'open' | 'all' = 'open') =>
    (await list.of(state)).map(({ number, title }) => `${number} ${title}`);

  beforeEach(() => {
    [now, there, asked, during] = [begin, new Map(), [], () => undefined];
    list = listing<Entry>(
      {
        whole: async (state) => {
          asked.push(`whole ${state}`);
          const found = [...there.values()].filter((one) => state === 'all' || one.state === 'open');
          during();
          return found;
        },
        since: async (from) => {
          asked.push('since');
          return [...there.values()].filter(({ updated_at }) => Date.parse(updated_at) >= from);
        },
        now: () => now,
        pageSize: 2,
        perPage: 36_000,
      },
      oneAtATime(),
    );
  });

  it('is read once, and then kept by what changed: opened, edited, ended, opened again', async () => {
    put(1);
    put(2);
    expect(await titles()).toEqual(['1 one', '2 one']);
    now += 5_000;
    put(2, { title: 'two' });
    put(3);
    expect(await titles()).toEqual(['1 one', '2 two', '3 one']);
    now += 5_000;
    put(1, { state: 'closed' });
    expect(await titles()).toEqual(['2 two', '3 one']);
    now += 5_000;
    put(1, { state: 'open' });
    expect(await titles()).toEqual(['1 one', '2 two', '3 one']);
    expect(asked).toEqual(['whole open', 'since', 'since', 'since']);
  });

  it('tells what changed within the second of another change, and what was told late', async () => {
    put(1);
    await titles();
    put(1, { title: 'within the same second' });
    expect(await titles()).toEqual(['1 within the same second']);
    now += 30_000;
    put(2);
    await titles();
    put(3, { updated_at: iso(now - 15_000) });
    expect(await titles()).toEqual(['1 within the same second', '2 one', '3 one']);
  });

  it('is read as a whole again after a time for each of its pages: what was told of by nothing is there then', async () => {
    for (const number of [1, 2, 3]) put(number);
    await titles();
    now += 30_000;
    await titles();
    put(2, { title: 'unheard', updated_at: iso(begin - 60_000) });
    there.delete(3);
    now = begin + 72_000 - 1;
    expect(await titles()).toEqual(['1 one', '2 one', '3 one']);
    now += 1;
    expect(await titles()).toEqual(['1 one', '2 unheard']);
    expect(asked.filter((one) => one === 'whole open')).toHaveLength(2);
  });

  it('of all of them answers for the open ones too, and not the other way round', async () => {
    put(1);
    put(2, { state: 'closed' });
    expect(await titles()).toEqual(['1 one']);
    expect(await titles('all')).toEqual(['1 one', '2 one']);
    expect(await titles()).toEqual(['1 one']);
    expect(asked).toEqual(['whole open', 'whole all', 'since']);
  });

  it('takes what was read by itself, unless it is older', async () => {
    put(1);
    await titles();
    const old = there.get(1);
    now += 60_000;
    put(1, { title: 'new', updated_at: iso(now) });
    await titles();
    if (old !== undefined) list.note(old);
    expect(await titles()).toEqual(['1 new']);
    // A head may move without a new moment.
    there.set(1, { number: 1, title: 'moved', state: 'open', updated_at: iso(begin) });
    list.note({ number: 1, title: 'read', state: 'open', updated_at: iso(now) });
    expect(await titles()).toEqual(['1 read']);
    list.forget(1);
    there.delete(1);
    expect(await titles()).toEqual([]);
  });

  it('takes what was read while it was listed, and asks again for what changed meanwhile', async () => {
    put(1);
    put(2);
    during = () => {
      now += 90_000;
      put(1, { title: 'changed on a page that was read' });
      list.note({ number: 2, title: 'read by itself', state: 'open', updated_at: iso(begin) });
      during = () => undefined;
    };
    expect(await titles()).toEqual(['1 one', '2 read by itself']);
    // The list took longer than it is kept, here; where it did not, what changed since its beginning is asked for.
    now = begin + 60_000;
    expect(await titles()).toContain('1 changed on a page that was read');
  });

  it('is not lost to a forge that is away', async () => {
    put(1);
    await titles();
    const broken = listing<Entry>(
      {
        whole: async () => Promise.reject(new Error('away')),
        since: async () => [],
        now: () => now,
        pageSize: 2,
        perPage: 1,
      },
      oneAtATime(),
    );
    await expect(broken.of('open')).rejects.toThrow('away');
    await expect(broken.of('open')).rejects.toThrow('away');
    expect(await titles()).toEqual(['1 one']);
  });
});
