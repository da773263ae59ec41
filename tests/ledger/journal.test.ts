import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/core/run.ts';
import { emptyTree, type Repository } from '../../src/git/repository.ts';
import { holderOf } from '../../src/ledger/holder.ts';
import { appendJournal, beginJournal, journalGone, readJournals } from '../../src/ledger/journal.ts';
import { computer } from '../support/machines.ts';
import { at, mirror, mirrors, runNamed } from './support.ts';

const time = '2026-11-20T03:41:07Z';
const run = runNamed('run');

function begun(): JournalEntry & { kind: 'begun' } {
  const writer = holderOf(computer().process(), run, time);
  return {
    kind: 'begun',
    run,
    merge: 'a'.repeat(40),
    pullRequest: 7,
    actions: `sha256:${'1'.repeat(64)}`,
    writer,
    at: time,
  };
}

const intended: JournalEntry = { kind: 'intended', index: 0, at: time };
const applied: JournalEntry = { kind: 'applied', index: 0, effect: 'f00d', took: 12, at: time };

describe('a journal', () => {
  it('is read back as it was written, one commit for each transition', async () => {
    const repo = await mirror();
    const first = begun();
    const one = await beginJournal(repo, first, at);
    const two = one && (await appendJournal(repo, one, intended, at));
    const three = two && (await appendJournal(repo, two, applied, at));
    await repo.fetch();
    expect(await readJournals(repo)).toEqual([{ run, tip: three?.tip, entries: [first, intended, applied] }]);
    expect(three && (await repo.firstParents(undefined, three.tip))).toHaveLength(3);
  });

  it('is begun by one of two who begin the same run', async () => {
    const [one, other] = (await mirrors(2)) as [Repository, Repository];
    const answers = await Promise.all([beginJournal(one, begun(), at), beginJournal(other, begun(), at)]);
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
  });

  it('takes no transition of somebody who has not seen the last one', async () => {
    const [one, other] = (await mirrors(2)) as [Repository, Repository];
    const journal = await beginJournal(one, begun(), at);
    await other.fetch();
    const [same] = await readJournals(other);
    expect(journal && (await appendJournal(one, journal, intended, at))).toBeDefined();
    expect(same && (await appendJournal(other, same, intended, at))).toBeUndefined();
  });

  it('is gone with the update that ends it, unless somebody wrote to it since', async () => {
    const repo = await mirror();
    const journal = await beginJournal(repo, begun(), at);
    const later = journal && (await appendJournal(repo, journal, intended, at));
    expect(journal && (await repo.push([journalGone(journal)]))).toBe(false);
    expect(later && (await repo.push([journalGone(later)]))).toBe(true);
    await repo.fetch();
    expect(await readJournals(repo)).toEqual([]);
  });
});

describe('a journal that somebody else wrote', () => {
  async function pushed(messages: readonly string[], name = run) {
    const repo = await mirror();
    let tip: string | undefined;
    for (const message of messages)
      tip = await repo.commit({ tree: emptyTree, parents: tip === undefined ? [] : [tip], message, at });
    await repo.push([{ ref: `refs/gitmend/runs/${name}`, from: null, to: tip ?? '' }]);
    const [journal] = await readJournals(repo);
    return journal;
  }

  it('says why it cannot be read, with what could be', async () => {
    const journal = await pushed(['all is well']);
    expect(journal).toMatchObject({ entries: [] });
    expect(journal?.fault).toContain('not');
  });

  it('is not that of another run', async () => {
    const repo = await mirror();
    await beginJournal(repo, begun(), at);
    const [own] = await readJournals(repo);
    await repo.push([{ ref: `refs/gitmend/runs/${runNamed('other')}`, from: null, to: own?.tip ?? '' }]);
    const copied = (await readJournals(repo)).find((journal) => journal.run === runNamed('other'));
    expect(copied?.fault).toBe('it does not begin with the run that its ref names');
  });
});
