import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../src/core/change-set.ts';
import { decide, type DecideInput, type TargetFacts } from '../../src/policy/index.ts';
import { stepsOf, sitePlan } from '../records/ansible-examples.ts';
import { now, policies } from './fixtures.ts';

const rules = policies(`
rules:
  - { name: databases, when: { step: run-playbook, target: { hosts: [postgres] } }, level: approve-2 }
  - { name: critical, when: { step: run-playbook, target: { tags: [critical] } }, level: approve-3 }
  - { name: never, when: { step: run-playbook, target: { names: [wipe] } }, level: forbidden }
  - { name: playbooks, when: { step: run-playbook }, level: notify }
`);
const site: TargetFacts = { cluster: '', name: 'site', tags: [], carries: [], hosts: ['web'] };

function ask(facts: Partial<TargetFacts>, over: Partial<DecideInput> = {}): string {
  const [step] = stepsOf(sitePlan());
  if (step === undefined) throw new Error('there is no step');
  const steps = over.differences === undefined ? [step] : [];
  const target = over.differences?.[0]?.target ?? step.target;
  const asked = { policies: rules, approvers: ['ann', 'ben', 'cid'], now, origin: 'person' as const };
  const answer = decide({
    ...{ ...asked, steps, targets: new Map([[target, { head: { ...site, ...facts } }]]) },
    ...over,
  } as DecideInput);
  return isRefusal(answer) ? answer.reason : `${answer.rule}: ${answer.level}`;
}

describe('what the rules say of a playbook', () => {
  it('goes by its hosts, by what its guests are, and by its name', () => {
    expect(ask({})).toBe('playbooks: notify');
    expect(ask({ hosts: ['web', 'postgres'] })).toBe('databases: approve-2');
    expect(ask({ tags: ['critical'] })).toBe('critical: approve-3');
    expect(ask({ name: 'wipe' })).toBe('forbidden');
  });

  it('is no where no rule is about it', () => {
    const policy = policies('rules:\n  - { name: guests, when: { step: resize-guest }, level: auto }\n');
    expect(ask({}, { policies: policy })).toBe('no-rule');
  });

  it('is refused where it restarts what carries the forge, unless a rule names that', () => {
    const [step] = stepsOf(sitePlan());
    const restarts = step === undefined ? [] : [{ ...step, reboots: true }];
    expect(ask({ carries: ['forge'] }, { steps: restarts })).toBe('carries');
    expect(ask({ carries: ['forge'] })).toBe('playbooks: notify');
  });

  it('of what runs, without a host that could be named, is the strictest that can be reached, and never without a person', () => {
    const hostless: TargetFacts = { cluster: '', name: 'ansible/', tags: [], carries: [] };
    const differences = [{ kind: 'run-playbook' as const, target: 'ansible', name: 'ansible/' }];
    const of = (over: Partial<DecideInput>) =>
      ask({}, { differences, targets: new Map([['ansible', { head: hostless }]]), ...over });
    expect(of({})).toBe('critical: approve-3');
    expect(of({ approvers: ['ann', 'ben'] })).toBe('databases: approve-2');
    expect(of({ approvers: ['ann'] })).toBe('playbooks: approve');
    const only = policies('rules:\n  - { name: no, when: { step: run-playbook }, level: forbidden }\n');
    expect(of({ policies: only })).toBe('forbidden');
  });
});
