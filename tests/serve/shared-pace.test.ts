import { describe, expect, it, test } from 'vitest';
import { GitmendError } from '../../src/core/errors.ts';
import { openGithubForge } from '../../src/forges/github/index.ts';
import { paced } from '../../src/forges/http/pace.ts';
import { sharedPace } from '../../src/serve/shared-pace.ts';
import { githubStandIn } from '../forges/github/stand-in.ts';
import { onBothEngines, onPostgres, opened } from '../store/engines.ts';
import { testClock } from '../support/test-clock.ts';

/** Two processes on one store, and the clock that both go by. */
async function replicas(where: Parameters<typeof opened>[0]) {
  const stores = [await opened(where), await opened(where)];
  return stores.map(({ cursors }) => {
    const pace = sharedPace(where.clock);
    pace.join(cursors);
    return pace;
  });
}

onBothEngines('the pace of writes', (engine) => {
  test('is one for all who share a store: every turn is a second after another one', async () => {
    const clock = testClock();
    const both = await replicas({ ...(await engine.empty()), clock });
    const turns = await Promise.all([...both, ...both].map((pace) => pace.reserve(1000)));
    expect(turns.toSorted().map((turn) => turn - clock.now())).toEqual([0, 1000, 2000, 3000]);
    clock.advance(60_000);
    expect(await both[0]?.reserve(1000)).toBe(clock.now());
  });

  test('waits for all of them where one was told to', async () => {
    const clock = testClock();
    const [one, other] = await replicas({ ...(await engine.empty()), clock });
    await one?.hold(60_000);
    expect(await other?.reserve(1000)).toBe(clock.now() + 60_000);
    expect(await one?.reserve(1000)).toBe(clock.now() + 61_000);
  });

  test('believes no clock that is minutes ahead', async () => {
    const clock = testClock();
    const where = { ...(await engine.empty()), clock };
    const [one] = await replicas(where);
    const ahead = testClock(clock.now() + 3_600_000);
    const [wrong] = await replicas({ ...where, clock: ahead });
    await wrong?.hold(60_000);
    expect(await one?.reserve(1000)).toBe(clock.now());
  });
});

describe('the pace of a process', () => {
  it('is its own without a store, and while the store is away', async () => {
    const clock = testClock();
    const begun = clock.now();
    const pace = sharedPace(clock);
    expect(await pace.reserve(1000)).toBe(begun);
    const away = async () => Promise.reject(new GitmendError('STORE_UNREACHABLE', 'away'));
    pace.join({ get: away, set: away, swap: away });
    await pace.hold(60_000);
    const turn = paced(clock, 1000, pace);
    for (let at = 0; at < 3; at += 1) await turn();
    expect(clock.now() - begun).toBe(2000);
  });

  it('goes on where others are quicker every time', async () => {
    const clock = testClock();
    const pace = sharedPace(clock);
    let tried = 0;
    pace.join({ get: async () => '1', set: async () => undefined, swap: async () => (tried += 1) < 0 });
    expect([await pace.reserve(1000), tried]).toEqual([clock.now(), 10]);
  });
});

onPostgres('two services on one PostgreSQL and one GitHub', (engine) => {
  test('write a second apart together, and the one rests when the other was told to', async () => {
    const { github, clock, forge, dispose } = await githubStandIn();
    const { number } = await forge.ensureIssue({ marker: 'one', title: 'one', body: '', labels: [] });
    const { url, repository } = github;
    const identity = { token: github.token('gitmend') };
    const at: number[] = [];
    const [one, other] = await Promise.all(
      (await replicas({ ...(await engine.empty()), clock })).map((shared) =>
        openGithubForge({ url, repository, identity, clock, shared }),
      ),
    );
    for (const [name, by] of [
      ['a', one],
      ['b', other],
      ['c', one],
      ['d', other],
    ] as const) {
      await by?.ensureComment(number, name, name);
      at.push(clock.now());
    }
    expect(at.map((moment) => moment - (at[0] ?? 0))).toEqual([0, 1000, 2000, 3000]);
    const before = clock.now();
    const message = 'You have exceeded a secondary rate limit.';
    const headers = { 'retry-after': '60' };
    github.faults.inject({ fault: 'status', status: 403, headers, message, method: 'POST', path: /comments$/ });
    await one?.ensureComment(number, 'e', 'e');
    await other?.ensureComment(number, 'f', 'f');
    expect(clock.now() - before).toBeGreaterThanOrEqual(62_000);
    await dispose();
  });
});
