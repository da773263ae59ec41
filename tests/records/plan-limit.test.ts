import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../src/core/change-set.ts';
import type { PlanRecord } from '../../src/core/plan.ts';
import { parsePlanComment, printPlanComment, printWholePlan } from '../../src/records/plan-comment.ts';
import { mostSteps } from '../../src/records/plan-room.ts';
import { parsePlanRecord, printPlanRecord, recordDigest } from '../../src/records/plan-record.ts';
import { short } from '../../src/core/json.ts';
import { destroys, planRecord, resize, restarts } from './examples.ts';
import { expectGolden } from './golden.ts';
import { hostileText, runs } from './hostile.ts';

const [github, gitea] = [65_536, 1_000_000];

/** The lines of a difference as they are made where there are several stacks. */
function stackDifference(stacks: number, perStack: number, value = 'x'.repeat(40)): string[] {
  return Array.from({ length: stacks * perStack }, (_, at) => {
    const [stack, of] = [`stack-${String(at % stacks).padStart(3, '0')}`, `bpg_vm.guest_${Math.floor(at / stacks)}`];
    return at % 1000 === 999 ? `${stack}: ${of}: removed` : `${stack}: ${of}.description: "${value}" → "${value}y"`;
  });
}

/** 120 stacks that change, 3 MB of lines, and what stops and destroys guests among calm steps. */
const large = planRecord({
  steps: [resize, restarts, destroys],
  synthesized: stackDifference(120, 200),
  notes: Array.from({ length: 40 }, (_, at) => `note ${at}`),
});

/** Whatever opens is closed, in its order. */
function expectWellFormed(text: string): void {
  const open: string[] = [];
  for (const line of text.split('\n')) {
    const fence = /^`{3,}/.exec(line)?.[0];
    const [inner] = open;
    if (inner?.startsWith('`') === true) {
      if (line === inner) open.shift();
    } else if (fence !== undefined) open.unshift(fence);
    else if (line.startsWith('<details>')) open.unshift('details');
    else if (line.startsWith('</details>')) expect(open.shift()).toBe('details');
  }
  expect(open).toEqual([]);
}

describe.each([
  ['GitHub', github],
  ['Gitea', gitea],
])('a plan of 3 MB on 120 stacks, as one comment on %s', (_, limit) => {
  const text = printPlanComment(large, limit);

  it('fits, and is closed where it is cut', () => {
    expect(printPlanRecord(large).length).toBeGreaterThan(3_000_000);
    expect(text.length).toBeLessThanOrEqual(limit);
    expectWellFormed(text);
  });

  it('says what is destroyed and rebooted in the heading and first in the table, unfolded', () => {
    const [heading = ''] = text.split('\n').filter((line) => line.startsWith('### Plan'));
    expect(heading).toContain('destroys scratch (cannot be undone), reboots frigate');
    const [unfolded = ''] = text.split('<details>');
    const rows = unfolded.split('\n').filter((line) => /^\| \d/.test(line));
    expect(rows.map((row) => row.slice(0, 14))).toEqual(['| 3 | scratch ', '| 2 | frigate ', '| 1 | postgres']);
    expect(unfolded).toContain('**destroys it**');
  });

  it('says before anything that is cut what is left out, where it is, and what is approved', () => {
    const at = text.indexOf('**Not everything is shown here.**');
    expect(at).toBeGreaterThan(0);
    expect(at).toBeLessThan(text.indexOf('| 3 | scratch'));
    const line = text.slice(at, text.indexOf('\n', at));
    expect(line).toContain('28 of 40 notes');
    expect(line).toMatch(/\d+ of 23976 lines of the stacks/);
    expect(line).toContain('`gitmend plan 42 --print`, or comment.md in `refs/gitmend/plans/42`');
    expect(line).toContain(large.actions);
  });

  it('names what the stacks no longer hold before the fold, and how much changes in each stack', () => {
    expect(text.indexOf('**The stacks no longer hold** 24 blocks:')).toBeLessThan(text.indexOf('<details>'));
    expect(text.match(/^stack-\d{3}: bpg_vm\.guest_\d+: removed$/gm)).toHaveLength(24);
    expect(text).toContain('Lines of each stack: stack-000 200, stack-001 200');
    expect(text.match(/stack-\d{3} 200/g)).toHaveLength(120);
  });

  it('shows as many of its lines as fit or as anybody reads', () => {
    const shown = text.match(/^stack-\d{3}: bpg_vm\.guest_\d+\.description/gm)?.length;
    expect(shown).toBe(limit === gitea ? 1000 : 472);
    if (limit === github) expect(text.length).toBeGreaterThan(github - 400);
    expect(text).toContain(`… and ${23_976 - (shown ?? 0)} more lines`);
  });

  it('is the same to the letter when the runner prints it from the record that it reads', () => {
    const read = parsePlanRecord(printPlanRecord(large));
    expect(read.ok && printPlanComment(read.value, limit) === text).toBe(true);
    expect(parsePlanComment(text)).toMatchObject({ recordShort: short(recordDigest(large)), actions: large.actions });
  });

  it('differs where only something differs that is not shown', () => {
    const synthesized = large.synthesized.with(-2, `${large.synthesized.at(-2) ?? ''}z`);
    expect(printPlanComment({ ...large, synthesized }, limit)).not.toBe(text);
  });
});

describe('the whole text of a plan', () => {
  it('holds every line to its end, and leaves nothing out', () => {
    const whole = printWholePlan(large);
    expect(whole).not.toContain('Not everything');
    for (const line of [large.synthesized.at(0), large.synthesized.at(-2), 'note 39']) expect(whole).toContain(line);
    expect(whole.match(/^stack-/gm)).toHaveLength(24_000);
    const long = planRecord({ synthesized: ['x'.repeat(3000)] });
    expect(printWholePlan(long)).toContain('x'.repeat(3000));
    expect(printPlanComment(long)).toContain('Left out: the end of 1 long line.');
  });

  it('is the comment itself where everything fits', () => {
    const record = planRecord({ steps: [resize, restarts] });
    expect(printPlanComment(record)).toBe(printWholePlan(record));
  });
});

describe('a plan comment that is cut', () => {
  it('is readable as a person finds it', () => {
    const record: PlanRecord = {
      ...large,
      synthesized: stackDifference(3, 700, 'ä'.repeat(10)),
      notes: large.notes.slice(0, 14),
    };
    expectGolden('plan-cut.md', printPlanComment(record, 4500));
  });

  it('gives up lines of stacks first and refusals last, and says so of each', () => {
    const steps = Array.from({ length: 60 }, (_, at) => ({ ...resize, target: `home/lxc/${300 + at}` }));
    const refusals = [refusal('too-many-steps', `it leads to 60 steps, more than ${mostSteps}`)];
    const record = planRecord({ steps, refusals, synthesized: stackDifference(2, 10), notes: ['one', 'two'] });
    const [roomy, tight] = [printPlanComment(record, 8000), printPlanComment(record, 3500)];
    expect(roomy).toContain('Left out: 20 of 60 steps');
    expect(roomy).not.toMatch(/of 2 notes/);
    expect(tight).toContain('too-many-steps');
    expect(tight).toMatch(/Left out: \d+ of 60 steps, 2 of 2 notes and 20 of 20 lines of the stacks\./);
    expect(tight).toMatch(/\| \| and \d+ more \| \| \| \|/);
    expect(tight.length).toBeLessThanOrEqual(3500);
    expect(parsePlanComment(tight)).toBeDefined();
  });

  it('names at most twelve that reboot in its heading, and every one in the table', () => {
    const steps = Array.from({ length: 30 }, (_, at) => ({ ...restarts, name: `vm-${at}`, target: `home/qemu/${at}` }));
    const text = printPlanComment(planRecord({ steps }));
    expect(text).toMatch(/reboots vm-0, .*vm-11 and 18 more, 30 changes/);
    expect(text.match(/^\| \d+ \| vm-\d+ /gm)).toHaveLength(30);
  });

  it('stays under the limit and closed, whatever its texts hold', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 12_000, max: github }), (outside, limit) => {
        const text = `${outside.toWellFormed()}👩‍👩‍👧‍👦`.repeat(20);
        const step = {
          ...resize,
          name: text,
          where: text,
          changes: [{ field: text, before: text, after: text, unit: '' }],
        };
        const record = planRecord({
          steps: Array.from({ length: mostSteps }, () => step),
          notes: Array.from({ length: 30 }, () => text),
          operations: Array.from({ length: 30 }, () => text),
          synthesized: Array.from({ length: 300 }, () => text),
        });
        const printed = printPlanComment(record, limit);
        expect(printed.length).toBeLessThanOrEqual(limit);
        expect(printed.isWellFormed()).toBe(true);
        expect(parsePlanComment(printed)).toBeDefined();
        expectWellFormed(printed);
      }),
      runs(4),
    );
  });
});
