import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../src/core/change-set.ts';
import { decide, type DecideInput } from '../../src/policy/index.ts';
import { both, now, policies, postgres, resize, restarts, stepOf, usual } from './fixtures.ts';

const asked: DecideInput = {
  steps: [resize],
  targets: both(postgres),
  policies: usual,
  approvers: ['maintainer'],
  now,
  origin: 'person',
};
const ask = (changes: Partial<Omit<DecideInput, 'origin'>> = {}) => decide({ ...asked, ...changes });
const reason = (changes: Partial<Omit<DecideInput, 'origin'>>) => {
  const answer = ask(changes);
  return isRefusal(answer) ? answer.reason : answer;
};
const critical = { ...postgres, tags: ['critical'] };

describe('what the rules say of a change', () => {
  it('is the level of the first rule that matches, with who counts and how long', () => {
    expect(ask()).toEqual({
      level: 'approve',
      rule: 'guests',
      needs: 1,
      eligible: ['maintainer'],
      expiresAfter: 86_400,
    });
  });

  it('is the strictest of several steps', () => {
    const other = stepOf({ target: 'home/lxc/201', name: 'web' });
    const targets = new Map([...both(postgres), ...both({ ...critical, name: 'web' }, 'home/lxc/201')]);
    expect(ask({ steps: [resize, other], targets, approvers: ['ann', 'ben'] })).toMatchObject({
      level: 'approve-2',
      rule: 'critical guests need two people',
      needs: 2,
    });
  });

  it('is the stricter of base and head: a tag that is taken away in the same breath still counts', () => {
    for (const [base, head] of [
      [critical, postgres],
      [postgres, critical],
    ] as const) {
      const targets = new Map([[resize.target, { base, head }]]);
      expect(ask({ targets, approvers: ['ann', 'ben'] })).toMatchObject({ level: 'approve-2' });
    }
    expect(ask({ targets: new Map([[resize.target, { head: postgres }]]) })).toMatchObject({ level: 'approve' });
  });

  it('needs every rule that decided to agree on who counts, and expires with the shortest', () => {
    const narrow = policies(`
rules:
  - { name: db, when: { step: resize-guest, target: { tags: [db] } }, level: approve, by: [ann, ben], expires: 2h }
  - { name: rest, when: { step: resize-guest }, level: approve, by: [Ben, cid], expires: 1h }
`);
    const targets = new Map([[resize.target, { base: { ...postgres, tags: ['db'] }, head: postgres }]]);
    expect(ask({ policies: narrow, targets, approvers: ['ann', 'ben', 'cid'] })).toMatchObject({
      eligible: ['ben'],
      expiresAfter: 3600,
    });
    expect(reason({ policies: narrow, targets, approvers: ['ann', 'cid'] })).toBe('unreachable-level');
  });

  it('may ask for names and clusters too, and every condition must hold', () => {
    const rules = policies(`
rules:
  - { name: exact, when: { step: resize-guest, target: { names: [postgres], clusters: [home], tags: [database] } }, level: auto }
  - { name: rest, when: { step: resize-guest }, level: notify }
`);
    expect(ask({ policies: rules })).toMatchObject({ rule: 'exact', level: 'auto', needs: 0 });
    expect(ask({ policies: rules, targets: both({ ...postgres, cluster: 'away' }) })).toMatchObject({
      rule: 'rest',
      level: 'notify',
    });
    expect(ask({ policies: rules, targets: both({ ...postgres, tags: [] }) })).toMatchObject({ rule: 'rest' });
  });

  it('is one approval where a pull request leads to nothing', () => {
    expect(ask({ steps: [], policies: undefined })).toEqual({
      level: 'approve',
      rule: '',
      needs: 1,
      eligible: ['maintainer'],
      expiresAfter: 86_400,
    });
    expect(ask({ steps: [], approvers: [] })).toMatchObject({ needs: 1, eligible: [] });
  });
});

describe('a change that is refused', () => {
  it.each<[string, Partial<Omit<DecideInput, 'origin'>>]>([
    ['no-policy', { policies: undefined }],
    ['no-policy', { policies: policies('limits: { perHour: 3 }') }],
    ['no-approver', { approvers: [] }],
    ['no-rule', { steps: [restarts], targets: both(postgres, restarts.target) }],
    ['target-undeclared', { targets: new Map() }],
    ['unreachable-level', { targets: both(critical), approvers: ['ann', 'Ann'] }],
    ['unreachable-level', { targets: both(critical), approvers: ['ann', 'ben'], author: 'ann' }],
    [
      'forbidden',
      { policies: policies('rules: [{ name: hands off, when: { step: resize-guest }, level: forbidden }]') },
    ],
    [
      'out-of-bounds',
      {
        policies: policies(
          'rules: [{ name: small, when: { step: resize-guest }, level: approve, bounds: { memory: { max: 2560 } } }]',
        ),
      },
    ],
    [
      'out-of-bounds',
      {
        policies: policies(
          'rules: [{ name: big, when: { step: resize-guest }, level: approve, bounds: { memory: { min: 4096 } } }]',
        ),
      },
    ],
  ])('is refused as %s, and says who may allow it', (expected, changes) => {
    const answer = ask(changes);
    expect(isRefusal(answer) && answer.reason).toBe(expected);
    expect(isRefusal(answer) && answer.next).toMatch(
      /(?:maintainer|ann(?: or ben)?|whoever) (?:may|can|or Ann may)|accounts/i,
    );
    expect(isRefusal(answer) && answer.message).not.toMatch(/undefined|\*|`/);
  });

  it('is refused whatever it asks for where one of its steps is', () => {
    expect(reason({ steps: [resize, stepOf({ target: 'home/lxc/999' })] })).toBe('target-undeclared');
  });

  it('names the bound and the rule', () => {
    const bounded = policies(
      'rules: [{ name: small, when: { step: resize-guest }, level: approve, bounds: { memory: { max: 2560 }, cores: { max: 2 } } }]',
    );
    expect(ask({ policies: bounded })).toMatchObject({
      message: 'memory 3072 MiB of postgres is more than 2560, a bound of the rule "small"',
    });
    const cores = stepOf({ changes: [{ field: 'cores', before: 2, after: 4, unit: '' }] });
    expect(ask({ policies: bounded, steps: [cores] })).toMatchObject({
      message: 'cores 4 of postgres is more than 2, a bound of the rule "small"',
    });
    expect(
      ask({ policies: bounded, steps: [stepOf({ changes: [{ field: 'cores', before: 4, after: 2, unit: '' }] })] }),
    ).toMatchObject({ level: 'approve' });
  });
});

describe('a guest that carries the forge, the bot, Prometheus or the state', () => {
  const rules = policies(`
rules:
  - { name: monitoring, when: { step: [resize-guest, restart-vm], target: { carries: [prometheus] } }, level: approve }
  - { name: all, when: { step: [resize-guest, restart-vm, restart-lxc] }, level: approve }
`);
  const carrying = (carries: string[], target = restarts.target) => both({ ...postgres, carries }, target);

  it('is not stopped unless a rule names exactly that', () => {
    expect(reason({ policies: rules, steps: [restarts], targets: carrying(['forge']) })).toBe('carries');
    expect(reason({ policies: rules, steps: [restarts], targets: carrying(['prometheus', 'state']) })).toBe('carries');
    expect(ask({ policies: rules, steps: [restarts], targets: carrying(['prometheus']) })).toMatchObject({
      rule: 'monitoring',
    });
    expect(ask({ policies: rules, steps: [restarts], targets: carrying([]) })).toMatchObject({ rule: 'all' });
  });

  it('is not stopped because the head says that it no longer carries anything', () => {
    const targets = new Map([[restarts.target, { base: { ...postgres, carries: ['state'] }, head: postgres }]]);
    expect(reason({ policies: rules, steps: [restarts], targets })).toBe('carries');
  });

  it('is changed live like any other', () => {
    expect(ask({ policies: rules, targets: carrying(['forge'], resize.target) })).toMatchObject({ rule: 'all' });
  });

  it('is not destroyed or restarted under another name either', () => {
    const targets = carrying(['forge'], resize.target);
    expect(reason({ policies: rules, steps: [stepOf({ destroys: true })], targets })).toBe('carries');
    expect(reason({ policies: rules, steps: [stepOf({ reboots: true })], targets })).toBe('carries');
    expect(reason({ policies: rules, steps: [stepOf({ kind: 'restart-lxc' })], targets })).toBe('carries');
  });
});

describe('a declaration that only catches up', () => {
  const note = { kind: 'take-note' as const, target: resize.target, name: 'postgres' };
  const noted = (yaml: string, facts = postgres) =>
    ask({ steps: [], differences: [note], policies: policies(yaml), targets: both(facts), approvers: ['ann', 'ben'] });

  it('needs what changing the target would need, where no rule names it', () => {
    expect(ask({ steps: [], differences: [note] })).toMatchObject({ level: 'approve', rule: 'guests' });
    expect(
      noted(
        'rules: [{ name: a, when: { step: resize-guest }, level: approve }, { name: b, when: { step: restart-lxc }, level: approve-2 }]',
      ),
    ).toMatchObject({ level: 'approve-2', rule: 'b' });
  });

  it('is never less than one approval, and not forbidden by a rule about something else', () => {
    expect(noted('rules: [{ name: a, when: { step: resize-guest }, level: auto }]')).toMatchObject({
      level: 'approve',
    });
    expect(
      noted(
        'rules: [{ name: a, when: { step: resize-guest }, level: approve }, { name: b, when: { step: restart-lxc }, level: forbidden }]',
      ),
    ).toMatchObject({ rule: 'a' });
  });

  it('needs what its own rule says, where there is one', () => {
    expect(
      noted(
        'rules: [{ name: a, when: { step: resize-guest }, level: approve-2 }, { name: b, when: { step: take-note }, level: auto }]',
      ),
    ).toMatchObject({ level: 'auto', rule: 'b' });
  });

  it('is refused where nothing may be changed, or no rule knows the target', () => {
    expect(noted('rules: [{ name: a, when: { step: resize-guest }, level: forbidden }]')).toMatchObject({
      reason: 'forbidden',
    });
    expect(
      noted('rules: [{ name: a, when: { step: resize-guest, target: { tags: [x] } }, level: approve }]'),
    ).toMatchObject({ reason: 'no-rule' });
  });
});
