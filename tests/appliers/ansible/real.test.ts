import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ansibleOn, type AnsibleSetting, demandWhole } from '../../../src/appliers/ansible/index.ts';
import { actionsOf, againstPlan, hostsOf } from '../../../src/ansible/index.ts';
import { GitmendError } from '../../../src/core/errors.ts';
import { canonical } from '../../../src/core/json.ts';
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

const troubled = `- name: Troubled
  hosts: all
  gather_facts: false
  tasks:
    - name: All in one
      ansible.builtin.copy:
        dest: "{{ place }}/all"
        mode: "0600"
        content: |
          vault {{ x }}
          smtp {{ lookup('env', 'SMTP_PASSWORD') }}
          sudo {{ ansible_become_password }}
          plain words
    - name: It stops here
      ansible.builtin.fail: { msg: "because {{ x }}" }
    - name: Never seen
      ansible.builtin.copy: { dest: "{{ place }}/never", content: x, mode: "0600" }
`;

// ansible-vault encrypt_string of ansible-core 2.14.18 with the password pw.
const vaulted = `x: !vault |
  $ANSIBLE_VAULT;1.1;AES256
  37363433396535643463313466393539313163663561656339376430396136353963383362623731
  3465306234373461666139313862346534363338633935380a633035623432313734393039383265
  61663264316166393339316339363034333332643466326533353934343531393830306336303662
  6465623733353863620a316165663966363965326438366634336635643733386533376165663662
  39333566353132663138383735613437313236396639653231333663653666663566
`;

const otherKey = 'AAAAC3NzaC1lZDI1NTE5AAAAIJ3bVq0r0nX4b8nqv1s0Y2q1m9h0Jx6p7z3c8o5u2k1a';

// Three runs of Ansible in one test, each with a Python for every task.
const patience = 240_000;

describe.skipIf(!hasAnsible())('ansible-core on a real sshd', { timeout: patience }, () => {
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
    expect(after.stale).toBe(plan.stale);
    expect(canonical(actionsOf(after))).not.toBe(canonical(actionsOf(plan)));
    expect(readdirSync(root)).toEqual([]);
  });

  it('opens what is encrypted, hides it and what it was given, and tells apart what fails from what is not reached', async () => {
    const files = {
      'playbooks/site.yaml': troubled,
      'group_vars/web.yaml': vaulted,
      'group_vars/away.yaml': 'x: never reached\nansible_become_password: of nobody\n',
      'host_vars/one.yaml': `ansible_become_password: "{{ lookup('env', 'SMTP_PASSWORD') }}"\n`,
      'ansible.cfg': '[defaults]\nforks = 2\ninventory = inventory.yaml\n',
    };
    const environment = { SMTP_PASSWORD: 'smtp-hush-hush' };
    const plan = await engine({
      config: { ...config, environment: { SMTP_PASSWORD: { env: 'X' } } },
      credentials: { sshKey: { text: sshd.key }, vaultPassword: 'pw', environment },
    }).check(workOn(treeFor(sshd, files)));
    const [gone, one] = plan.hosts;
    expect(gone).toMatchObject({
      host: 'gone',
      changes: [],
      unreachable: expect.stringContaining('refused') as string,
    });
    expect(one?.changes[0]?.diff).toEqual(
      expect.arrayContaining(['+vault (sensitive)', '+smtp (sensitive)', '+sudo (sensitive)', '+plain words']),
    );
    expect(one?.changes[0]?.diff[0]).toBe(`--- ${sshd.target}/all`);
    expect(one?.failed).toEqual({ task: 'It stops here', why: 'because (sensitive)' });
    expect(one?.changes.map(({ task }) => task)).toEqual(['All in one']);
    expect(againstPlan(plan)).toHaveLength(2);
    expect(() => demandWhole(plan)).toThrow(/ANSIBLE_TASK_FAILED|It stops here/);
    expect(JSON.stringify(plan)).not.toMatch(/geheimnis|hush-hush/);
  });

  it('logs in to no host whose key is another one', async () => {
    const tree = new Map(treeFor(sshd, files));
    tree.set('ansible/known_hosts', sshd.knownHosts.replace(/ssh-ed25519 .*/, `ssh-ed25519 ${otherKey}`));
    const plan = await engine().check(workOn(tree));
    expect(plan.hosts).toMatchObject([
      { host: 'one', changes: [], unreachable: expect.stringMatching(/key|identif/i) as string },
    ]);
    expect(() => demandWhole(plan)).toThrow(GitmendError);
  });
});
