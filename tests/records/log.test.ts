import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../src/core/run.ts';
import { printLog } from '../../src/records/log.ts';
import { runRecord } from './examples.ts';
import { expectGolden } from './golden.ts';
import { hostileText, runs } from './hostile.ts';

const { signal, verification, steps, ...plain } = runRecord;
const step = { ...steps![0]!, before: { cores: 2 }, after: { cores: 4 } };
const bare = { version: 1 as const, run: 'a'.repeat(40) };

describe('the log', () => {
  it('has a line per record, newest first, in columns', () => {
    const frigate: RunRecord = {
      ...plain,
      outcome: 'not-verified',
      name: 'frigate',
      steps: [step],
      pullRequest: { ...runRecord.pullRequest!, number: 39 },
      at: '2026-11-18T22:10:00Z',
    };
    const nextcloud: RunRecord = {
      ...bare,
      outcome: 'no-change',
      name: 'nextcloud',
      message: 'page cache, not memory: 31 % without it',
      at: '2026-11-17T09:02:00Z',
    };
    const operation: RunRecord = {
      ...bare,
      outcome: 'verified',
      target: 'home/lxc/200',
      operations: ['01KA4Q7Z0000000000000000AB'],
      at: '2026-11-16T09:02:00Z',
    };
    const stopped: RunRecord = { ...bare, outcome: 'not-applied', reason: 'stale', at: '2026-11-16T09:02:00Z' };
    const lines = printLog([
      { record: operation },
      { record: nextcloud },
      { record: runRecord },
      { record: frigate, undoneBy: 40 },
      { record: stopped },
    ]);
    expectGolden('log.txt', `${lines.join('\n')}\n`);
  });

  it('is empty where nothing happened', () => {
    expect(printLog([])).toEqual([]);
  });

  it('cannot steer a terminal, whatever a record says', () => {
    expect([signal, verification]).toBeDefined();
    fc.assert(
      fc.property(hostileText, (text) => {
        const [line = '', ...more] = printLog([
          { record: { ...bare, outcome: 'unknown', remedy: text, name: text, message: text, at: runRecord.at } },
        ]);
        expect(more).toEqual([]);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(line.length).toBeLessThan(1500);
      }),
      runs(300),
    );
  });
});
