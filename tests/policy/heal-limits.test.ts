import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../src/core/change-set.ts';
import { decide, type DecideInput, type History } from '../../src/policy/index.ts';
import { both, now, policies, postgres, resize, usual } from './fixtures.ts';

const quiet: History = { lastAppliedAt: new Map(), openPullRequests: 0, openedLastHour: 0, failedFixes: [] };
const shared = { steps: [resize], targets: both(postgres), approvers: ['maintainer'], now };
const heal = (history: Partial<History>, changes: Partial<DecideInput> = {}) =>
  decide({ ...shared, policies: usual, ...changes, origin: 'heal', history: { ...quiet, ...history } });
const rule = 'rules: [{ name: guests, when: { step: resize-guest }, level: approve }]';
const minutesAgo = (minutes: number) => new Date(now - minutes * 60_000).toISOString();

describe('a new proposal of heal', () => {
  it('is admitted where nothing binds it', () => {
    expect(heal({})).toMatchObject({ level: 'approve' });
  });

  it.each<[string, Partial<History>, Partial<DecideInput>]>([
    ['frozen', {}, { policies: policies(`${rule}\nfreezes: [{ name: move, from: 2026-11-20, to: 2026-11-20 }]`) }],
    [
      'outside-window',
      {},
      {
        policies: policies(
          `rules: [{ name: guests, when: { step: resize-guest }, level: approve, window: { from: "04:00", to: "05:00" } }]`,
        ),
      },
    ],
    ['cooldown', { lastAppliedAt: new Map([[resize.target, minutesAgo(29)]]) }, {}],
    ['circuit-open', { failedFixes: [{ target: resize.target, at: minutesAgo(60 * 23) }] }, {}],
    ['circuit-open', { failedFixes: ['a', 'b', 'c'].map((target) => ({ target, at: minutesAgo(5) })) }, {}],
    ['too-many-open', { openPullRequests: 5 }, { limits: { openPullRequests: 5, perHour: 9 } }],
    ['too-many-open', { openPullRequests: 2 }, { policies: policies(`${rule}\nlimits: { openPullRequests: 2 }`) }],
    ['too-many-per-hour', { openedLastHour: 3 }, { policies: policies(`${rule}\nlimits: { perHour: 3 }`) }],
  ])('is refused as %s, says until when or what helps, and binds nobody else', (reason, history, changes) => {
    const answer = heal(history, changes);
    expect(isRefusal(answer) && answer.reason).toBe(reason);
    expect(isRefusal(answer) && answer.next).toMatch(
      /^(?:heal looks again after 20\d\d-.*Z|maintainer may merge or close one, or raise the limit); a pull request of maintainer is not bound by this$/,
    );
    for (const origin of ['person', 'revert', 'way-out'] as const) {
      expect(isRefusal(decide({ ...shared, policies: usual, ...changes, origin }))).toBe(false);
    }
  });

  it('says when it may come back', () => {
    expect(heal({ lastAppliedAt: new Map([[resize.target, minutesAgo(10)]]) })).toMatchObject({
      message: 'home/lxc/200 was changed at 2026-11-20T03:24:00Z, and the rule "guests" waits before the next change',
      next: expect.stringContaining('after 2026-11-20T03:54:00Z') as string,
    });
  });

  it('is not bound by what is over, or about something else', () => {
    expect(
      heal({
        lastAppliedAt: new Map([
          [resize.target, minutesAgo(30)],
          ['home/lxc/201', minutesAgo(1)],
        ]),
      }),
    ).toMatchObject({ level: 'approve' });
    expect(
      heal({
        failedFixes: [
          { target: resize.target, at: minutesAgo(60 * 24) },
          { target: 'home/lxc/201', at: minutesAgo(1) },
        ],
      }),
    ).toMatchObject({ level: 'approve' });
    expect(
      heal(
        { openPullRequests: 1, openedLastHour: 2 },
        { policies: policies(`${rule}\nlimits: { openPullRequests: 2, perHour: 3 }`) },
      ),
    ).toMatchObject({ level: 'approve' });
  });

  it('is bound by the stricter of two limits', () => {
    const limits = { openPullRequests: 9, perHour: 1 };
    expect(
      heal(
        { openedLastHour: 1 },
        {
          policies: policies(`${rule}\nlimits: { perHour: 3 }`),
          limits,
        },
      ),
    ).toMatchObject({ reason: 'too-many-per-hour' });
  });

  it('is refused for good reasons first', () => {
    expect(heal({ openPullRequests: 99 }, { approvers: [] })).toMatchObject({ reason: 'no-approver' });
  });
});
