import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../src/core/run.ts';
import { runOf } from '../../../src/web/view/run.ts';
import { hex, planRecord } from '../../records/examples.ts';

const run = hex('4', 40);
const look = (at: string, why: string, state: 'holds' | 'fails' = 'holds'): JournalEntry => ({
  ...{ kind: 'look', state, why, observed: {} },
  at: `2026-11-20T03:${at}Z`,
});

function viewOf(entries: JournalEntry[], plan = planRecord()) {
  const known = { run, unit: undefined, plan, journal: undefined, record: undefined, path: undefined };
  return runOf({ known, plan, entries, pr: undefined, recordText: undefined }, Date.parse('2026-11-20T03:45:00Z'));
}

describe('the journal of a run', () => {
  it('says looks that saw the same once, with how many they were and until when', () => {
    const { transitions } = viewOf([
      look('41:10', 'usage is 64 %'),
      look('41:20', 'usage is 64 %'),
      look('41:30', 'usage is 64 %'),
      look('41:40', 'usage is 66 %'),
      look('41:50', 'usage is 98 %', 'fails'),
      look('42:00', 'usage is 64 %'),
    ]);
    expect(
      transitions.map(({ at, until, times, text }) => [at.slice(14, 19), until?.slice(14, 19), times, text]),
    ).toEqual([
      ['41:10', '41:30', 3, 'holds: usage is 64 %'],
      ['41:40', undefined, undefined, 'holds: usage is 66 %'],
      ['41:50', undefined, undefined, 'fails: usage is 98 %'],
      ['42:00', undefined, undefined, 'holds: usage is 64 %'],
    ]);
  });

  it('names the effect: a digest as what it is and in short, a task as PVE calls it', () => {
    const applied = (effect: string, took: number): JournalEntry => ({
      ...{ kind: 'applied', index: 0, effect, took },
      at: '2026-11-20T03:41:07Z',
    });
    const task = 'UPID:pve1:0001:0002:0003:vzreboot:200:root@pam:';
    expect(viewOf([applied('ad1b3de8a3d7f787b17e808e25a8af8ae5c676ea', 42)]).steps[0]?.effect).toBe(
      'config digest ad1b3de8a3d7…, in 0.04 s',
    );
    expect(viewOf([applied(task, 1300)]).steps[0]?.effect).toBe(`${task}, in 1.3 s`);
    expect(viewOf([applied('observed done', 0)]).steps[0]?.effect).toBe('found as approved: nothing was sent');
  });
});

describe('what a run page says of the verification', () => {
  const { signal, ...unasked } = planRecord().verification;

  it('is what the plan comment says: an alert that is asked is watched', () => {
    expect(signal).toBeDefined();
    expect(viewOf([]).verification).toMatch(/and the alert resolves; the alert is watched for 24 hours afterwards\.$/);
  });

  it('names what is not observed, and watches nothing where no alert is asked', () => {
    const verification = { ...unasked, words: 'usage stays under 90 %', notObserved: ['swapping in'] };
    expect(viewOf([], planRecord({ verification })).verification).toBe(
      'Verified when for 10 minutes usage stays under 90 %. Not observed, because no source here shows it: swapping in. No alert is asked: this pull request answers none.',
    );
  });
});
