import { describe, expect, it } from 'vitest';
import { runOutcomes } from '../../src/core/outcome.ts';
import { closeVerifying, parseRunComment, printRunComment, type RunNews } from '../../src/records/run-comment.ts';
import { expectGolden } from './golden.ts';

const run = '4f1c09'.padEnd(40, '0');
const common = { run, mergedBy: 'maintainer' };

const news: { [name: string]: RunNews } = {
  verifying: {
    ...common,
    state: 'verifying',
    at: '2026-11-20T03:41:07Z',
    took: 1.34,
    what: 'memory 3072 MiB',
    live: true,
    foundDone: false,
    until: '2026-11-20T03:51:07Z',
    figures: { usage: 0.64, stalls: 0.004 },
  },
  verified: {
    ...common,
    state: 'verified',
    at: '2026-11-20T03:51:10Z',
    window: 600,
    figures: [
      { usage: 0.62, stalls: 0.004 },
      { usage: 0.66, stalls: 0 },
    ],
    alertResolvedAt: '2026-11-20T03:44:00Z',
    beganAt: '2026-11-20T03:12:00Z',
    notObserved: [],
    record: 'gitmend/records@9c2e1f0',
  },
  'not-verified': {
    ...common,
    state: 'not-verified',
    at: '2026-11-20T03:51:10Z',
    why: 'usage is 98 % of 3072 MiB and stalls are 24 %; the alert still fires',
    back: { not: '3010 MiB were in use and would not fit into memory 2048 MiB with a margin of 15 %' },
    helps: ['lower what the programs in it take', 'a larger step'],
  },
  'not-verified-back': {
    ...common,
    state: 'not-verified',
    at: '2026-11-20T03:51:10Z',
    why: 'stalls are 24 %',
    back: { pullRequest: 43 },
    helps: [],
  },
  inconclusive: {
    ...common,
    state: 'inconclusive',
    at: '2026-11-20T03:51:10Z',
    why: 'PVE_UNREACHABLE: pve1 did not answer',
  },
  'not-applied': {
    ...common,
    state: 'not-applied',
    reason: 'stale',
    why: 'memory of postgres is 4096 MiB on pve1, no longer the 2048 MiB that this plan started from',
    touched: false,
    waysOut: [
      { words: 'keep 4096', pullRequest: 45 },
      { words: 'insist on 3072, with its own plan', pullRequest: 46 },
      { words: 'undo this merge', pullRequest: 47 },
    ],
  },
  'not-applied-half': {
    ...common,
    state: 'not-applied',
    reason: 'refused',
    why: 'pve1 has no memory left',
    touched: true,
    waysOut: [{ words: 'undo this merge', pullRequest: 47 }],
  },
  unknown: {
    ...common,
    state: 'unknown',
    at: '2026-11-20T03:41:40Z',
    why: 'Proxmox VE did not answer, and postgres is neither as before nor as approved',
    look: 'look at postgres, then declare what shall be',
  },
  regressed: {
    ...common,
    state: 'regressed',
    at: '2026-11-20T15:00:00Z',
    why: 'LxcMemoryHigh fires again since 14:58Z',
  },
  superseded: { ...common, state: 'superseded', at: '2026-11-20T03:45:00Z', by: 48 },
};

describe('what is said of a run, as people read it', () => {
  it.each(Object.keys(news))('%s', (name) => {
    const { body } = printRunComment(news[name]!);
    expectGolden(`run-${name}.md`, body);
  });

  it('says so where the steps were found done, where it rebooted, and what no source shows', () => {
    const verifying = news['verifying'] as RunNews & { state: 'verifying' };
    expect(printRunComment({ ...verifying, foundDone: true, figures: {} }).body).toContain(
      'memory 3072 MiB, found as approved, nothing was sent. **Verifying** until 03:51Z.',
    );
    expect(printRunComment({ ...verifying, live: false }).body).toContain('with a reboot');
    const verified: RunNews = {
      ...common,
      state: 'verified',
      at: '2026-11-20T03:51:10Z',
      window: 5,
      figures: [{}],
      notObserved: ['stalls', 'swapping in'],
      record: 'gitmend/records@9c2e1f0',
    };
    const { body } = printRunComment(verified);
    expect(body).toContain(
      '**Verified** 03:51:10Z: it ran as applied for 5 seconds; no alert was asked. Not observed, because no source here shows it: stalls and swapping in.',
    );
    expect(printRunComment({ ...(news['superseded'] as RunNews & { state: 'superseded' }), by: 0 }).body).toContain(
      'a later run changed',
    );
    const { body: alone } = printRunComment({
      ...(news['not-applied'] as RunNews & { state: 'not-applied' }),
      waysOut: [],
    });
    expect(alone).not.toContain('Choose');
  });
});

describe('the comment of an apply whose verification ended badly', () => {
  const applied = printRunComment(news['verifying']!).body;

  it('says no longer that anything is awaited', () => {
    const closed = closeVerifying(applied, 'not-verified', '2026-11-20T03:51:10Z') ?? '';
    expectGolden('run-verifying-closed.md', closed);
    expect(parseRunComment(closed)).toEqual({ run, state: 'not-verified' });
    expect(closeVerifying(closed, 'not-verified', '2026-11-20T03:52:00Z')).toBeUndefined();
  });

  it.each(['inconclusive', 'not-applied'] as const)('is read back as what it ended with: %s', (outcome) => {
    const closed = closeVerifying(applied.replaceAll('\n', '\r\n'), outcome, '2026-11-20T03:51:10Z') ?? '';
    expect(parseRunComment(closed)).toEqual({ run, state: outcome });
    expect(closed).toContain(', live. **');
  });

  it('is no other comment', () => {
    for (const name of Object.keys(news).filter((one) => one !== 'verifying'))
      expect(closeVerifying(printRunComment(news[name]!).body, 'unknown', '2026-11-20T03:51:10Z')).toBeUndefined();
    expect(closeVerifying('**Applied** ... **Verifying** until 03:51Z', 'unknown', '')).toBeUndefined();
  });
});

describe('where it is said', () => {
  it('edits one comment for good news, and makes a new one that mentions who merged for bad news', () => {
    const kinds = Object.fromEntries(Object.values(news).map((one) => [one.state, printRunComment(one)]));
    const good = ['verifying', 'verified', 'superseded'];
    for (const [state, comment] of Object.entries(kinds)) {
      expect(comment.bad).toBe(!good.includes(state));
      expect(comment.marker).toBe(`<!-- gitmend:run/${run}${comment.bad ? `/${state}` : ''} -->`);
      expect(comment.body.startsWith(`${comment.marker}\n`)).toBe(true);
      expect(comment.body.includes('@maintainer')).toBe(comment.bad);
    }
    expect(new Set(Object.values(kinds).map(({ marker }) => marker)).size).toBe(
      1 + Object.keys(kinds).length - good.length,
    );
  });

  it('mentions nobody where it is not known who merged', () => {
    expect(printRunComment({ ...news['regressed']!, mergedBy: '' }).body).not.toContain('@');
    expect(printRunComment({ ...news['regressed']!, mergedBy: 'org/team @all' }).body).not.toMatch(/@[a-z]/);
  });
});

describe('what is said of a run, read back', () => {
  it.each(Object.keys(news))('names run and state: %s', (name) => {
    const one = news[name]!;
    expect(parseRunComment(printRunComment(one).body.replaceAll('\n', '\r\n'))).toEqual({ run, state: one.state });
  });

  it('is not found in other comments', () => {
    expect(parseRunComment('')).toBeUndefined();
    expect(parseRunComment('**Verified** by me')).toBeUndefined();
    expect(parseRunComment(`<!-- gitmend:run/${run} -->\n**Excellent** work`)).toBeUndefined();
    expect(parseRunComment(`> <!-- gitmend:run/${run} -->\n**Verified**`)).toBeUndefined();
    expect(parseRunComment(`<!-- gitmend:run/${run}/boss -->\n**Verified**`)).toBeUndefined();
  });

  it('has a text for every outcome of a run that somebody must hear of', () => {
    const said = new Set(Object.values(news).map(({ state }) => state));
    expect(Object.keys(runOutcomes).filter((outcome) => !said.has(outcome as RunNews['state']))).toEqual(['adopted']);
  });
});
