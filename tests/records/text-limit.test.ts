import { describe, expect, it } from 'vitest';
import { printAnswer } from '../../src/commands/answer.ts';
import { type Board, printBoard } from '../../src/commands/board.ts';
import type { SignalReference } from '../../src/core/plan.ts';
import { parsePullRequest, printPullRequest, signalsIn, withSignals } from '../../src/records/pull-request.ts';
import { parseRunComment, printRunComment } from '../../src/records/run-comment.ts';
import { printWayOut } from '../../src/records/ways-out.ts';
import { diagnosis, oneApproval, signal } from './examples.ts';

const most = 65_536;
const much = '[x]'.repeat(2000);
const lines = <T>(count: number, one: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => one(at));

describe('every other text on a forge stays under its smallest limit', () => {
  it('as a proposal with more evidence and causes than anybody reads: its marker is whole, its folds are closed', () => {
    const fact = { fact: much, value: much, source: much, at: '2026-11-20T03:34:10Z' };
    const large = {
      ...diagnosis,
      decidedBy: lines(200, () => fact),
      considered: lines(300, () => ({ cause: much, verdict: much })),
    };
    const text = printPullRequest(large, { policy: oneApproval });
    expect(text.length).toBeLessThan(most);
    expect(parsePullRequest(text)).toMatchObject({ kind: 'heal', fingerprint: diagnosis.fingerprint });
    expect(text.match(/^<details>/gm)?.length).toBe(text.match(/^<\/details>/gm)?.length);
    expect(text).toContain('… cut here.');
  });

  it('as a proposal that answers alerts with endless labels: siblings go first, the alert is found by its fingerprint', () => {
    const answers = (size: number, at: number): SignalReference => ({
      ...signal,
      fingerprint: `f${at}`,
      labels: { ...signal.labels, text: 'ü'.repeat(size) },
    });
    const text = printPullRequest(diagnosis, { policy: oneApproval });
    const some = withSignals(
      text,
      lines(20, (at) => answers(1000, at)),
    );
    expect(some.length).toBeLessThan(most);
    expect(signalsIn(some)).toEqual(lines(4, (at) => answers(1000, at)));
    const endless = withSignals(text, [answers(100_000, 0)]);
    expect(endless.length).toBeLessThan(most);
    expect(signalsIn(endless)).toEqual([{ ...signal, fingerprint: 'f0', labels: {} }]);
  });

  it('as a way out of a hundred differing values', () => {
    const way = {
      name: 'postgres',
      where: 'lxc/200 on pve1',
      remedy: 'accept',
      fingerprint: 'a',
      cause: { commit: 'c' },
    };
    const differing = lines(500, () => ({ field: much, declared: much, live: much }));
    const files = lines(500, (at) => `guests/${at}.yaml`);
    const { body } = printWayOut({ ...way, kind: 'accept', why: much, untouched: true, differing, files });
    expect(body.length).toBeLessThan(most);
    expect(parsePullRequest(body)).toMatchObject({ kind: 'accept' });
  });

  it('as what is said of a run', () => {
    const waysOut = lines(500, (at) => ({ words: much, pullRequest: at + 1 }));
    const news = { run: '4f1c09a', mergedBy: 'ann', reason: 'stale' as const, why: much, touched: false, waysOut };
    const { body } = printRunComment({ ...news, state: 'not-applied' });
    expect(body.length).toBeLessThan(most);
    expect(parseRunComment(body)).toEqual({ run: '4f1c09a', state: 'not-applied' });
    expect(body).toContain('@ann: this needs you.');
  });

  it('as an answer to a command, which still says whom it answers', () => {
    const answer = printAnswer(
      { word: 'status', argument: '', more: 0 },
      'ann',
      `\`\`\`text\n${`${much}\n`.repeat(20)}\`\`\``,
    );
    expect(answer.length).toBeLessThan(most);
    expect(answer).toMatch(/\n```\n\n… cut here\.\n\nAnswer to `\/status` by ann\.\n$/);
  });

  it('as a dashboard of five full lists, with its foot', () => {
    const items = lines(80, (at) => ({ number: at + 1, title: much, words: much, boxes: ['look', 'snooze'] as const }));
    const said = lines(80, (at) => ({ of: String(at + 1), at: '2026-11-20T03:34:00Z', words: much }));
    const board: Board = { open: items, waiting: items, limited: items, snoozed: items, failed: items, said };
    const { title, body } = printBoard(board);
    expect(title.length).toBeLessThan(256);
    expect(body.length).toBeLessThan(most);
    expect(body.trimEnd()).toMatch(/ends it\.$/);
    expect(body.match(/^ {2}- \[ \] <!-- gitmend:box look\/\d+ --> /gm)?.length).toBe(25);
  });
});
