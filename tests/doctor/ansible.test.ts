import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/read.ts';
import type { AnsibleConfig } from '../../src/core/ansible.ts';
import { GitmendError } from '../../src/core/errors.ts';
import { examineAnsible } from '../../src/doctor/ansible.ts';
import type { Patient } from '../../src/doctor/index.ts';
import { examineVariables } from '../../src/doctor/variables.ts';
import { template } from '../synth/examples.ts';

const usually: AnsibleConfig = {
  ...{ program: 'ansible-playbook', playbooks: ['ansible/playbooks/*.yaml'], collections: [], environment: {} },
  ...{ sshKey: { env: 'KEY' }, knownHosts: 'ansible/known_hosts', timeout: 60 },
};
const play =
  '- name: All\n  hosts: all\n  tasks:\n    - name: A file\n      ansible.builtin.copy: { dest: /etc/x, content: x }\n';
const rule = 'version: 1\nrules:\n  - { name: playbooks, when: { step: run-playbook }, level: approve }\n';
const whole: { [path: string]: string } = {
  'ansible/inventory.yaml': 'all:\n  hosts:\n    web: { ansible_host: 192.168.1.9 }\n',
  'ansible/known_hosts': '# web\n192.168.1.9 ssh-ed25519 AAAA\n',
  'ansible/playbooks/site.yaml': play,
  'policies/all.yaml': rule,
};

interface Given {
  setting?: Partial<AnsibleConfig>;
  files?: { [path: string]: string };
  ansible?: Partial<Patient['ansible']>;
  env?: { [name: string]: string };
}

/** What is found, one line each. */
async function found({ setting, files, ansible, env = { KEY: 'x' } }: Given = {}): Promise<string[]> {
  const patient = {
    ...{ role: 'read', env },
    ansible: {
      version: () => Promise.resolve('2.14.18'),
      mode: () => Promise.reject(new Error('ENOENT')),
      list: () => Promise.reject(new Error('ENOENT')),
      ...ansible,
    },
  } as unknown as Patient;
  const tree = new Map(Object.entries({ ...whole, ...files }));
  const findings = await examineAnsible(patient, config(setting), tree);
  return findings.map(({ level, what }) => `${level} ${what}`);
}

function config(setting: Partial<AnsibleConfig> = {}) {
  const read = readConfig(template.get('gitmend.yaml') ?? '');
  if (!read.ok) throw new Error('the template has faults');
  return { ...read.value, ansible: { ...usually, ...setting } };
}

/** As `ssh-keygen -H` writes a name. */
function hashed(name: string): string {
  const salt = Buffer.from('saltsaltsaltsaltsalt');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')} ssh-ed25519 AAAA`;
}

describe('of Ansible doctor says', () => {
  it('nothing where gitmend.yaml names none', async () => {
    const without = config();
    Reflect.deleteProperty(without, 'ansible');
    expect(await examineAnsible({} as Patient, without, new Map())).toEqual([]);
  });

  it('that all is well', async () => {
    expect(await found()).toEqual([
      'ok ansible-playbook of ansible-core 2.14.18 is new enough',
      'ok 1 playbook can be checked: nothing in them runs what check mode would not say',
      'ok ansible/known_hosts trusts 1 host key',
      'ok ansible/known_hosts has a key for 1 host of the inventory',
      'ok policies have a rule for run-playbook',
    ]);
  });

  it.each([
    ['web: { ansible_host: 192.168.1.9 }', '192.168.1.9 ssh-ed25519 AAAA', true],
    ['web: { ansible_host: 192.168.1.9 }', 'other,192.168.1.9 ssh-ed25519 AAAA', true],
    ['web: { ansible_host: 192.168.1.9 }', '@cert-authority 192.168.1.* ssh-ed25519 AAAA', true],
    [
      'web: { ansible_host: 192.168.1.9 }',
      '|1|c2FsdHNhbHRzYWx0c2FsdHNhbA==|JcJ2fMyXZJ4MTnxdFGCTcP0mf9w= ssh-ed25519 AAAA',
      false,
    ],
    ['web: { ansible_host: 192.168.1.9 }', hashed('192.168.1.9'), true],
    ['web: { ansible_host: 192.168.1.9 }', '@revoked 192.168.1.9 ssh-ed25519 AAAA\nx ssh-ed25519 AAAA', false],
    ['web: { ansible_host: 192.168.1.9 }', '192x168x1x9 ssh-ed25519 AAAA', false],
    ['web: { ansible_host: 192.168.1.9, ansible_port: 2222 }', '192.168.1.9 ssh-ed25519 AAAA', false],
    ['web: { ansible_host: 192.168.1.9, ansible_port: 2222 }', '[192.168.1.9]:2222 ssh-ed25519 AAAA', true],
    ['web:', 'web ssh-ed25519 AAAA', true],
  ])('whether ssh knows %s by %s', async (host, line, known) => {
    const files = { 'ansible/inventory.yaml': `all:\n  hosts:\n    ${host}\n`, 'ansible/known_hosts': `${line}\n` };
    expect(
      (await found({ files })).some((one) => one.startsWith('fault ansible/known_hosts has no key for web (')),
    ).toBe(!known);
  });

  it('what is missing, each by itself', async () => {
    const version = () => Promise.reject(new GitmendError('ANSIBLE_MISSING', 'ansible-playbook could not be started'));
    const files = { 'ansible/known_hosts': '# none\n', 'policies/all.yaml': 'version: 1\n' };
    const setting = { playbooks: ['ansible/none.yaml'], collections: ['community.general'] };
    expect(await found({ files, setting, ansible: { version } })).toEqual([
      'fault ansible-playbook could not be started',
      'fault no file is what playbooks: of gitmend.yaml names (ansible/none.yaml)',
      'fault ansible/known_hosts holds no host key',
      'fault community.general is not installed in /usr/share/ansible/collections',
      'warn no rule of policies/ decides about run-playbook: a pull request that changes ansible/ is refused',
    ]);
    const lists: string[] = [];
    const list = async (folder: string) => (lists.push(folder), ['general']);
    const named = await found({
      setting: { collections: ['community.general'], collectionsPath: '/srv/c' },
      ansible: { list },
    });
    expect(named).toContain('ok community.general is installed in /srv/c');
    expect(lists).toEqual(['/srv/c/ansible_collections/community']);
  });

  it('what no check would ever run, with file and line', async () => {
    const files = { 'ansible/playbooks/site.yaml': play.replace('hosts: all', 'hosts: all\n  connection: local') };
    expect((await found({ files }))[1]).toMatch(/^fault ansible\/playbooks\/site\.yaml:3: /);
  });

  it('whether the key is there, for this account alone', async () => {
    const key = async (sshKey: AnsibleConfig['sshKey'], mode?: number, env = {}) => {
      const others = { ...usually };
      Reflect.deleteProperty(others, 'sshKey');
      const ansible = mode === undefined ? {} : { mode: () => Promise.resolve(mode) };
      const setting = sshKey === undefined ? others : { ...others, sshKey };
      const patient = {
        env,
        ansible: { version: () => Promise.resolve('2'), mode: () => Promise.reject(new Error('x')), ...ansible },
      };
      const tree = new Map(Object.entries(whole));
      const all = await examineAnsible(patient as unknown as Patient, { ...config(), ansible: setting }, tree);
      return all
        .map(({ level, what }) => `${level} ${what}`)
        .filter((line) => /key|agent|by others|cannot be read|alone/.test(line))[0];
    };
    const file = { file: '/etc/gitmend/key' };
    expect(await key(file, 0o100600)).toBe('ok /etc/gitmend/key is there, for this account alone');
    expect(await key(file, 0o100644)).toBe('fault /etc/gitmend/key may be read by others, and ssh does not take it');
    expect(await key(file)).toBe('fault /etc/gitmend/key cannot be read');
    expect(await key(undefined, undefined, { SSH_AUTH_SOCK: '/tmp/agent' })).toBe('ok ssh-agent offers the key');
    expect(await key(undefined)).toBe('warn no sshKey: is named, and there is no ssh-agent');
  });

  it('which variables are not set, and never what they hold', () => {
    const setting = { vaultPassword: { env: 'VAULT' }, environment: { SMTP: { env: 'SMTP' } } };
    const patient = { role: 'read', env: { KEY: 'a-private-key' } } as unknown as Patient;
    const said = examineVariables(patient, config(setting)).map(({ level, what }) => `${level} ${what}`);
    expect(said).toContain('ok KEY is set (the SSH key of Ansible)');
    expect(said).toContain('fault VAULT is not set (the password of Ansible Vault)');
    expect(said).toContain('fault SMTP is not set (SMTP for Ansible)');
    expect(said.join()).not.toContain('a-private-key');
  });
});
