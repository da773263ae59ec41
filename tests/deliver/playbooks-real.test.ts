import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runnerPass } from '../../src/pipeline/deliver.ts';
import { type DeliverLab, deliverLab, type Files } from '../support/deliver-lab.ts';
import { openAs } from '../support/in-process.ts';
import { readable } from '../terraform/real/deliver-lab.ts';
import { computer } from '../support/machines.ts';
import { Killed, mortal } from '../support/points.ts';
import { hasAnsible, startSshd, type TestSshd } from '../support/sshd.ts';

const vars = 'ansible/group_vars/all.yaml';

const site = `- name: Settings
  hosts: all
  gather_facts: false
  tasks:
    - name: The workers are set
      ansible.builtin.copy: { dest: "{{ place }}/app.conf", content: "workers = {{ workers }}\\n", mode: "0644" }
    - name: The service is told
      ansible.builtin.command: { cmd: "touch {{ place }}/told" }
      when: tells | default(false)
`;

/** `workers: 2` → another number, as a person edits it. */
const workers =
  (count: number) =>
  (text: string): string =>
    text.replace(/^workers: \d+$/m, `workers: ${count}`);

describe.skipIf(!hasAnsible())('Ansible from a pull request to its record, on a real host', () => {
  let sshd: TestSshd;
  beforeAll(async () => void (sshd = await startSshd()));
  afterAll(() => sshd.stop());

  const conf = () => readFileSync(join(sshd.target, 'app.conf'), 'utf8');
  const plan = async (lab: DeliverLab, number: number) => (await lab.comments(number))[0]?.body ?? '';

  /** A home whose one host is the sshd of this test, as it is declared. */
  async function home(
    port = sshd.port,
    env: { [name: string]: string } = { GITMEND_SSH_KEY: sshd.key },
  ): Promise<DeliverLab> {
    writeFileSync(join(sshd.target, 'app.conf'), 'workers = 2\n', { mode: 0o644 });
    const begin: Files = {
      'gitmend.yaml': (text) =>
        `${text.replace('window: 5s', 'window: 1s')}\nansible: { sshKey: env:GITMEND_SSH_KEY, timeout: 50s }\n`,
      'ansible/inventory.yaml': `all:\n  hosts:\n    one: { ansible_host: 127.0.0.1, ansible_port: ${port} }\n`,
      'ansible/known_hosts': sshd.knownHosts,
      'ansible/ansible.cfg': null,
      'ansible/group_vars/databases.yaml': null,
      'ansible/host_vars/postgres.yaml': null,
      [vars]: `ansible_user: ${sshd.user}\nansible_python_interpreter: /usr/bin/python3\nplace: ${sshd.target}\nworkers: 2\n`,
      'ansible/playbooks/site.yaml': site,
    };
    const lab = await deliverLab({ begin, env });
    onTestFinished(async () => expect(await lab.close()).toEqual([]));
    await lab.pass();
    return lab;
  }

  async function planned(lab: DeliverLab, branch: string, files: Files): Promise<number> {
    const number = await lab.propose(branch, files);
    await lab.plan(number);
    return number;
  }

  it('is shown, merged, applied on the host, verified by a second check, and recorded', async () => {
    const lab = await home();
    const number = await planned(lab, 'more', { [vars]: workers(4) });
    const text = await plan(lab, number);
    expect(text).toContain('| 1 | site (ansible/playbooks/site.yaml) | on one: 1 task changes | Ansible |');
    expect(text).toContain('-workers = 2\n+workers = 4');
    expect([text, conf()].join('\n')).not.toContain('PRIVATE KEY');
    expect(conf()).toBe('workers = 2\n');
    lab.clock.advance(120_000);
    await lab.merge(number);
    expect(await lab.run()).toEqual(['#1 applied: site on one', '#1 verified: a second check of site changes nothing']);
    expect(conf()).toBe('workers = 4\n');
    const record = await lab.record(number);
    expect(record).toMatchObject({
      ...{ outcome: 'verified', target: 'ansible/site', applied: { areas: ['ansible'] } },
      steps: [{ action: 'ansible-playbook ansible/playbooks/site.yaml', after: { hosts: ['one'], changes: 1 } }],
    });
    expect(JSON.stringify(record)).not.toContain('PRIVATE KEY');
  }, 120_000);

  it('stops before any effect where somebody changed the host in between', async () => {
    const lab = await home();
    const number = await planned(lab, 'more', { [vars]: workers(4) });
    await lab.merge(number);
    writeFileSync(join(sshd.target, 'app.conf'), 'workers = 9\n');
    expect((await lab.run())[0]).toMatch(
      /^#1 not-applied \(stale\): ansible\/playbooks\/site.yaml would now do something else .*: on one it changes The workers are set/,
    );
    expect(conf()).toBe('workers = 9\n');
  }, 120_000);

  it('goes on behind a runner that was killed: what is done is not done again', async () => {
    const lab = await home();
    await lab.merge(await planned(lab, 'more', { [vars]: workers(4) }));
    const here = computer();
    const first = await openAs(lab.lab, 'write', here);
    await expect(runnerPass(mortal(first, (point) => point === 'after applier.apply'))).rejects.toThrow(Killed);
    here.kill(first.machine);
    lab.write.machine = here.process();
    expect(conf()).toBe('workers = 4\n');
    expect((await lab.run()).at(-1)).toBe('#1 verified: a second check of site changes nothing');
    expect((await lab.record(1))?.steps?.[0]?.effect).toBe('observed');
  }, 120_000);

  it('names a task that nobody can predict, runs it, and says that it was not seen', async () => {
    const lab = await home();
    const number = await planned(lab, 'tell', { [vars]: (text) => `${workers(3)(text)}tells: true\n` });
    const shown = readable(await plan(lab, number)).replaceAll(/\/\S*\/app\.conf/g, '…/app.conf');
    await expect(shown).toMatchFileSnapshot('golden/run-playbook.md');
    lab.clock.advance(120_000);
    await lab.merge(number);
    expect((await lab.run()).at(-1)).toContain('#1 verified');
    expect(existsSync(join(sshd.target, 'told'))).toBe(true);
    expect((await lab.record(number))?.verification?.notObserved).toEqual(['what The service is told did on one']);
  }, 120_000);

  it('a key whose variable is not set stops what needs it, by name, and nothing else', async () => {
    const lab = await home(sshd.port, {});
    const number = await lab.propose('more', { [vars]: workers(4) });
    const other = await lab.propose('words', {
      'guests/nextcloud.yaml': (text) => text.replace('memory: 4096', 'memory: 5120'),
    });
    await lab.plan();
    expect(await plan(lab, number)).toContain(
      '**Refused** (`env-missing`): GITMEND_SSH_KEY is not set: ansible.sshKey of gitmend.yaml names it',
    );
    expect(await plan(lab, other)).toContain('| 1 | nextcloud');
  }, 60_000);

  it('refuses by name what it cannot reach, and what a stranger would have it run', async () => {
    const lab = await home(1);
    const away = await planned(lab, 'more', { [vars]: workers(4) });
    expect(await plan(lab, away)).toContain(
      '**Refused** (`ansible-unreachable`): ansible/playbooks/site.yaml does not reach one',
    );
    const reaches = await planned(lab, 'reaches', {
      [vars]: (text) => `${text}stolen: "{{ lookup('pipe', 'touch /tmp/gitmend-was-here') }}"\n`,
    });
    expect(await plan(lab, reaches)).toMatch(
      /\*\*Refused\*\* \(`ansible-refused`\): ansible\/group\\?_vars\/all.yaml.*:5/,
    );
    expect(existsSync('/tmp/gitmend-was-here')).toBe(false);
  }, 120_000);
});
