import type { AnsibleObjection, AnsiblePlan, HostPlan } from '../core/ansible.ts';
import type { Json } from '../core/json.ts';

/**
 * What an approval binds: the playbook, the hosts, what changes on each, and what could not be predicted. Not when it was
 * looked at, nor how many tasks find everything as it is. The same actions have the same canonical JSON.
 */
export function actionsOf({ playbook, hosts }: AnsiblePlan): Json {
  return { playbook, hosts: hosts.filter((host) => !isQuiet(host)).map(hostActions) };
}

function hostActions({ host, changes, unpredicted, failed, unreachable }: HostPlan): Json {
  return {
    host,
    changes: changes.map(({ play, task, module, item, handler, digest, hidden }) => ({
      play,
      task,
      module,
      item: item ?? null,
      handler,
      hidden,
      diff: digest,
    })),
    unpredicted: unpredicted.map(({ play, task, module }) => ({ play, task, module })),
    failed: failed?.task ?? null,
    unreachable: unreachable !== undefined,
  };
}

/** Nothing would be done there, and that is certain. */
export function isQuiet({ changes, unpredicted, failed, unreachable }: HostPlan): boolean {
  return changes.length + unpredicted.length === 0 && failed === undefined && unreachable === undefined;
}

/** Hosts on which something would be done, by name: what an apply is limited to. */
export function hostsOf({ hosts }: AnsiblePlan): string[] {
  return hosts.filter((host) => !isQuiet(host)).map(({ host }) => host);
}

/** What stands against applying a plan, one sentence each: it is not known what would happen. */
export function againstPlan({ hosts }: AnsiblePlan): string[] {
  return hosts.flatMap(({ host, failed, unreachable }) => [
    ...(unreachable === undefined ? [] : [`${host} could not be reached: ${unreachable}`]),
    ...(failed === undefined ? [] : [`on ${host} the task ‘${failed.task}’ fails: ${failed.why}`]),
  ]);
}

/** What a new plan does that the approved one did not, one sentence each; nothing where it is the same. */
export function widerPlan(approved: AnsiblePlan, now: AnsiblePlan): string[] {
  const shown = new Map(approved.hosts.map((host) => [host.host, JSON.stringify(hostActions(host))]));
  const other = now.hosts.filter((host) => {
    const before = shown.get(host.host);
    return before === undefined ? !isQuiet(host) : before !== JSON.stringify(hostActions(host));
  });
  const gone = approved.hosts.filter((host) => !isQuiet(host) && !now.hosts.some((one) => one.host === host.host));
  return [
    ...(approved.stale === now.stale
      ? []
      : ['the inventory, a collection or Ansible itself is another than was shown']),
    ...other.map(({ host }) => `on ${host} something else would be done than was shown`),
    ...gone.map(({ host }) => `${host} was to be changed, and is not in the inventory any more`),
  ];
}

/** `ansible/host_vars/db.yaml:3: ansible_connection decides where …. Take it out` */
export function sayObjection({ file, line, name, why, next }: AnsibleObjection): string {
  const place = line === 0 ? file : `${file}:${line}`;
  return `${place}: ${name === '' || why.includes(name) ? '' : `‘${name}’: `}${why}. ${next}.`;
}
