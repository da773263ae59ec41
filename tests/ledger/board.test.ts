import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BoardNotes, boardRef, noteOnBoard, readBoardNotes } from '../../src/ledger/board.ts';
import { at, mirror, mirrors, pushFiles, runNamed } from './support.ts';

const nothing: BoardNotes = { seen: {}, woken: {}, said: [] };
const day = 86_400_000;
const moment = (ms: number) => new Date(ms).toISOString();
const saidOf = (of: string, ms = at) => ({ of, at: moment(ms), words: `about ${of}` });

describe('what was ticked on the dashboard', () => {
  it('is nothing at first, and what was written is read elsewhere', async () => {
    const [one, other] = await mirrors(2);
    if (one === undefined || other === undefined) throw new Error('there is no mirror');
    expect(await readBoardNotes(one)).toEqual(nothing);
    const noted: BoardNotes = {
      seen: { [runNamed('a')]: moment(at), 7: moment(at) },
      woken: { 4: moment(at + day) },
      said: [saidOf('3f9c1a04b5d2'), saidOf('4', at + 1000)],
    };
    await noteOnBoard(one, at, () => noted);
    await other.fetch();
    expect(await readBoardNotes(other)).toEqual(noted);
  });

  it('is added to by two that write at once: neither loses what the other wrote', async () => {
    const [one, other] = await mirrors(2);
    if (one === undefined || other === undefined) throw new Error('there is no mirror');
    const seen = (run: string) => (before: BoardNotes) => ({ ...before, seen: { ...before.seen, [run]: moment(at) } });
    await noteOnBoard(one, at, seen('1'));
    // The other has not fetched, so its first push is refused.
    await noteOnBoard(other, at, seen('2'));
    expect(Object.keys((await readBoardNotes(other)).seen)).toEqual(['1', '2']);
  });

  it('ends when it is over, and of one line only the last is kept', async () => {
    const repo = await mirror();
    await noteOnBoard(repo, at, () => ({
      seen: { 1: moment(at - 8 * day - 1000), 2: moment(at - 7 * day) },
      woken: { 1: moment(at - 1000), 2: moment(at + 1000) },
      said: [saidOf('1', at - day - 1000), saidOf('2', at - 2000), saidOf('3', at - 3000), saidOf('2', at - 1000)],
    }));
    const { seen, woken, said } = await readBoardNotes(repo);
    expect([Object.keys(seen), Object.keys(woken)]).toEqual([['2'], ['2']]);
    expect(said.map(({ of, at: when }) => [of, Date.parse(when) - at])).toEqual([
      ['3', -3000],
      ['2', -1000],
    ]);
  });

  it('keeps the last thirty of what was said', async () => {
    const repo = await mirror();
    const said = Array.from({ length: 40 }, (_, index) => saidOf(String(index + 1), at - 60_000 + index * 1000));
    await noteOnBoard(repo, at, () => ({ ...nothing, said }));
    expect((await readBoardNotes(repo)).said.map(({ of }) => of)).toEqual(said.slice(10).map(({ of }) => of));
  });

  it.each([
    ['no JSON', 'x'],
    ['another version', JSON.stringify({ version: 2, ...nothing })],
    ['something more', JSON.stringify({ version: 1, ...nothing, merge: [7] })],
    ['a number that is none', JSON.stringify({ version: 1, ...nothing, seen: { '-7': moment(at) } })],
    ['a prototype', `{"version":1,"seen":{"__proto__":"${moment(at)}"},"woken":{},"said":[]}`],
    ['a moment that is none', JSON.stringify({ version: 1, ...nothing, woken: { 7: 'soon' } })],
  ])('that is %s was never noted, and is written over', async (_, text) => {
    const repo = await mirror();
    await pushFiles(repo, boardRef, { 'board.json': text });
    expect(await readBoardNotes(repo)).toEqual(nothing);
    await noteOnBoard(repo, at, (before) => ({ ...before, said: [saidOf('7')] }));
    expect((await readBoardNotes(repo)).said).toHaveLength(1);
  });

  it('whatever stands there, reading it ends in something or in nothing', async () => {
    const repo = await mirror();
    const value = fc.oneof(fc.json(), fc.string({ unit: 'binary' }));
    const texts = fc.sample(value, { numRuns: 8, seed: 7 });
    for (const text of texts) {
      await pushFiles(repo, boardRef, { 'board.json': text });
      expect(Object.keys(await readBoardNotes(repo))).toEqual(['seen', 'woken', 'said']);
    }
  });
});
