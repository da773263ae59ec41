import type { AnsiblePlan, HostPlan, TaskChange } from '../../src/core/ansible.ts';
import { digestOf } from '../../src/core/json.ts';
import { playbookSteps } from '../../src/ansible/playbook-step.ts';
import type { PlanRecord } from '../../src/core/plan.ts';
import type { Step } from '../../src/core/step.ts';
import { oneApproval, planRecord, sha } from './examples.ts';

// One story: a pull request sets another time server for all hosts.

/** A change as a check tells of it. */
export function changing(over: Omit<TaskChange, 'digest' | 'cut' | 'hidden'> & { hidden?: boolean }): TaskChange {
  return { cut: 0, hidden: false, ...over, digest: digestOf(over.diff) };
}

export const chrony = changing({
  ...{ play: 'all hosts', task: 'Time comes from one server', module: 'ansible.builtin.template', handler: false },
  diff: [
    '--- before: /etc/chrony/chrony.conf',
    '+++ after: /etc/chrony/chrony.conf',
    '@@ -1,3 +1,3 @@',
    ' # Managed by Ansible',
    '-server 192.168.1.1 iburst',
    '+server 192.168.1.24 iburst',
    ' makestep 1 3',
  ],
});

const restarted = changing({
  ...{ play: 'all hosts', task: 'Restart chrony', module: 'ansible.builtin.service', handler: true },
  diff: [],
});

const password = changing({
  ...{ play: 'databases', task: 'Roles and their passwords', module: 'community.postgresql.postgresql_user' },
  ...{ item: 'app', handler: false, diff: [], hidden: true },
});

export const vacuum = {
  ...{ play: 'databases', task: 'Analyse every database', module: 'ansible.builtin.command' },
  why: 'it runs a command, which check mode does not run',
};

export const hostPlan = (host: string, over: Partial<HostPlan> = {}): HostPlan => ({
  ...{ host, changes: [chrony, restarted], unpredicted: [], unchanged: 6 },
  ...over,
});

export const sitePlan = (over: Partial<AnsiblePlan> = {}): AnsiblePlan => ({
  playbook: 'ansible/playbooks/site.yaml',
  mode: 'check',
  hosts: [
    hostPlan('frigate'),
    hostPlan('gitea', { changes: [] }),
    hostPlan('nextcloud'),
    hostPlan('postgres', { changes: [chrony, restarted, password], unpredicted: [vacuum] }),
  ],
  withoutHosts: [],
  core: '2.14.18',
  stale: sha('7'),
  ...over,
});

export function stepsOf(plan: AnsiblePlan): Step[] {
  const { steps, refusals } = playbookSteps({ state: 'planned', plan });
  if (refusals[0] !== undefined) throw new Error(refusals[0].message);
  return [...steps];
}

/** A pull request that does nothing but what these playbooks do. */
export function ansibleRecord(plans: readonly AnsiblePlan[], over: Partial<PlanRecord> = {}): PlanRecord {
  return planRecord({
    ...{ remedy: '', fingerprint: '', synthesized: [], steps: plans.flatMap(stepsOf) },
    policy: { ...oneApproval, rule: 'playbooks' },
    ansible: plans.map((plan) => ({ target: 'ansible/site', plan })),
    preview: { accepted: true, notes: ['check mode reached 3 hosts'] },
    verification: {
      ...{ window: 0, watch: 86_400, predicate: 'default', words: 'a second check of site changes nothing' },
    },
    ...over,
  });
}
