import type { AnsiblePlan, HostPlan, TaskChange } from '../core/ansible.ts';
import { isQuiet } from './judge.ts';

/** `ansible/playbooks/site.yaml: 2 of 4 hosts, 3 changes, 1 task that check mode cannot predict` */
export function summaryOf({ playbook, hosts }: AnsiblePlan): string {
  const changed = hosts.filter((host) => !isQuiet(host));
  const changes = sum(hosts.map((host) => host.changes.length));
  const unpredicted = sum(hosts.map((host) => host.unpredicted.length));
  const parts = [
    `${changed.length} of ${count(hosts.length, 'host')}`,
    count(changes, 'change'),
    ...(unpredicted === 0 ? [] : [`${count(unpredicted, 'task')} that check mode cannot predict`]),
  ];
  return `${playbook}: ${changed.length === 0 ? `nothing to do on ${count(hosts.length, 'host')}` : parts.join(', ')}`;
}

/** A plan as lines of plain text, each host with what changes, what is not known, and what went wrong. Not yet escaped. */
export function linesOf(plan: AnsiblePlan): string[] {
  const silent = (plan.silent ?? []).map((host) => `${host} does not answer, and is not checked`);
  const none = plan.withoutHosts.map((play) => `the play ‘${play}’ finds no host`);
  return [summaryOf(plan), ...plan.hosts.filter((host) => !isQuiet(host)).flatMap(hostLines), ...silent, ...none];
}

function hostLines({ host, changes, unpredicted, failed, unreachable }: HostPlan): string[] {
  return [
    host,
    ...(unreachable === undefined ? [] : [`  not reached: ${unreachable}`]),
    ...changes.flatMap(changeLines),
    ...unpredicted.map(({ task, module, why }) => `  not known: ${task} (${module}): ${why}`),
    ...(failed === undefined ? [] : [`  fails: ${failed.task}: ${failed.why}`]),
  ];
}

function changeLines(change: TaskChange): string[] {
  const cut = change.cut === 0 ? [] : [`    (${change.cut} more lines)`];
  return [`  ${changeWords(change)}`, ...change.diff.map((line) => `    ${line}`), ...cut];
}

/** `changes: The settings are in a file (ansible.builtin.copy), item web` */
export function changeWords({ task, module, item, handler, hidden, diff }: TaskChange): string {
  const unshown = hidden ? ', not shown (no_log)' : diff.length === 0 ? ', its module shows no difference' : '';
  return `${handler ? 'then runs' : 'changes'}: ${task} (${module})${item === undefined ? '' : `, item ${item}`}${unshown}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
