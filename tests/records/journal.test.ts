import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Holder, JournalEntry } from '../../src/core/run.ts';
import { parseJournalEntry, printJournalEntry } from '../../src/records/journal.ts';
import { hex, sha } from './examples.ts';
import { expectGolden } from './golden.ts';
import { hostileText, runs } from './hostile.ts';

const at = '2026-11-20T03:41:07Z';
const writer: Holder = {
  nonce: 'n1',
  run: hex('4', 40),
  host: 'runner',
  machine: 'm',
  boot: 'b',
  pidNamespace: 'pid:[4026531836]',
  pid: 77,
  started: '12345',
  at,
};
const entries: JournalEntry[] = [
  { kind: 'begun', run: hex('4', 40), merge: hex('9', 40), pullRequest: 42, actions: sha('7'), writer, at },
  { kind: 'intended', index: 0, at },
  { kind: 'applied', index: 0, effect: 'sha1:5f2c', took: 1340, at },
  { kind: 'verifying', from: at, until: '2026-11-20T03:51:07Z', at },
  { kind: 'look', state: 'holds', why: 'usage is 64 % of 3072 MiB', observed: { usage: 0.64 }, at },
  { kind: 'ended', outcome: 'verified', reason: '', message: 'usage is 64 %', at },
];

describe('a journal entry', () => {
  it('is a line that people read, and what the next runner reads', () => {
    expectGolden('journal.txt', entries.map(printJournalEntry).join('\n---\n'));
  });

  it.each(entries)('is read back as it was written: $kind', (entry) => {
    expect(parseJournalEntry(printJournalEntry(entry))).toEqual({ entry });
    expect(parseJournalEntry(printJournalEntry(entry).trimEnd())).toEqual({ entry });
  });

  it('names the run of CI whose job wrote it', () => {
    const ci = { server: 'https://git.home.lan', repository: 'ops/homelab', run: '41', attempt: 1 };
    const [begun] = entries as [JournalEntry & { kind: 'begun' }];
    const entry = { ...begun, writer: { ...writer, ci } };
    expect(parseJournalEntry(printJournalEntry(entry))).toEqual({ entry });
    const forged = printJournalEntry(entry).replace('"attempt":1', '"attempt":"one"');
    expect(parseJournalEntry(forged)).toHaveProperty('fault');
  });

  it('names what a look could not see, and need not', () => {
    const look = entries[4] as JournalEntry & { kind: 'look' };
    const blind: JournalEntry = { ...look, notObserved: ['kills for lack of memory', 'swapping in'] };
    expect(parseJournalEntry(printJournalEntry(blind))).toEqual({ entry: blind });
    const wrong = printJournalEntry(blind).replace('"swapping in"', '7');
    expect(parseJournalEntry(wrong)).toEqual({ fault: expect.stringMatching(/notObserved/) as string });
  });

  it('is read back whatever its texts hold', () => {
    fc.assert(
      fc.property(hostileText, (outside) => {
        const text = outside.toWellFormed();
        const entry: JournalEntry = { kind: 'ended', outcome: 'unknown', reason: text, message: text, at };
        expect(parseJournalEntry(printJournalEntry(entry))).toEqual({ entry });
      }),
      runs(300),
    );
  });
});

describe('a journal entry that somebody else wrote', () => {
  const intended = printJournalEntry({ kind: 'intended', index: 0, at });
  it.each([
    ['nothing', '', 'it is not JSON'],
    ['a sentence', 'I applied it, trust me', 'it is not JSON'],
    ['another kind', intended.replace('"intended"', '"approved"'), /kind/],
    ['more than it should hold', intended.replace('{', '{"force":true,'), /force/],
    ['a step before the first', intended.replace('"index":0', '"index":-1'), /index/],
    ['another subject', intended.replace('step 1', 'step 2'), 'it is not as gitmend writes it'],
    [
      'another order',
      'intended: step 1\n\n{"kind":"intended","index":0,"at":"2026-11-20T03:41:07Z"}\n',
      'it is not as gitmend writes it',
    ],
    ['half a character', `intended: step 1\n\n{"at":"\\ud800"}`, 'it holds half of a character'],
    ['endless nesting', `x\n\n${'{"a":'.repeat(50_000)}`, /it is/],
  ])('is a fault, never an exception: %s', (_, message, fault) => {
    const read = parseJournalEntry(message);
    expect('fault' in read ? read.fault : '').toMatch(fault);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          hostileText,
          fc.json().map((json) => `look: holds\n\n${json}`),
        ),
        (message) => {
          expect('fault' in parseJournalEntry(message)).toBe(true);
        },
      ),
      runs(500),
    );
  });
});
