import type { AnsibleObjection, AnsiblePlan, AnsibleWork } from '../core/ansible.ts';
import { boundBy, checkFault, touchedHosts } from './playbook-step.ts';

// A task with run_once goes to the first host that there is; hostvars holds what was found on hosts that were looked at.
const others = /\b(?:run_once|hostvars|play_hosts|ansible_(?:play_hosts(?:_all)?|play_batch|limit))\b/;

/**
 * The hosts that a check has to be made of alone before its plan can be believed: an apply reaches only those on which
 * something happens, and this playbook asks which hosts there are. `undefined` where that makes no difference.
 */
export function aloneOn({ tree }: Pick<AnsibleWork, 'tree'>, plan: AnsiblePlan): string[] | undefined {
  const hosts = touchedHosts(plan).map(({ host }) => host);
  if (hosts.length === 0 || hosts.length === plan.hosts.length || checkFault(plan) !== undefined) return undefined;
  const asks = [...tree].some(([path, text]) => path.startsWith('ansible/') && others.test(text));
  return asks ? hosts : undefined;
}

/** Why a plan of all hosts says nothing of a run on these alone; `undefined` where it is the same. */
export function notAlone(all: AnsiblePlan, alone: AnsiblePlan, hosts: readonly string[]): AnsibleObjection | undefined {
  const fault = checkFault(alone);
  if (fault === undefined && boundBy(alone, hosts) === boundBy(all, hosts)) return undefined;
  const how = fault === undefined ? 'does something else than was found with every host' : 'fails';
  return {
    ...{ kind: 'hidden', file: all.playbook, line: 0, name: '' },
    why: `it ${how} on ${hosts.slice(0, 5).join(', ')}${hosts.length > 5 ? ' …' : ''} alone, and an apply reaches only these: a task goes by which hosts there are (run_once, hostvars …)`,
    next: 'Put what one host does for all into a play of its own with that host, and values of other hosts into group_vars',
  };
}
