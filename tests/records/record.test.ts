import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areas } from '../../src/core/area.ts';
import type { RunRecord } from '../../src/core/run.ts';
import { parseRecord, printRecord, recordSubject } from '../../src/records/record.ts';
import { runRecord, sha } from './examples.ts';
import { expectGolden } from './golden.ts';
import { hostileText, runs } from './hostile.ts';

describe('a record, as people read it', () => {
  it('holds one thing per line, in the order of the story', () => {
    expectGolden('record.yaml', printRecord(runRecord));
  });

  it('says why nothing was changed', () => {
    const record: RunRecord = {
      version: 1,
      run: 'a'.repeat(40),
      outcome: 'no-change',
      reason: 'page-cache',
      message: 'page cache, not memory: 31 % without it',
      target: 'home/lxc/201',
      name: 'nextcloud',
      fingerprint: 'cccccccccccc',
      findings: [{ finding: 'pointer-tampered', message: 'refs/gitmend/applied did not follow\nfrom the records' }],
      at: '2026-11-17T09:02:00Z',
    };
    expectGolden('record-no-change.yaml', printRecord(record));
    expect(parseRecord(printRecord(record))).toEqual({ ok: true, value: record, warnings: [] });
  });
});

describe("the subject of a record's commit", () => {
  const base = { version: 1 as const, run: 'a'.repeat(40), at: '2026-11-17T09:02:00Z' };
  it.each([
    [runRecord, 'verified: resize-guest postgres'],
    [
      { ...base, outcome: 'adopted' as const, message: '5 of 5 guests are as 1a2b3c4 declares them' },
      'adopted: 5 of 5 guests are as 1a2b3c4 declares them',
    ],
    [{ ...base, outcome: 'adopted' as const }, 'adopted: what is live as declared'],
    [
      { ...base, outcome: 'no-change' as const, name: 'nextcloud', reason: 'page-cache' },
      'no-change: nextcloud (page-cache)',
    ],
    [{ ...base, outcome: 'not-verified' as const, target: 'home/lxc/201' }, 'not-verified: change home/lxc/201'],
    [
      { ...base, outcome: 'verified' as const, pullRequest: { ...runRecord.pullRequest!, number: 7 } },
      'verified: change of #7',
    ],
    [{ ...base, outcome: 'unknown' as const }, 'unknown: change'],
    [{ ...base, outcome: 'report-only' as const, name: 'a\nb\u001b[2J' }, 'report-only: a b [2J'],
  ])('says what it is about, on one line: %#', (record, subject) => {
    expect(recordSubject(record)).toBe(subject);
  });

  it('is read back with what was not observed', () => {
    const verification = { ...runRecord.verification!, notObserved: ['kills for lack of memory'] };
    const blind: RunRecord = { ...runRecord, verification };
    expect(printRecord(blind)).toContain('notObserved: [ kills for lack of memory ]');
    expect(parseRecord(printRecord(blind))).toEqual({ ok: true, value: blind, warnings: [] });
  });
});

const text = hostileText.map((one) => one.toWellFormed());
const values = fc.dictionary(
  text,
  fc.jsonValue().filter((value) => !JSON.stringify(value).includes('-0')),
  { maxKeys: 3, noNullPrototype: true },
);
const time = fc.constantFrom('2026-11-20T03:41:07Z', '2026-12-31T23:59:59.999Z');
const record = fc.record(
  {
    version: fc.constant(1 as const),
    run: fc.stringMatching(/^[0-9a-f]{40}$/),
    outcome: fc.constantFrom('verified' as const, 'not-applied' as const, 'report-only' as const),
    reason: text,
    message: text,
    name: text,
    target: text,
    signal: fc.record({
      name: text,
      fingerprint: text,
      labels: fc.dictionary(text, text, { noNullPrototype: true }),
      startsAt: text,
    }),
    operations: fc.array(text, { maxLength: 3 }),
    steps: fc.array(
      fc.record({
        target: text,
        action: text,
        before: values,
        after: values,
        at: time,
        took: text,
        effect: text,
        undo: text,
      }),
      { maxLength: 2 },
    ),
    applied: fc.record(
      {
        merge: text,
        fields: fc.dictionary(text, fc.array(text), { maxKeys: 3, noNullPrototype: true }),
        areas: fc.subarray([...areas]),
      },
      { requiredKeys: ['merge', 'fields'] },
    ),
    verification: fc.record({ window: text, looks: fc.nat(), observed: values }),
    at: time,
    previous: fc.constant(sha('d')),
  },
  { requiredKeys: ['version', 'run', 'outcome', 'at'], noNullPrototype: true },
);

describe('a record, read back', () => {
  it('is the same record', () => {
    expect(parseRecord(printRecord(runRecord))).toEqual({ ok: true, value: runRecord, warnings: [] });
  });

  it('is the same record whatever its texts hold', () => {
    fc.assert(
      fc.property(record, (one) => {
        expect(parseRecord(printRecord(one as RunRecord))).toEqual({ ok: true, value: one, warnings: [] });
      }),
      runs(400),
    );
  });

  it.each([
    ['nothing', '', /.+/],
    ['not YAML', 'a: [', /is not YAML/],
    [
      'a version of the future',
      printRecord(runRecord).replace('version: 1', 'version: 2'),
      /version: is not a version that this gitmend reads/,
    ],
    [
      'an outcome that does not exist',
      printRecord(runRecord).replace('outcome: verified', 'outcome: great'),
      /outcome/,
    ],
    ['a field that does not exist', `${printRecord(runRecord)}extra: 1\n`, /extra/],
    [
      'a digest that is none',
      printRecord(runRecord).replace('previous: sha256:b', 'previous: sha256:z'),
      /previous: is not a digest/,
    ],
    ['a bomb of aliases', 'a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n', /repeats itself/],
    ['endless nesting', '['.repeat(100_000), /nested too deeply|not YAML/],
    ['half a character', `version: 1\nrun: "\\ud800"\n`, /half of a character/],
    ['far too much', 'x'.repeat(1024 * 1024 + 1), /too long/],
  ])('names what is wrong with %s', (_, yaml, problem) => {
    const read = parseRecord(yaml);
    expect(read.ok).toBe(false);
    expect(read.ok ? '' : read.faults.map((fault) => fault.problem).join('; ')).toMatch(problem);
  });

  it('names every fault at once', () => {
    const read = parseRecord('version: 1\nrun: ""\noutcome: x\nat: yesterday\n');
    expect(read.ok ? [] : read.faults.map(({ problem }) => problem.split(':')[0])).toEqual(['run', 'outcome', 'at']);
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(hostileText, fc.string({ unit: 'binary' })), (yaml) => {
        expect(parseRecord(yaml).ok).toBe(false);
      }),
      runs(500),
    );
  });
});
