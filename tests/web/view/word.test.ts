import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../../src/core/run.ts';
import { needsOf } from '../../../src/web/view/needs.ts';
import { runOfPullRequest } from '../../../src/web/view/runs.ts';
import { hex } from '../../records/examples.ts';
import { picture, truthWith } from './pictures.ts';

const run: RunRecord = {
  version: 1,
  run: hex('4', 40),
  outcome: 'inconclusive',
  message: 'Proxmox VE could not be asked',
  target: 'home/lxc/200',
  name: 'postgres',
  pullRequest: {
    number: 42,
    head: hex('1', 40),
    merge: hex('9', 40),
    approvedBy: ['ann'],
    mergedBy: 'ann',
    title: 'postgres',
  },
  at: '2026-11-20T03:50:00Z',
};

function said(says: 'worked' | 'failed'): RunRecord {
  const { run: of } = run;
  return {
    ...run,
    run: hex('5', 40),
    reason: `said-${says}`,
    word: { says, by: 'ann', of },
    at: '2026-11-20T03:55:00Z',
  };
}

const needed = (...records: RunRecord[]): string[] =>
  needsOf(
    picture({ truth: truthWith({ records }) }),
    { name: 'ann', role: 'approver' },
    Date.parse('2026-11-20T04:00:00Z'),
  ).map(({ key }) => key);

describe('a person’s word on the pages', () => {
  it('ends the need of an inconclusive run where it worked, and only there', () => {
    expect(needed(run)).toEqual([`run-${run.run}`]);
    expect(needed(run, said('worked'))).toEqual([]);
    expect(needed(run, said('failed'))).toEqual([`run-${said('failed').run}`]);
  });

  it('is not shown in place of the run that it is about', () => {
    const truth = truthWith({ records: [run, said('worked')] });
    expect(runOfPullRequest(truth, 42)?.run).toBe(run.run);
  });
});
