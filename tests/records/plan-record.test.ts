import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, digestOfText } from '../../src/core/json.ts';
import { parsePlanRecord, printPlanRecord, recordDigest } from '../../src/records/plan-record.ts';
import { destroys, planRecord, resize, restarts, waits } from './examples.ts';
import { hostileText, runs } from './hostile.ts';

const problems = (text: string) => {
  const read = parsePlanRecord(text);
  return read.ok ? [] : read.faults.map(({ problem }) => problem);
};
const changed = (edit: (raw: { [key: string]: unknown }) => void) => {
  const raw = JSON.parse(printPlanRecord(planRecord())) as { [key: string]: unknown };
  edit(raw);
  return canonical(raw);
};

describe('a plan record, read back', () => {
  it.each([
    ['a live change', planRecord()],
    ['a restart', planRecord({ steps: [waits, restarts] })],
    ['something irreversible', planRecord({ steps: [destroys] })],
    ['no step', planRecord({ steps: [] })],
  ])('is the same record: %s', (_, record) => {
    expect(parsePlanRecord(printPlanRecord(record))).toEqual({ ok: true, value: record, warnings: [] });
    expect(parsePlanRecord(`${printPlanRecord(record)}\n`).ok).toBe(true);
  });

  it('is the same record whatever its texts hold', () => {
    fc.assert(
      fc.property(hostileText, (outside) => {
        const text = outside.toWellFormed();
        const record = planRecord({ notes: [text], synthesized: [text], tools: { [`t${text}`]: text }, remedy: text });
        expect(parsePlanRecord(printPlanRecord(record))).toEqual({ ok: true, value: record, warnings: [] });
      }),
      runs(300),
    );
  });

  it('has the digest of its canonical text, so that equal plans are equal everywhere', () => {
    const record = planRecord();
    const shuffled = Object.fromEntries(Object.entries(record).reverse()) as unknown as typeof record;
    expect(printPlanRecord(shuffled)).toBe(printPlanRecord(record));
    expect(recordDigest(record)).toBe(digestOfText(printPlanRecord(record)));
    expect(recordDigest(planRecord({ steps: [{ ...resize, live: false }] }))).not.toBe(recordDigest(record));
  });
});

describe('a plan record that somebody changed', () => {
  it('is not one whose actions digest is not that of its steps', () => {
    expect(problems(changed((raw) => (raw['actions'] = `sha256:${'0'.repeat(64)}`)))).toEqual([
      'actions: is not the digest of the steps',
    ]);
    expect(problems(changed((raw) => (raw['steps'] = [{ ...resize, after: { memory: 9999 } }])))).toEqual([
      'actions: is not the digest of the steps',
    ]);
  });

  it('is not one that is written otherwise, or says more', () => {
    expect(problems(JSON.stringify(JSON.parse(printPlanRecord(planRecord())), null, 1))).toEqual([
      'is not in canonical form',
    ]);
    expect(problems(`{"version":2,${printPlanRecord(planRecord()).slice(1)}`)).toEqual(['is not in canonical form']);
    expect(problems(changed((raw) => (raw['approved'] = true)))).toEqual([expect.stringContaining('approved')]);
    expect(
      problems(changed((raw) => (raw['steps'] = [{ ...resize, action: { kind: 'run-shell', command: 'id' } }]))),
    ).toEqual([expect.stringContaining('action')]);
  });

  it('names every fault at once', () => {
    const text = changed((raw) => {
      raw['shownAt'] = 'now';
      raw['policy'] = {};
      delete raw['head'];
    });
    expect(problems(text).map((problem) => problem.split(':')[0])).toEqual([
      'head',
      'policy.level',
      'policy.rule',
      'policy.needs',
      'policy.eligible',
      'policy.expiresAfter',
      'shownAt',
    ]);
  });

  it.each([
    ['', 'is not JSON'],
    ['null', /expected object/],
    ['['.repeat(100_000), /nested too deeply|not JSON/],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, /nested too deeply|expected object/],
    [' '.repeat(4 * 1024 * 1024 + 1), 'is too long'],
    [changed((raw) => (raw['remedy'] = 'x')).replace('"x"', '"\\ud800"'), 'holds half of a character'],
  ])('never throws: %.20j', (text, problem) => {
    expect(problems(text).join()).toMatch(problem);
  });
});
