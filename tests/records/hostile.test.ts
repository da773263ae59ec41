import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Proposed } from '../../src/core/diagnosis.ts';
import { parsePlanComment, printPlanComment } from '../../src/records/plan-comment.ts';
import { plainText } from '../../src/records/escape.ts';
import { parsePullRequest, printPullRequest } from '../../src/records/pull-request.ts';
import { printRunComment } from '../../src/records/run-comment.ts';
import { printWayOut } from '../../src/records/ways-out.ts';
import { diagnosis, oneApproval, planRecord, resize, restarts } from './examples.ts';
import { hostileText, runs, stripped } from './hostile.ts';

const at = '2026-11-20T03:12:00Z';

/** Every text that people read, with the same outside text wherever one can stand. */
function everyText(outside: string): string[] {
  // Half a character never gets this far: the doors and what is read back refuse it.
  const text = outside.toWellFormed();
  const reference = { name: text, fingerprint: text, labels: { [`l${text}`]: text }, startsAt: at };
  const policy = { ...oneApproval, rule: text, eligible: [text] };
  const proposal: Proposed = {
    ...diagnosis,
    name: text,
    summary: text,
    decidedBy: [{ fact: text, value: text, source: text, at }],
    considered: [{ cause: text, verdict: text }],
    signal: { ...diagnosis.signal, ...reference },
    rows: [{ field: text, now: text, proposed: text, why: text }],
    effects: [text],
    basis: { window: text, points: 3, formula: text },
  };
  const step = {
    ...resize,
    name: text,
    where: text,
    applier: text,
    changes: [{ field: text, before: text, after: text, unit: text }],
  };
  const plan = planRecord({
    steps: [step, { ...restarts, name: text, where: text }],
    policy,
    notes: [text],
    operations: [text],
    synthesized: [text, `+${text}`],
    tools: { [`t${text}`]: text },
    preview: { accepted: true, notes: [text] },
    head: text,
    verification: { ...planRecord().verification, words: text, signal: reference },
  });
  const refused = planRecord({ steps: [step], refusals: [{ refused: true, reason: text, message: text, next: text }] });
  const run = { run: '4f1c09a', mergedBy: text };
  const way = {
    name: text,
    where: text,
    remedy: 'accept',
    fingerprint: 'a',
    cause: { commit: text },
    why: text,
    policy,
  };
  return [
    printPullRequest(proposal, { policy }),
    printPlanComment(plan),
    printPlanComment(refused),
    printRunComment({ ...run, state: 'not-verified', at, why: text, back: { not: text }, helps: [text] }).body,
    printRunComment({
      ...run,
      state: 'not-applied',
      reason: 'stale',
      why: text,
      touched: false,
      waysOut: [{ words: text, pullRequest: 4 }],
    }).body,
    printRunComment({ ...run, state: 'verified', at, window: 5, figures: [], notObserved: [text], record: text }).body,
    printRunComment({ ...run, state: 'unknown', at, why: text, look: text }).body,
    printWayOut({
      ...way,
      kind: 'accept',
      untouched: true,
      differing: [{ field: text, declared: text, live: text }],
      files: [text],
    }).body,
    printWayOut({ ...way, kind: 'revert', changes: [{ field: text, before: text, after: text }], safe: text }).body,
  ];
}

/** The skeleton of a text: its own markup without the words. Hostile words must not change it. */
function skeleton(text: string): string {
  const unfenced = text.replace(/^(`{3,})diff\n[\s\S]*?\n\1$/m, 'fence');
  const lines = stripped(unfenced)
    .split('\n')
    .map((line) => {
      if (line.startsWith('<!-- gitmend:')) return line.split(' ').slice(0, 2).join(' ');
      return line.replace(/[^|`<>[\]*#~]|(?<!^#*)#/g, '');
    });
  return lines.join('\n');
}

describe('whatever outside text says', () => {
  it('no text of ours gets another structure, a second marker or a mention by it', () => {
    const benign = everyText('word').map(skeleton);
    fc.assert(
      fc.property(hostileText, (text) => {
        fc.pre(plainText(text).trim() !== '');
        for (const [index, one] of everyText(text).entries()) {
          expect(skeleton(one)).toBe(benign[index]);
          expect(one.match(/^\s*<!--/gm)).toHaveLength(1);
          const prose = stripped(one.replace(/<!-- gitmend:pr .*/, '')).replace(/^@[\w.-]+: this needs you\.$/m, '');
          expect(prose.replace(/^`{3,}diff\n[\s\S]*?\n`{3,}$/m, '')).not.toMatch(/@\w|#[1-9](?!\))|:\/\//);
          expect(one.length).toBeLessThan(65_536);
        }
      }),
      runs(400),
    );
  });

  it('our own markers are still read back as they were written', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const [body = ''] = everyText(text);
        expect(parsePullRequest(body)).toMatchObject({
          kind: 'heal',
          fingerprint: '3f9c1a0b2c4d',
          signal: { name: text.toWellFormed() },
        });
        expect(parsePlanComment(printPlanComment(planRecord({ notes: [text.toWellFormed()] })))).toBeDefined();
      }),
      runs(400),
    );
  });
});
