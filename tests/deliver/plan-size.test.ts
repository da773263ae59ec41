import { describe, expect, it } from 'vitest';
import { asStored } from '../../src/deliver/plan-size.ts';
import { largestPlan } from '../../src/git/history.ts';
import { parsePlanRecord, printPlanRecord } from '../../src/records/plan-record.ts';
import { planRecord, resize } from '../records/examples.ts';

const sizeOf = (text: string) => Buffer.byteLength(text);
/** As large as it may be, and then by so many bytes more. */
const withBytes = (more: number) => {
  const empty = planRecord({ steps: [resize], synthesized: [''] });
  return planRecord({
    ...{ steps: [resize], synthesized: ['x'.repeat(largestPlan - sizeOf(printPlanRecord(empty)) + more)] },
  });
};

describe('a plan record before it is written', () => {
  it('is stored as it is up to the size that is read back', () => {
    const largest = withBytes(0);
    expect(sizeOf(printPlanRecord(largest))).toBe(largestPlan);
    expect(asStored(largest)).toEqual(largest);
  });

  it('is refused by name where it is a byte larger, with its steps and what to do', () => {
    const stored = asStored(withBytes(1));
    expect(stored).toMatchObject({ steps: [{ name: resize.name }], synthesized: [], preview: { accepted: false } });
    expect(stored.refusals).toEqual([
      {
        ...{ refused: true, reason: 'plan-too-large' },
        message: 'the plan has 16.1 MiB (1 lines of the stacks), and at most 16 MiB are read back from git',
        next: 'make it several pull requests of fewer stacks each; gitmend synth writes the stacks of a clone, to compare',
      },
    ]);
    expect(parsePlanRecord(printPlanRecord(stored))).toEqual({ ok: true, warnings: [], value: stored });
    expect(asStored(stored)).toEqual(stored);
  });

  it('loses its steps where they alone are too many bytes, and is a record still', () => {
    const stored = asStored(planRecord({ steps: [resize], synthesized: ['x'] }), 300);
    expect(stored).toMatchObject({ steps: [], synthesized: [], refusals: [{ reason: 'plan-too-large' }] });
    expect(parsePlanRecord(printPlanRecord(stored)).ok).toBe(true);
  });
});
