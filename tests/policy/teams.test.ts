import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../src/core/change-set.ts';
import { countedPeople, covers, decide, type DecideInput, type Teams } from '../../src/policy/index.ts';
import { narrowedBy, teamsIn } from '../../src/policy/teams.ts';
import { both, now, policies, postgres, resize } from './fixtures.ts';

const teams: Teams = new Map([
  ['ops/all', new Set(['ann', 'ben', 'cid'])],
  ['ops/dba', new Set(['ben'])],
]);

const ruled = (level: string, by = '') =>
  policies(`
rules:
  - { name: guests, when: { step: [resize-guest, change-rules] }, level: ${level}${by === '' ? '' : `, by: [${by}]`} }
`);
const asked: DecideInput = {
  steps: [resize],
  targets: both(postgres),
  policies: ruled('approve'),
  approvers: ['team:ops/all'],
  teams,
  now,
  origin: 'person',
};
const ask = (changes: Partial<Omit<DecideInput, 'origin'>> = {}) => decide({ ...asked, ...changes });
const rules = { steps: [], differences: [{ kind: 'change-rules' as const, target: 'rules', name: 'the rules' }] };

describe('a team among the approvers', () => {
  it('is eligible by its name, so that the list stays closed', () => {
    expect(ask()).toMatchObject({ level: 'approve', needs: 1, eligible: ['team:ops/all'] });
    expect(ask()).not.toHaveProperty('notCounted');
  });

  it('can give as many approvals as are asked for', () => {
    expect(ask({ policies: ruled('approve-2'), author: 'ann' })).toMatchObject({
      needs: 2,
      eligible: ['team:ops/all'],
    });
    expect(ask({ ...rules, policies: ruled('approve-2') })).toMatchObject({ level: 'approve-2' });
  });

  it('cannot make possible what is forbidden', () => {
    expect(ask({ policies: ruled('forbidden') })).toMatchObject({ reason: 'forbidden' });
  });

  it('counts for nobody where the forge does not tell who is in it, and the verdict says so', () => {
    const some = ask({ approvers: ['maintainer', 'team:ops/hidden'] });
    expect(some).toMatchObject({ eligible: ['maintainer'], notCounted: ['team:ops/hidden'] });
    expect(ask({ approvers: ['maintainer', 'team:ops/all'], teams: new Map() })).toMatchObject({
      eligible: ['maintainer'],
      notCounted: ['team:ops/all'],
    });
  });

  it('leaves nobody where it is the only approver and is not told, whatever is asked', () => {
    for (const changes of [{}, rules]) {
      for (const told of [new Map<string, ReadonlySet<string>>(), undefined]) {
        const without: DecideInput = { ...asked };
        Reflect.deleteProperty(without, 'teams');
        const answer = decide({ ...without, ...changes, ...(told === undefined ? {} : { teams: told }) });
        expect(isRefusal(answer) && answer).toMatchObject({
          reason: 'no-approver',
          message: 'gitmend.yaml names no approver but team:ops/all, and the forge does not tell gitmend who is in it',
        });
      }
    }
  });
});

describe('a rule that narrows to a team', () => {
  it('leaves the accounts that are in it, and of two teams whoever is in both', () => {
    const by = (approvers: string[]) => ask({ approvers, policies: ruled('approve', 'team:ops/dba') });
    expect(by(['ann', 'Ben'])).toMatchObject({ eligible: ['Ben'] });
    expect(by(['team:ops/all'])).toMatchObject({ eligible: ['team:ops/all & team:ops/dba'] });
    expect(by(['team:OPS/dba'])).toMatchObject({ eligible: ['team:OPS/dba'] });
    expect(ask({ policies: ruled('approve', 'ben, dan') })).toMatchObject({ eligible: ['ben'] });
  });

  it('refuses where it is not told, with the reason', () => {
    for (const changes of [{}, rules]) {
      const answer = ask({ ...changes, approvers: ['ann'], policies: ruled('approve', 'team:ops/hidden') });
      expect(answer).toMatchObject({
        reason: 'unreachable-level',
        message: expect.stringMatching(/; the forge does not tell gitmend who is in team:ops\/hidden$/) as string,
      });
    }
  });

  it('says which of its teams does not count where others do', () => {
    expect(ask({ policies: ruled('approve', 'team:ops/dba, team:ops/hidden') })).toMatchObject({
      eligible: ['team:ops/all & team:ops/dba'],
      notCounted: ['team:ops/hidden'],
    });
  });
});

describe('who counts by a team', () => {
  it('is who is in it, in every one of several', () => {
    expect(covers('team:Ops/All', 'ANN', teams)).toBe(true);
    expect(covers('team:ops/all', 'dan', teams)).toBe(false);
    expect(covers('team:ops/all & team:ops/dba', 'ann', teams)).toBe(false);
    expect(covers('team:ops/all & team:ops/dba', 'ben', teams)).toBe(true);
    expect(covers('team:ops/hidden', 'ann', teams)).toBe(false);
    expect(covers('team:ops/all & team:ops/hidden', 'ann', teams)).toBe(false);
  });

  it('is counted once, whoever names them, and the author not by a team', () => {
    const eligible = ['Ann', 'team:ops/all', 'team:ops/dba'];
    expect(countedPeople(eligible, ['ben', 'ann', 'BEN', 'dan'], teams)).toEqual(['Ann', 'ben']);
    expect(countedPeople(eligible, ['ben', 'ann'], teams, 'Ben')).toEqual(['Ann']);
  });

  it('is never narrowed to by a team that is not told', () => {
    expect(narrowedBy(['ann', 'team:ops/all'], ['team:ops/hidden'], teams)).toEqual([]);
    expect(narrowedBy(['team:ops/hidden'], ['team:ops/hidden', 'ann'], teams)).toEqual([]);
    expect(teamsIn(['ann', 'team:ops/all & team:ops/dba', 'team:OPS/ALL'])).toEqual(['ops/all', 'ops/dba']);
  });
});
