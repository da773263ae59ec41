import { describe, expect, it } from 'vitest';
import { canonical } from '../../src/core/json.ts';
import { emptyTree, type Repository } from '../../src/git/repository.ts';
import { holderOf, type Machine } from '../../src/ledger/holder.ts';
import { acquireLocks, lockRef, readLock, releaseLeft, releaseLocks } from '../../src/ledger/locks.ts';
import { computer } from '../support/machines.ts';
import { at, mirror, mirrors } from './support.ts';

const time = '2026-11-20T03:41:07Z';
const postgres = 'home/lxc/200';
const nextcloud = 'home/lxc/201';

async function acquire(repo: Repository, machine: Machine, run = 'run', targets: readonly string[] = [postgres]) {
  await repo.fetch();
  return acquireLocks(repo, targets, holderOf(machine, run, time), machine, at);
}

async function held(repo: Repository): Promise<string[]> {
  await repo.fetch();
  return [...(await repo.refs('refs/gitmend/locks')).keys()].toSorted();
}

describe('a lock', () => {
  it('holds the target and the cluster that contains it', async () => {
    const repo = await mirror();
    const taken = await acquire(repo, computer().process());
    expect(taken.ok && taken.locks.map(({ target }) => target)).toEqual(['home', postgres]);
    expect(await held(repo)).toEqual([lockRef('home'), lockRef(postgres)].toSorted());
  });

  it('is given to exactly one of two who ask with the same input in the same moment', async () => {
    const [one, other] = (await mirrors(2)) as [Repository, Repository];
    const machine = computer().process();
    for (let round = 0; round < 5; round += 1) {
      const answers = await Promise.all([acquire(one, machine), acquire(other, machine)]);
      const winners = answers.filter(({ ok }) => ok);
      expect(winners).toHaveLength(1);
      for (const winner of winners) if (winner.ok) await releaseLocks(one, winner.locks);
      expect(await held(one)).toEqual([]);
    }
  });

  it('is refused to another guest of the same cluster, naming who holds it', async () => {
    const [one, other] = (await mirrors(2)) as [Repository, Repository];
    const here = computer();
    const first = here.process();
    await acquire(one, first, 'aaaaaaaa');
    expect(await acquire(other, here.process(), 'bbbbbbbb', [nextcloud])).toMatchObject({
      ok: false,
      target: 'home',
      holder: { run: 'aaaaaaaa', pid: first.pid },
      why: `run aaaaaaa on bench (pid ${first.pid}) holds home since ${time}`,
    });
  });

  it('is taken for all targets or for none', async () => {
    const repo = await mirror();
    const here = computer();
    await acquire(repo, here.process(), 'run', ['away/lxc/300']);
    expect(await acquire(repo, here.process(), 'run', [postgres, 'away/lxc/301'])).toMatchObject({
      ok: false,
      target: 'away',
    });
    expect(await held(repo)).toEqual([lockRef('away'), lockRef('away/lxc/300')].toSorted());
  });

  it('is not given back by whoever lost it', async () => {
    const [one, other] = (await mirrors(2)) as [Repository, Repository];
    const here = computer();
    const first = here.process();
    const mine = await acquire(one, first);
    here.kill(first);
    const theirs = await acquire(other, here.process());
    expect(theirs.ok).toBe(true);
    if (mine.ok) await releaseLocks(one, mine.locks);
    expect(await held(one)).toHaveLength(2);
  });
});

describe('taking a lock over', () => {
  it('happens where the holder is proven gone', async () => {
    const repo = await mirror();
    const here = computer();
    const dead = here.process();
    await acquire(repo, dead, 'dead');
    here.kill(dead);
    const taken = await acquire(repo, here.process(), 'next');
    expect(taken.ok).toBe(true);
    expect(await readLock(repo, postgres)).toMatchObject({ holder: { run: 'next' } });
  });

  it('succeeds for exactly one of two who have the proof', async () => {
    const [one, other] = (await mirrors(2)) as [Repository, Repository];
    const here = computer();
    const dead = here.process();
    await acquire(one, dead);
    here.kill(dead);
    const answers = await Promise.all([acquire(one, here.process()), acquire(other, here.process())]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it('does not happen from another machine, however long ago the holder died', async () => {
    const repo = await mirror();
    const there = computer('there');
    const dead = there.process();
    await acquire(repo, dead);
    there.kill(dead);
    expect(await acquire(repo, computer('here').process())).toMatchObject({ ok: false, holder: { host: 'there' } });
  });

  it.each([
    ['is no JSON', 'held by me'],
    ['names another target', canonical({ target: nextcloud, holder: holderOf(computer().process(), 'run', time) })],
    ['has no holder', canonical({ target: postgres, holder: null })],
    [
      'has a holder without a boot',
      canonical({ target: postgres, holder: { ...holderOf(computer().process(), 'run', time), boot: 7 } }),
    ],
  ])('does not happen where the lock %s', async (_, message) => {
    const repo = await mirror();
    const commit = await repo.commit({ tree: emptyTree, parents: [], message, at });
    await repo.push([{ ref: lockRef(postgres), from: null, to: commit }]);
    const answer = await acquire(repo, computer().process());
    expect(answer).toMatchObject({ ok: false, target: postgres });
    expect(!answer.ok && answer.why).toContain('cannot be read');
    expect(await readLock(repo, postgres)).toEqual({ commit, holder: 'unreadable' });
    expect(await held(repo)).toEqual([lockRef(postgres)]);
  });
});

describe('what a run left', () => {
  it('is given back by whoever goes on with the run, and nothing else is', async () => {
    const repo = await mirror();
    const here = computer();
    await acquire(repo, here.process(), 'mine');
    await acquire(repo, here.process(), 'theirs', ['away/lxc/300']);
    await releaseLeft(repo, 'mine');
    expect(await held(repo)).toEqual([lockRef('away'), lockRef('away/lxc/300')].toSorted());
  });

  it('is not believed where the lock stands at another place than it says', async () => {
    const repo = await mirror();
    const message = canonical({ target: nextcloud, holder: holderOf(computer().process(), 'mine', time) });
    const commit = await repo.commit({ tree: emptyTree, parents: [], message, at });
    await repo.push([{ ref: lockRef(postgres), from: null, to: commit }]);
    await releaseLeft(repo, 'mine');
    expect(await held(repo)).toEqual([lockRef(postgres)]);
  });
});

it('shows nothing where nobody holds the target', async () => {
  expect(await readLock(await mirror(), postgres)).toBeUndefined();
});
