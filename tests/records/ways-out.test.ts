import { describe, expect, it } from 'vitest';
import { parsePullRequest } from '../../src/records/pull-request.ts';
import { type AfterStop, type Back, printWayOut } from '../../src/records/ways-out.ts';
import { oneApproval } from './examples.ts';
import { expectGolden } from './golden.ts';

const stop: AfterStop = {
  kind: 'accept',
  name: 'postgres',
  where: 'lxc/200 on pve1',
  remedy: 'accept',
  fingerprint: 'aaaaaaaaaaaa',
  cause: { pullRequest: 42 },
  why: 'memory of postgres is 4096 MiB on pve1, no longer the 2048 MiB that this plan started from',
  untouched: true,
  differing: [{ field: 'memory', declared: 3072, live: 4096 }],
  files: ['guests/postgres.yaml'],
};
const back: Back = {
  kind: 'revert',
  name: 'postgres',
  where: 'lxc/200 on pve1',
  remedy: 'revert',
  fingerprint: 'bbbbbbbbbbbb',
  cause: { pullRequest: 42 },
  why: 'stalls are 24 %; the alert still fires',
  changes: [{ field: 'memory', before: 3072, after: 2048 }],
  safe: '1200 MiB at most were in use, and 2048 MiB hold that with a margin of 15 %',
  policy: oneApproval,
};
const text = (way: AfterStop | Back) => {
  const { title, body } = printWayOut(way);
  return `# ${title}\n\n${body}`;
};

describe('a way out, as people read it', () => {
  it('keeps what is live', () => expectGolden('way-out-accept.md', text(stop)));
  it('insists on what is declared', () =>
    expectGolden(
      'way-out-insist.md',
      text({ ...stop, kind: 'insist', remedy: 'apply-declared', files: [], policy: oneApproval }),
    ));
  it('asks for nothing but the approval where what is declared is live', () => {
    const way = { ...stop, kind: 'insist' as const, remedy: 'apply-declared', files: [], policy: oneApproval };
    const why = 'a different plan was shown until 4 s before the merge';
    const same = { field: 'memory', declared: 3072, live: 3072 };
    expectGolden('way-out-approve.md', text({ ...way, why, differing: [same] }));
    expect(text({ ...way, differing: [same, ...stop.differing] })).toContain('**Insist.**');
  });
  it('takes a merge back', () => expectGolden('way-out-undo.md', text({ ...stop, kind: 'undo', remedy: 'undo' })));
  it('does not claim that nothing was touched after a run that ended unknown', () => {
    expect(text(stop)).toContain('declares it, and nothing was touched: memory');
    expect(text({ ...stop, untouched: false })).toContain('declares it: memory');
  });
  it('takes a direct push back', () =>
    expectGolden(
      'way-out-undo-push.md',
      text({ ...stop, kind: 'undo', remedy: 'undo', cause: { commit: '1a2b3c4d5e6f' }, differing: [] }),
    ));
  it('goes back after a change that did not help', () => expectGolden('way-out-revert.md', text(back)));
});

describe('a way out, read back', () => {
  it('names its kind, its remedy and what it follows, and never the signal', () => {
    expect(parsePullRequest(printWayOut(stop).body)).toEqual({
      kind: 'accept',
      remedy: 'accept',
      fingerprint: 'aaaaaaaaaaaa',
      proposed: expect.stringMatching(/^sha256:/) as string,
      of: 42,
    });
    expect(parsePullRequest(printWayOut(back).body)).toMatchObject({ kind: 'revert', remedy: 'revert', of: 42 });
    expect(parsePullRequest(printWayOut({ ...stop, cause: { commit: 'abc' } }).body)).not.toHaveProperty('of');
  });

  it('proposes the same only for the same values', () => {
    const proposed = (way: AfterStop | Back) => parsePullRequest(printWayOut(way).body)?.proposed;
    const moved = { ...stop, differing: [{ field: 'memory', declared: 3072, live: 5120 }] };
    expect(proposed(stop)).toBe(proposed({ ...stop, why: 'another sentence' }));
    expect(proposed(stop)).not.toBe(proposed(moved));
    expect(proposed({ ...stop, kind: 'insist' })).not.toBe(proposed({ ...moved, kind: 'insist' }));
    expect(proposed({ ...stop, kind: 'undo' })).toBe(proposed({ ...moved, kind: 'undo' }));
    expect(proposed(back)).not.toBe(proposed({ ...back, changes: [{ field: 'memory', before: 3072, after: 2560 }] }));
  });
});
