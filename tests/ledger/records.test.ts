import { describe, expect, it } from 'vitest';
import type { Repository } from '../../src/git/repository.ts';
import { correlationOf } from '../../src/core/correlation.ts';
import { appendRecord, readChain, recordsRef } from '../../src/ledger/records.ts';
import { printRecord } from '../../src/records/record.ts';
import { at, mirror, mirrors, pushFiles, record } from './support.ts';

const folder = 'records/2026/11';

async function runsIn(repo: Repository): Promise<string[]> {
  await repo.fetch();
  const chain = await readChain(repo);
  return chain.ok ? chain.records.map(({ record: { run } }) => run) : [chain.why];
}

describe('the chain of records', () => {
  it('is empty before the first', async () => {
    expect(await readChain(await mirror())).toEqual({ ok: true, tip: undefined, records: [] });
  });

  it('holds each run once, whoever appends it and however often', async () => {
    const repo = await mirror();
    expect((await appendRecord(repo, record('a'), { at })).added).toBe(true);
    expect((await appendRecord(repo, record('a', { outcome: 'not-verified' }), { at })).added).toBe(false);
    const { chain } = await appendRecord(repo, record('b'), { at });
    expect(chain.records.map(({ record: { run, outcome } }) => [run, outcome])).toEqual([
      [record('a').run, 'verified'],
      [record('b').run, 'verified'],
    ]);
    expect(chain.records[1]?.record.previous).toBe(chain.records[0]?.digest);
  });

  it('takes what several machines append in the same moment, each once and in one line', async () => {
    const repos = await mirrors(4);
    const names = ['a', 'b', 'c', 'd'];
    await Promise.all(repos.map((repo, index) => appendRecord(repo, record(names[index] ?? ''), { at })));
    const [first] = repos as [Repository];
    expect((await runsIn(first)).toSorted()).toEqual(names.map((name) => record(name).run).toSorted());
  });

  it('takes the same run of two machines once', async () => {
    const [one, other] = (await mirrors(2)) as [Repository, Repository];
    const answers = await Promise.all([one, other].map((repo) => appendRecord(repo, record('a'), { at })));
    expect(answers.filter(({ added }) => added)).toHaveLength(1);
    expect(await runsIn(one)).toEqual([record('a').run]);
  });

  it('keeps plan, comment and journal beside the record, in the same commit', async () => {
    const repo = await mirror();
    await appendRecord(repo, record('a'), { at, folded: { 'plan.json': '{}\n', 'journal.txt': 'begun\n' } });
    const tip = (await repo.tip(recordsRef)) ?? '';
    expect([...(await repo.tree(tip)).keys()]).toEqual(
      ['journal.txt', 'plan.json', 'yaml'].map((ending) => `${folder}/${record('a').run}.${ending}`),
    );
    expect(await repo.message(tip)).toBe(`verified: change postgres\n\nGitmend-Run: ${record('a').run}`);
  });

  it('names in its commit what correlates it with the log lines about its signal', async () => {
    const repo = await mirror();
    const signal = {
      name: 'LxcMemoryHigh',
      fingerprint: '3f9c1a7be04d2c65',
      labels: {},
      startsAt: '2026-11-20T03:12:00Z',
    };
    await appendRecord(repo, record('a', { signal }), { at });
    const message = await repo.message((await repo.tip(recordsRef)) ?? '');
    expect(message).toContain(`\nGitmend-Correlation: ${correlationOf(signal)}`);
  });

  it('does not mind what else lies on the branch', async () => {
    const repo = await mirror();
    await appendRecord(repo, record('a'), { at });
    await pushFiles(repo, recordsRef, { 'README.md': 'records\n' });
    expect(await runsIn(repo)).toEqual([record('a').run]);
  });
});

describe('a chain that somebody changed', () => {
  async function chainOf(...names: string[]): Promise<Repository> {
    const repo = await mirror();
    for (const name of names) await appendRecord(repo, record(name), { at });
    return repo;
  }

  it.each([
    [
      'a record was changed',
      async (repo: Repository) => {
        const chain = await readChain(repo);
        const first = chain.ok ? chain.records[0] : undefined;
        if (first !== undefined)
          await pushFiles(repo, recordsRef, {
            [first.path]: printRecord({ ...first.record, outcome: 'not-verified' }),
          });
      },
      'follows a record that is not there or was changed',
    ],
    [
      'a record was deleted',
      (repo: Repository) => pushFiles(repo, recordsRef, { [`${folder}/${record('a').run}.yaml`]: null }),
      'follows a record that is not there or was changed',
    ],
    [
      'a second record follows the same one',
      (repo: Repository) =>
        pushFiles(repo, recordsRef, { [`${folder}/${record('x').run}.yaml`]: printRecord(record('x')) }),
      'both follow none',
    ],
    [
      'a record cannot be read',
      (repo: Repository) => pushFiles(repo, recordsRef, { [`${folder}/${record('b').run}.yaml`]: 'outcome: fine\n' }),
      'cannot be read',
    ],
  ])('is broken where %s, and takes nothing more', async (_, change, why) => {
    const repo = await chainOf('a', 'b');
    await change(repo);
    await repo.fetch();
    const chain = await readChain(repo);
    expect(chain).toMatchObject({ ok: false });
    expect(!chain.ok && chain.why).toContain(why);
    await expect(appendRecord(repo, record('c'), { at })).rejects.toMatchObject({ code: 'RECORDS_TAMPERED' });
  });
});
