import { describe, expect, it } from 'vitest';
import { playbookRunner } from '../../../src/appliers/ansible/applier.ts';
import type { AnsibleEngine, AnsiblePlan, HostPlan } from '../../../src/core/ansible.ts';
import { chrony, hostPlan, sitePlan } from '../../records/ansible-examples.ts';

const quiet = hostPlan('first', { changes: [] });
const one = hostPlan('web', { changes: [chrony] });
const more = { ...chrony, task: 'Once for all' };
const playbook = 'ansible/playbooks/site.yaml';

/** A playbook of this text, by what check mode says of every host and of the changed ones alone. */
function checked(text: string, alone: HostPlan, all: HostPlan[] = [quiet, one]) {
  const asked: (readonly string[] | undefined)[] = [];
  const engine: AnsibleEngine = {
    check: ({ hosts }) => {
      asked.push(hosts);
      return Promise.resolve(sitePlan({ hosts: hosts === undefined ? all : [alone] }));
    },
    apply: () => Promise.reject(new Error('nothing is applied here')),
  };
  const tree = new Map([[playbook, text]]);
  const plan: Promise<AnsiblePlan> = playbookRunner(engine, () => ({ tree, before: tree, playbook })).check(playbook);
  return { plan, asked };
}

describe('a playbook that goes by which hosts there are', () => {
  it('is refused where the hosts of an apply alone would get something that was not shown', async () => {
    for (const word of ['run_once: true', '{{ ansible_play_hosts[0] }}', '{{ play_hosts | first }}']) {
      const { plan } = checked(word, { ...one, changes: [chrony, more] });
      await expect(plan).rejects.toMatchObject({
        code: 'ANSIBLE_REFUSED',
        details: {
          objections: [{ kind: 'hidden', file: playbook, next: expect.stringContaining('group_vars') as never }],
        },
      });
    }
    const fails = { ...one, failed: { task: 'Balancer', why: 'no such fact' } };
    await expect(checked('hostvars', fails).plan).rejects.toThrow(/it fails on web alone/);
  });

  it('is as it is where they get the same, and is checked once where it asks for no other host', async () => {
    const same = checked('run_once: true', one);
    expect((await same.plan).hosts).toHaveLength(2);
    expect(same.asked).toEqual([undefined, ['web']]);
    for (const each of [
      checked('- hosts: all', one),
      checked('run_once: true', one, [one]),
      checked('run_once', one, [quiet]),
    ]) {
      await each.plan;
      expect(each.asked).toEqual([undefined]);
    }
  });
});
