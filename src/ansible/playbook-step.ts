import type { AnsiblePlan, HostPlan } from '../core/ansible.ts';
import { type Refusal, refusal } from '../core/change-set.ts';
import { type Digest, digestOf } from '../core/json.ts';
import type { PlaybookAction, Step } from '../core/step.ts';
import type { Target } from '../core/target.ts';
import { counted, listed } from '../texts/words.ts';
import { reachedBy } from './addresses.ts';
import { actionsOf } from './judge.ts';

/** What check mode says of one playbook, or why nobody can say. `done`: a run that goes on found the step done. */
export type PlaybookPlan =
  | { state: 'planned'; plan: AnsiblePlan }
  | { state: 'refused'; refusals: readonly Refusal[] }
  | { state: 'done'; step: Step };

/** `ansible/playbooks/site.yaml` → `ansible/site`, `ansible/web/site.yml` → `ansible/web/site` */
export function playbookTarget(playbook: string): Target {
  return playbook.replace(/^ansible\/(?:playbooks\/)?/, 'ansible/').replace(/\.ya?ml$/, '');
}

/** Hosts on which something happens: a change, or a task that nobody can predict. By name. */
export function touchedHosts({ hosts }: Pick<AnsiblePlan, 'hosts'>): HostPlan[] {
  return hosts
    .filter(({ changes, unpredicted }) => changes.length + unpredicted.length > 0)
    .sort((a, b) => (a.host < b.host ? -1 : 1));
}

/** The digest of what a playbook does on these hosts, as its step binds it. */
export function boundBy(plan: AnsiblePlan, hosts: readonly string[]): Digest {
  return digestOf(actionsOf({ ...plan, hosts: plan.hosts.filter(({ host }) => hosts.includes(host)) }));
}

/** Why nothing can be said of a playbook, or not all was done: a host that does not answer, a task that fails. */
export function checkFault(plan: AnsiblePlan): Refusal | undefined {
  const silent = plan.hosts.filter(({ unreachable }) => unreachable !== undefined);
  if (silent.length > 0) {
    const each = silent.slice(0, 5).map(({ host, unreachable }) => `${host} (${unreachable ?? ''})`);
    const more = silent.length > each.length ? [`${silent.length - each.length} more`] : [];
    return refusal(
      'ansible-unreachable',
      `${plan.playbook} does not reach ${listed([...each, ...more])}`,
      'have the host answer over SSH, take it out of the inventory, or leave it out by limit: of ansible: in gitmend.yaml',
    );
  }
  const failed = plan.hosts.find((host) => host.failed !== undefined);
  if (failed?.failed === undefined) return undefined;
  const { task, why } = failed.failed;
  return refusal(
    'ansible-check-failed',
    `${plan.playbook} fails on ${failed.host} ${plan.mode === 'check' ? 'already in check mode, ' : ''}at ${task}: ${why}`,
    'mend the variable or the host; a task that cannot be checked may say when: not ansible_check_mode',
  );
}

/** The step of a playbook that was checked; none where it changes nothing and predicts everything. */
export function playbookSteps(planned: PlaybookPlan): { steps: readonly Step[]; refusals: readonly Refusal[] } {
  if (planned.state === 'refused') return { steps: [], refusals: planned.refusals };
  if (planned.state === 'done') return { steps: [planned.step], refusals: [] };
  const { plan } = planned;
  const fault = checkFault(plan);
  if (fault !== undefined) return { steps: [], refusals: [fault] };
  const touched = touchedHosts(plan);
  return { steps: touched.length === 0 ? [] : [stepOf(plan, touched)], refusals: [] };
}

function stepOf(plan: AnsiblePlan, touched: readonly HostPlan[]): Step {
  const hosts = touched.map(({ host }) => host);
  const sum = (of: (host: HostPlan) => readonly unknown[]) => touched.reduce((all, host) => all + of(host).length, 0);
  const target = playbookTarget(plan.playbook);
  const bound = boundBy(plan, hosts);
  const reached = reachedBy(touched);
  const action: PlaybookAction = {
    kind: 'run-playbook',
    playbook: plan.playbook,
    hosts,
    ...(Object.keys(reached).length === 0 ? {} : { reached }),
    plan: bound,
    stale: plan.stale,
  };
  const reboots = touched.some(({ changes }) => changes.some(({ module }) => restarting.has(module)));
  return {
    ...{ applier: 'ansible', target, name: target.slice('ansible/'.length), where: plan.playbook },
    ...{ kind: 'run-playbook', action, preState: bound, before: {} },
    after: { hosts, changes: sum(({ changes }) => changes), unpredicted: sum(({ unpredicted }) => unpredicted) },
    changes: [],
    ...{ inverse: 'irreversible', live: true, reboots, destroys: false },
  };
}

/** Modules that say by their name alone that the host is down meanwhile. */
const restarting: ReadonlySet<string> = new Set([
  'ansible.builtin.reboot',
  'ansible.windows.win_reboot',
  'community.general.shutdown',
]);

/** `2 tasks change, 1 task runs unpredicted` */
export function playbookWords(changes: number, unpredicted: number): string {
  const words = [
    ...(changes === 0 ? [] : [counted(changes, 'task changes', 'tasks change')]),
    ...(unpredicted === 0 ? [] : [counted(unpredicted, 'task runs unpredicted', 'tasks run unpredicted')]),
  ];
  return words.length === 0 ? 'nothing changes' : words.join(', ');
}
