import { describe, expect, it } from 'vitest';
import { boundBy, checkFault, playbookSteps, playbookTarget, playbookWords } from '../../src/ansible/playbook-step.ts';
import type { AnsiblePlan } from '../../src/core/ansible.ts';
import { isFinal, isHalfSeen, isPartlyUnseen, isTraceless } from '../../src/core/step.ts';
import { lockedBy } from '../../src/core/target.ts';
import { changing, chrony, hostPlan, sitePlan, vacuum } from '../records/ansible-examples.ts';

const stepsOf = (plan: AnsiblePlan) => playbookSteps({ state: 'planned', plan });
const quiet = hostPlan('gitea', { changes: [] });

describe('the step of a playbook', () => {
  it('names the hosts on which something happens, sorted, and binds what that is', () => {
    const plan = sitePlan({ hosts: [hostPlan('web'), quiet, hostPlan('db', { changes: [], unpredicted: [vacuum] })] });
    const { steps, refusals } = stepsOf(plan);
    expect(refusals).toEqual([]);
    expect(steps).toMatchObject([
      {
        ...{ applier: 'ansible', target: 'ansible/site', name: 'site', kind: 'run-playbook', inverse: 'irreversible' },
        action: { playbook: 'ansible/playbooks/site.yaml', hosts: ['db', 'web'], stale: plan.stale },
        after: { hosts: ['db', 'web'], changes: 2, unpredicted: 1 },
        reboots: false,
      },
    ]);
    const action = steps[0]?.action;
    expect(action?.kind === 'run-playbook' && action.plan).toBe(boundBy(plan, ['web', 'db']));
    expect(boundBy(plan, ['web'])).not.toBe(boundBy(plan, ['web', 'db']));
    // Hosts that stay as they are change nothing of what is bound.
    expect(boundBy(plan, ['web', 'db', 'gitea'])).toBe(boundBy(plan, ['web', 'db']));
  });

  it('is none where nothing changes and everything is predicted', () => {
    expect(stepsOf(sitePlan({ hosts: [quiet] }))).toEqual({ steps: [], refusals: [] });
  });

  it('is another one where one line of a difference is another', () => {
    const other = changing({ ...chrony, diff: [...chrony.diff, '+pool'] });
    const bound = (change: typeof chrony) =>
      boundBy(sitePlan({ hosts: [hostPlan('web', { changes: [change] })] }), ['web']);
    expect(bound(other)).not.toBe(bound(chrony));
  });

  it('restarts where a task of it is for that', () => {
    const reboot = changing({ ...chrony, module: 'ansible.builtin.reboot', diff: [] });
    expect(stepsOf(sitePlan({ hosts: [hostPlan('web', { changes: [reboot] })] })).steps[0]?.reboots).toBe(true);
  });

  it('is the one that was done, or refused as it was', () => {
    const [step] = stepsOf(sitePlan()).steps;
    if (step === undefined) throw new Error('there is no step');
    expect(playbookSteps({ state: 'done', step })).toEqual({ steps: [step], refusals: [] });
    const refusal = { refused: true as const, reason: 'ansible-missing', message: 'x', next: 'y' };
    expect(playbookSteps({ state: 'refused', refusals: [refusal] })).toEqual({ steps: [], refusals: [refusal] });
  });

  it('has a way back, and is seen in part where a task cannot be predicted', () => {
    const step = (over: Parameters<typeof hostPlan>[1]) => {
      const [one] = stepsOf(sitePlan({ hosts: [hostPlan('web', over)] })).steps;
      if (one === undefined) throw new Error('there is no step');
      return one;
    };
    const [seen, partly, blind] = [{}, { unpredicted: [vacuum] }, { changes: [], unpredicted: [vacuum] }].map(step);
    expect([seen, partly, blind].map((one) => one && [isFinal(one), isPartlyUnseen(one), isTraceless(one)])).toEqual([
      [false, false, false],
      [false, true, false],
      [false, true, true],
    ]);
  });

  it('is seen as a whole only where each host has one change, and everything is predicted', () => {
    const step = (over: Parameters<typeof hostPlan>[1]) => stepsOf(sitePlan({ hosts: [hostPlan('web', over)] })).steps;
    const halves = (over: Parameters<typeof hostPlan>[1]) => step(over).map(isHalfSeen);
    expect(halves({ changes: [chrony] })).toEqual([false]);
    expect(halves({})).toEqual([true]);
    expect(halves({ changes: [chrony], unpredicted: [vacuum] })).toEqual([true]);
    expect(isHalfSeen({ kind: 'resize-guest', after: { memory: 1 } })).toBe(false);
  });

  it('holds the area while it runs', () => {
    expect(lockedBy('ansible/site')).toEqual(['ansible', 'ansible/site']);
  });
});

describe('what keeps a playbook from being checked', () => {
  it('is every host that does not answer, by name', () => {
    const away = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((host) =>
      hostPlan(host, { changes: [], unreachable: 'no route' }),
    );
    const message = 'does not reach a (no route), b (no route), c (no route), d (no route), e (no route) and 2 more';
    expect(stepsOf(sitePlan({ hosts: [hostPlan('web'), ...away] })).refusals).toMatchObject([
      { reason: 'ansible-unreachable', message: `ansible/playbooks/site.yaml ${message}` },
    ]);
  });

  it('is the task that fails, and in which mode', () => {
    const failed = { task: 'The zone', why: 'no such zone' };
    const plan = sitePlan({ hosts: [hostPlan('web', { failed })] });
    expect(checkFault(plan)).toMatchObject({
      reason: 'ansible-check-failed',
      message: 'ansible/playbooks/site.yaml fails on web already in check mode, at The zone: no such zone',
    });
    expect(checkFault({ ...plan, mode: 'apply' })?.message).toBe(
      'ansible/playbooks/site.yaml fails on web at The zone: no such zone',
    );
    expect(checkFault(sitePlan())).toBeUndefined();
  });
});

it('a playbook is called by its file, and in words by what it does', () => {
  expect(['ansible/playbooks/site.yaml', 'ansible/web/site.yml', 'ansible/site.yaml'].map(playbookTarget)).toEqual([
    'ansible/site',
    'ansible/web/site',
    'ansible/site',
  ]);
  expect([playbookWords(1, 0), playbookWords(2, 1), playbookWords(0, 2), playbookWords(0, 0)]).toEqual([
    '1 task changes',
    '2 tasks change, 1 task runs unpredicted',
    '2 tasks run unpredicted',
    'nothing changes',
  ]);
});
