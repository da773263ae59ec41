import { ansibleOf } from '../../src/cli/ansible.ts';
import type { AnsibleEngine, AnsiblePlan, AnsibleWork, HostPlan } from '../../src/core/ansible.ts';
import { digestOf } from '../../src/core/json.ts';
import type { Ground } from '../../src/deliver/world.ts';
import { changing } from '../records/ansible-examples.ts';
import { type DeliverLab, deliverLab, type DeliverLabOptions } from './deliver-lab.ts';

// Hosts that have one setting, and a playbook that sets it: what deliver makes of Ansible, without Ansible.

/** Hosts as they are, and what ansible-playbook would find of them. */
export interface Hosts {
  /** The time zone that each has. */
  zones: Map<string, string>;
  /** Do not answer. */
  down: Set<string>;
  /** Go down in the middle of an apply, before it changes them or behind that. */
  lost: Map<string, 'before' | 'after'>;
  /** Fail when they are set. */
  failing: Set<string>;
  /** Restart a service because the zone changed. */
  restarting: Set<string>;
  /** Fail at that restart, when the zone is set already. */
  stuck: Set<string>;
  /** Have a task that check mode cannot predict. */
  blind: Set<string>;
  /** Playbook and host of every apply. */
  applied: string[];
  checks: number;
  /** Texts of the playbooks that were checked. */
  ran: Set<string>;
  core: string;
  /** Restart a service where they are not with all the others: `run_once`. */
  alone?: boolean;
  /** Somebody else sets every zone back at once. */
  drifting?: boolean;
  /** Where each is reached. */
  at: Map<string, string>;
}

export interface AnsibleLab extends DeliverLab {
  hosts: Hosts;
}

/** Switches Ansible on in gitmend.yaml. */
export const ansibleOn = (text: string): string =>
  `${text.replace('window: 5s', 'window: 1s')}\nansible: { knownHosts: ansible/known_hosts, collections: [community.general] }\n`;

/** `timezone` of group_vars/all.yaml */
export const zone =
  (name: string) =>
  (text: string): string =>
    text.replace(/^timezone: .*$/m, `timezone: ${name}`);

export const allVars = 'ansible/group_vars/all.yaml';
export const playbook = 'ansible/playbooks/site.yaml';

/** A home whose hosts are as the template declares them. */
export async function ansibleLab(options: DeliverLabOptions = {}): Promise<AnsibleLab> {
  const begin = options.begin ?? { 'gitmend.yaml': ansibleOn };
  const lab = await deliverLab({ ...options, begin });
  const hosts: Hosts = {
    zones: new Map(['frigate', 'gitea', 'nextcloud', 'postgres'].map((host) => [host, 'Etc/UTC'])),
    ...{
      down: new Set(),
      lost: new Map(),
      failing: new Set(),
      restarting: new Set(),
      stuck: new Set(),
      blind: new Set(),
      applied: [],
      checks: 0,
      ran: new Set(),
      core: '2.14.18',
      // As guests/ and the inventory of the template have them.
      at: new Map(
        ['postgres', 'nextcloud', 'frigate', 'homeassistant', 'gitea'].map((host, n) => [host, `192.168.1.${20 + n}`]),
      ),
    },
  };
  reach(lab.read, 'read', hosts, lab);
  reach(lab.write, 'write', hosts, lab);
  return { ...lab, hosts };
}

export function reach(
  ground: Ground,
  role: 'read' | 'write',
  hosts: Hosts,
  { clock }: Pick<DeliverLab, 'clock'>,
): void {
  const engines = ground.engines;
  ground.engines = (rules) => ({
    ...engines(rules),
    ansible: ansibleOf({ role, clock, engine: async () => engineOn(hosts) }),
  });
}

function engineOn(hosts: Hosts): AnsibleEngine {
  const found = (work: AnsibleWork, mode: AnsiblePlan['mode'], plans: HostPlan[]): AnsiblePlan => ({
    ...{ playbook: work.playbook, mode, hosts: plans, withoutHosts: [], core: hosts.core, stale: digestOf(hosts.core) },
  });
  const named = ({ hosts: only }: AnsibleWork) =>
    [...hosts.zones.keys()].filter((host) => only?.includes(host) ?? true);
  return {
    check: async (work) => {
      hosts.checks += 1;
      hosts.ran.add(work.tree.get(work.playbook) ?? '');
      return found(
        work,
        'check',
        named(work).map((host) => checked(besides(hosts, work), host, wantedOf(work))),
      );
    },
    apply: async (work) => {
      const plans = named(work).map((host) => {
        const lost = hosts.lost.get(host);
        if (lost === 'before') hosts.down.add(host);
        const plan = { ...checked(hosts, host, wantedOf(work)), unpredicted: [] };
        hosts.applied.push(`${work.playbook} ${host}`);
        if (hosts.failing.has(host)) return { ...plan, failed: { task: 'The zone', why: 'no space left on device' } };
        if (!hosts.down.has(host)) hosts.zones.set(host, hosts.drifting === true ? 'Mars/Olympus' : wantedOf(work));
        if (lost === 'after') hosts.down.add(host);
        if (lost !== undefined) return { ...plan, changes: [], unreachable: 'the connection was closed' };
        return hosts.stuck.has(host) ? { ...plan, failed: { task: 'Restart', why: 'the unit failed' } } : plan;
      });
      return found(work, 'apply', plans);
    },
  };
}

/** The same hosts, where only some of them are reached. */
function besides(hosts: Hosts, { hosts: only }: AnsibleWork): Hosts {
  return hosts.alone === true && only !== undefined ? { ...hosts, restarting: new Set(only) } : hosts;
}

function wantedOf({ tree }: AnsibleWork): string {
  return /^timezone: (.*)$/m.exec(tree.get(allVars) ?? '')?.[1] ?? '';
}

function checked(hosts: Hosts, host: string, wanted: string): HostPlan {
  const now = hosts.zones.get(host) ?? '';
  const where = { play: 'Every guest', module: 'community.general.timezone' };
  const change = changing({ ...where, task: 'The zone', handler: false, diff: [`-${now}`, `+${wanted}`] });
  const restart = changing({ ...where, module: 'ansible.builtin.service', task: 'Restart', handler: true, diff: [] });
  const task = { play: 'Every guest', task: 'Sync', module: 'ansible.builtin.command', why: 'it runs a command' };
  return {
    ...{
      host,
      reached: { address: hosts.at.get(host) ?? host, port: '' },
      changes: now === wanted || hosts.down.has(host) ? [] : [change, ...(hosts.restarting.has(host) ? [restart] : [])],
    },
    unchanged: 1,
    unpredicted: hosts.blind.has(host) ? [task] : [],
    ...(hosts.down.has(host) ? { unreachable: 'no route to host' } : {}),
  };
}
