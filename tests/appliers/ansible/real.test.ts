import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ansibleOn, type AnsibleSetting } from '../../../src/appliers/ansible/index.ts';
import { actionsOf, hostsOf } from '../../../src/ansible/index.ts';
import { hasAnsible, startSshd, type TestSshd } from '../../support/sshd.ts';
import { config, playbook, treeFor, workOn } from './lab.ts';

const site = `- name: Files
  hosts: web
  gather_facts: false
  tasks:
    - name: The settings are in a file of {{ owner }}
      ansible.builtin.copy:
        dest: "{{ place }}/app.conf"
        mode: "0640"
        content: |
          workers = {{ workers }}
          db_password = {{ db_password }}
          note = {{ note }}
      notify: Restart
    - name: Each line stands there
      ansible.builtin.lineinfile: { path: "{{ place }}/app.list", line: "{{ item }}", create: true, mode: "0644" }
      loop: [one, two]
    - name: The banner is made of a template
      ansible.builtin.template: { src: banner.j2, dest: "{{ place }}/banner", mode: "0644" }
    - name: The key is written
      ansible.builtin.copy: { dest: "{{ place }}/key", content: "{{ db_password }}", mode: "0600" }
      no_log: true
    - name: Who is there
      ansible.builtin.command: { cmd: id -un }
      register: who
      changed_when: false
    - name: The name is noted
      ansible.builtin.copy: { dest: "{{ place }}/who", content: "{{ who.stdout | default('') }}", mode: "0644" }
    - name: Made once
      ansible.builtin.shell: { cmd: "date > {{ place }}/made", creates: "{{ place }}/made" }
      notify: Restart
  handlers:
    - name: Restart
      ansible.builtin.copy: { dest: "{{ place }}/restarted", content: "yes", mode: "0644" }
`;

const files = {
  'playbooks/site.yaml': site,
  'playbooks/templates/banner.j2': 'Welcome to {{ inventory_hostname }}\n',
  'group_vars/web.yaml': 'owner: ops\nworkers: 4\nnote: plain words\ndb_password: hunter22horse\n',
};

describe.skipIf(!hasAnsible())('ansible-core on a real sshd', () => {
  let sshd: TestSshd;
  let root: string;
  beforeAll(async () => {
    sshd = await startSshd();
    root = mkdtempSync(join(tmpdir(), 'gitmend-ansible-test-'));
  });
  afterAll(async () => {
    await sshd.stop();
    rmSync(root, { recursive: true, force: true });
  });

  function engine(more: Partial<AnsibleSetting> = {}) {
    return ansibleOn({ config, credentials: { sshKey: { text: sshd.key }, environment: {} }, root, ...more });
  }

  it('shows what each host gets and what cannot be predicted, changes nothing, and does the same when it applies', async () => {
    const work = workOn(treeFor(sshd, files));
    const plan = await engine().check(work);
    expect(readdirSync(sshd.target)).toEqual([]);
    expect(plan).toMatchObject({ playbook, mode: 'check', withoutHosts: [] });
    const [one] = plan.hosts;
    expect(one?.failed).toBeUndefined();
    expect(one?.changes.map(({ task, module, item, handler }) => [task, module, item, handler])).toEqual([
      ['The settings are in a file of {{ owner }}', 'ansible.builtin.copy', undefined, false],
      ['Each line stands there', 'ansible.builtin.lineinfile', 'one', false],
      ['Each line stands there', 'ansible.builtin.lineinfile', 'two', false],
      ['The banner is made of a template', 'ansible.builtin.template', undefined, false],
      ['The key is written', 'ansible.builtin.copy', undefined, false],
      ['Restart', 'ansible.builtin.copy', undefined, true],
    ]);
    expect(one?.unpredicted.map(({ task, why }) => [task, why])).toEqual([
      ['Who is there', 'it runs a command, which check mode does not run'],
      ['The name is noted', 'it goes by what ‘Who is there’ would have said, which was not run'],
      ['Made once', 'it runs a command, which check mode does not run; it may notify Restart'],
    ]);
    const [settings, , , banner, key] = one?.changes ?? [];
    expect(settings?.diff).toEqual(
      expect.arrayContaining(['+workers = 4', '+db_password = (sensitive)', '+note = plain words']),
    );
    expect(banner?.diff).toContain('+Welcome to one');
    expect(key).toMatchObject({ hidden: true, diff: [] });
    expect(JSON.stringify(plan)).not.toContain('hunter22horse');

    const again = await engine().check(work);
    expect(actionsOf(again)).toEqual(actionsOf(plan));
    expect(again.stale).toBe(plan.stale);

    expect(hostsOf(plan)).toEqual(['one']);
    const applied = await engine().apply({ ...work, hosts: hostsOf(plan) });
    expect(readFileSync(join(sshd.target, 'app.conf'), 'utf8')).toContain('db_password = hunter22horse');
    expect(readFileSync(join(sshd.target, 'who'), 'utf8')).toBe(sshd.user);
    expect(existsSync(join(sshd.target, 'restarted'))).toBe(true);
    expect(applied.hosts[0]?.unpredicted).toEqual([]);
    expect(applied.hosts[0]?.changes.map(({ task }) => task)).toContain('Made once');
    expect(JSON.stringify(applied)).not.toContain('hunter22horse');

    const after = await engine().check(work);
    expect(after.hosts[0]?.changes).toEqual([]);
    expect(readdirSync(root)).toEqual([]);
  });
});
