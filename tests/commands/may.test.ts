import { describe, expect, test } from 'vitest';
import { type CommandName, commands, meant } from '../../src/commands/catalogue.ts';
import { headThen, isMachine, refusalOf, type Standing } from '../../src/commands/may.ts';

const [a, b] = ['a'.repeat(40), 'b'.repeat(40)];
const open = { number: 42, state: 'open', head: a, fork: false } as const;
const approver: Standing = {
  ...{ on: 'pull-request', author: 'Maintainer', permission: 'write', approvers: ['maintainer'], pr: open },
  ...{ headThen: a, saidAt: '2026-11-20T03:34:00Z', now: Date.parse('2026-11-20T03:35:00Z') },
};
const names = Object.keys(commands) as CommandName[];
const forPulls = names.filter((name) => commands[name].on !== 'issue');
const reading = ['explain', 'status', 'help'];

const at = (second: number, minute = 34) => `2026-11-20T03:${minute}:${String(second).padStart(2, '0')}Z`;

/** Which commands are obeyed in this standing. */
const obeyed = (standing: Standing): string[] => names.filter((name) => refusalOf(name, standing) === undefined).sort();

describe('who may', () => {
  test('an approver who may write may everything, in whatever case the forge writes the name', () => {
    expect(obeyed(approver)).toEqual([...forPulls].sort());
  });

  test('who may write and is no approver plans and snoozes, and leads to no change', () => {
    expect(obeyed({ ...approver, author: 'bob' })).toEqual(['dry-run', 'explain', 'help', 'plan', 'snooze', 'status']);
  });

  test('an approver who may only read the repository reads', () => {
    expect(obeyed({ ...approver, permission: 'read' })).toEqual([...reading].sort());
  });

  test('who may not even read is obeyed in nothing', () => {
    expect(obeyed({ ...approver, permission: 'none' })).toEqual([]);
  });

  test('of a fork only what reads is answered, even to an approver', () => {
    expect(obeyed({ ...approver, pr: { ...open, fork: true } })).toEqual([...reading].sort());
  });

  test('without approvers nobody is one', () => {
    expect(refusalOf('rollback', { ...approver, approvers: [] })?.why).toContain('names nobody');
  });

  test('a command for issues is none on a pull request, and the other way round', () => {
    expect(refusalOf('diagnose', approver)?.next).toBe('write it in a new comment on an issue');
    const issue: Standing = { ...approver, on: 'issue' };
    delete issue.pr;
    delete issue.headThen;
    expect(obeyed(issue)).toEqual(['diagnose', 'explain', 'help', 'status']);
  });
});

describe('the head that a command is about', () => {
  test('after a force-push nothing that acts is obeyed, and both heads are named', () => {
    const moved = { ...approver, pr: { ...open, head: b } };
    expect(refusalOf('dry-run', moved)?.why).toContain(`${a.slice(0, 7)} was shown, and the head is ${b.slice(0, 7)}`);
    expect(obeyed(moved)).toEqual(['explain', 'failed', 'help', 'rollback', 'status', 'worked']);
  });

  test('without a plan that was there before the comment nothing that acts is obeyed', () => {
    expect(refusalOf('plan', { ...approver, headThen: undefined })?.next).toContain('write it again');
  });

  test('of one that has ended no head can move', () => {
    const merged = { ...approver, pr: { ...open, state: 'merged' as const, head: b, mergedAt: at(0, 33) } };
    expect(refusalOf('rollback', merged)).toBeUndefined();
    expect(refusalOf('retry', merged)).toBeUndefined();
  });

  const plans = [
    { head: a, shownAt: at(10), recordShort: 'aaaaaaa' },
    { head: b, shownAt: at(30), recordShort: 'bbbbbbb' },
  ];
  const names = { a: { head: a, recordShort: 'aaaaaaa' }, b: { head: b, recordShort: 'bbbbbbb' } };
  const shown = (updated: number, shows = names.b) => ({ createdAt: at(10), updatedAt: at(updated), shows });

  test.each<[string, string, number, string | undefined]>([
    ['before any plan', at(9), 30, undefined],
    ['within the second of the first one', at(10), 30, undefined],
    ['after the first', at(20), 30, a],
    ['within the second of the next one', at(30), 30, a],
    ['after the next', at(31), 30, b],
    ['after the next by a clock of ours that is ten seconds behind', at(35), 40, a],
  ])('written %s', (_, said, updated, head) => {
    expect(headThen(plans, shown(updated), said)).toBe(head);
  });

  test('a plan that no comment shows was seen by nobody', () => {
    expect(headThen(plans, undefined, at(50))).toBeUndefined();
    expect(headThen([], shown(30), at(50))).toBeUndefined();
    expect(headThen(plans, shown(10, names.a), at(50))).toBe(a);
  });

  test('a comment that names no plan of the chain shows none', () => {
    expect(headThen(plans, { ...shown(10), shows: undefined }, at(50))).toBeUndefined();
    expect(headThen(plans, shown(10, { head: b, recordShort: 'aaaaaaa' }), at(50))).toBeUndefined();
  });

  test('where the comment was written anew since, and plans of two heads came before, nobody can tell', () => {
    const third = { head: b, shownAt: at(50), recordShort: 'ccccccc' };
    const anew = shown(50, { head: b, recordShort: 'ccccccc' });
    expect(headThen([...plans, third], anew, at(40))).toBeUndefined();
    expect(headThen([...plans.slice(1), third], anew, at(40))).toBe(b);
  });
});

describe('when it was said', () => {
  test('more than 24 hours before it is seen it is not done, whatever it is', () => {
    const day = Date.parse(approver.saidAt) + 86_400_000;
    expect(refusalOf('rollback', { ...approver, now: day })).toBeUndefined();
    expect(obeyed({ ...approver, now: day + 1 })).toEqual([]);
    expect(refusalOf('status', { ...approver, now: day + 1 })).toMatchObject({ next: 'write it again' });
  });

  test.each<['closed' | 'merged', string | undefined, boolean]>([
    ['closed', at(0, 33), true],
    ['closed', at(0), false],
    ['closed', at(1), false],
    ['closed', undefined, false],
    ['merged', at(0, 33), true],
    ['merged', at(1), false],
  ])('of a pull request that was %s at %s /retry is obeyed: %s', (state, ended, done) => {
    const pr = { ...open, state, ...(ended === undefined ? {} : { closedAt: ended, mergedAt: ended }) };
    const refused = refusalOf('retry', { ...approver, pr });
    expect(refused?.why).toBe(done ? undefined : `this pull request was ${state} after the comment was written`);
  });

  test('the way back may be asked for before the merge is seen', () => {
    const pr = { ...open, state: 'merged' as const, mergedAt: at(1) };
    expect(refusalOf('rollback', { ...approver, pr })).toBeUndefined();
  });
});

test.each(['gitmend', 'GitMend', 'renovate[bot]', 'gitea-actions', 'Ghost'])('%s is a machine', (account) => {
  expect(isMachine(account, 'gitmend')).toBe(true);
});

test('a person whose name only contains bot is none', () => {
  expect(isMachine('abbott', 'gitmend')).toBe(false);
});

test.each([
  ['dryrun', 'dry-run'],
  ['rolback', 'rollback'],
  ['stauts', 'status'],
  ['pan', 'plan'],
  ['plans', 'plan'],
  ['merge', undefined],
  ['lgtm', undefined],
])('/%s may have meant %s', (word, name) => {
  expect(meant(word)).toBe(name);
});
