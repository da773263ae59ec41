import { describe, expect, it } from 'vitest';
import type { PullRequest } from '../../../src/forges/forge.ts';
import type { JournalEntry } from '../../../src/core/run.ts';
import { stagesOf, type StageInput } from '../../../src/web/view/stages.ts';
import { hex, runRecord } from '../../records/examples.ts';

const open: PullRequest = {
  number: 42,
  title: '',
  body: '',
  author: 'gitmend',
  branch: 'x',
  base: 'main',
  head: hex('1', 40),
  state: 'open',
  createdAt: '2026-11-20T03:34:00Z',
  updatedAt: '',
  fork: false,
};
const merged: PullRequest = { ...open, state: 'merged', mergedAt: '2026-11-20T03:41:00Z', mergedBy: 'maintainer' };
const planned = { at: '2026-11-20T03:34:12Z', accepted: true };
const applied: JournalEntry = { kind: 'applied', index: 0, effect: 'x', took: 1, at: '2026-11-20T03:41:07Z' };
const verifying: JournalEntry = {
  kind: 'verifying',
  from: '2026-11-20T03:41:07Z',
  until: '2026-11-20T03:51:07Z',
  at: '2026-11-20T03:41:07Z',
};
const journal = (...entries: JournalEntry[]) => ({ run: hex('4', 40), tip: '', entries });

function words(input: Partial<StageInput>): string {
  const stages = stagesOf({ pr: open, planned: undefined, journal: undefined, record: undefined, ...input });
  return stages.map(({ name, state, note }) => `${name} ${state}${note === '' ? '' : ` (${note})`}`).join(', ');
}

describe('the stages of a change', () => {
  it('begin with the proposal', () => {
    expect(words({})).toBe(
      'proposed done (by gitmend), planned now (being planned), approved ahead, applied ahead, verified ahead',
    );
  });

  it('wait for a merge once the plan is shown', () => {
    expect(words({ planned })).toContain('planned done, approved now (waits for a merge)');
  });

  it('stand still at a refused plan', () => {
    expect(words({ planned: { ...planned, accepted: false } })).toContain('planned now (refused, see the plan)');
  });

  it('wait for the runner after the merge', () => {
    expect(words({ pr: merged, planned })).toContain(
      'approved done (merged by maintainer), applied now (waits for the runner)',
    );
  });

  it('say until when it is verified', () => {
    expect(words({ pr: merged, planned, journal: journal(applied, verifying) })).toContain(
      'applied done, verified now (until 03:51Z)',
    );
  });

  it('end verified', () => {
    expect(words({ pr: merged, planned, record: runRecord })).toMatch(/verified done$/);
  });

  it('stop where the run stopped, with its reason', () => {
    const record = { ...runRecord, outcome: 'not-applied' as const, reason: 'stale', steps: [] };
    expect(words({ pr: merged, planned, record })).toContain('applied stopped (not-applied: stale), verified ahead');
  });

  it('stop at the verification where that failed', () => {
    expect(words({ pr: merged, planned, record: { ...runRecord, outcome: 'not-verified' } })).toContain(
      'verified stopped (not-verified)',
    );
  });

  it('stop where somebody closed it', () => {
    expect(words({ pr: { ...open, state: 'closed', closedBy: 'ann' }, planned })).toContain(
      'approved stopped (closed by ann)',
    );
  });
});
