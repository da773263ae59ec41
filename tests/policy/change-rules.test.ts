import { describe, expect, it } from 'vitest';
import { decide, type DecideInput } from '../../src/policy/index.ts';
import { both, now, policies, postgres, resize, usual } from './fixtures.ts';

const rulesChange = { kind: 'change-rules' as const, target: 'rules', name: 'the rules' };
const ask = (changes: Partial<Omit<DecideInput, 'origin'>>) =>
  decide({
    steps: [],
    differences: [rulesChange],
    targets: both(postgres),
    policies: usual,
    approvers: ['ann', 'ben'],
    now,
    origin: 'person',
    ...changes,
  });

describe('a change of the rules', () => {
  it('needs the strictest level that the rules of the base name', () => {
    expect(ask({})).toEqual({
      level: 'approve-2',
      rule: 'change of the rules',
      needs: 2,
      eligible: ['ann', 'ben'],
      expiresAfter: 86_400,
    });
  });

  it('needs no more than the known people can reach: a home of one approves alone', () => {
    expect(ask({ approvers: ['ann'] })).toMatchObject({ level: 'approve', eligible: ['ann'] });
    expect(ask({ author: 'ann' })).toMatchObject({ level: 'approve', eligible: ['ann', 'ben'] });
  });

  it('is never automatic, whatever the rules say of everything else', () => {
    expect(
      ask({ policies: policies('rules: [{ name: all, when: { step: [resize-guest, change-rules] }, level: auto }]') }),
    ).toMatchObject({ level: 'approve' });
  });

  it('carries nothing else', () => {
    expect(ask({ steps: [resize] })).toMatchObject({ refused: true, reason: 'rules-with-steps' });
    expect(
      ask({ differences: [rulesChange, { kind: 'take-note', target: resize.target, name: 'postgres' }] }),
    ).toMatchObject({ reason: 'rules-with-steps' });
  });

  it('may bring the first rules, if somebody is known who can approve them', () => {
    expect(ask({ policies: undefined })).toMatchObject({ level: 'approve' });
    expect(ask({ policies: undefined, approvers: [] })).toMatchObject({ reason: 'no-approver' });
  });

  it('obeys a rule of its own', () => {
    const own = (level: string, by = '') =>
      policies(`rules: [{ name: owner, when: { step: change-rules }, level: ${level}, expires: 2h${by} }]`);
    expect(ask({ policies: own('approve', ', by: [Ann]') })).toEqual({
      level: 'approve',
      rule: 'change of the rules: owner',
      needs: 1,
      eligible: ['ann'],
      expiresAfter: 7200,
    });
    expect(ask({ policies: own('forbidden') })).toMatchObject({ reason: 'forbidden' });
    expect(ask({ policies: own('approve', ', by: [cid]') })).toMatchObject({
      reason: 'unreachable-level',
      message: 'the rule "owner" lets only cid change the rules, and none of them is an approver',
    });
    expect(ask({ policies: own('approve-5') })).toMatchObject({ level: 'approve' });
  });
});
