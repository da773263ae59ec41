import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/read.ts';

function read(section: string) {
  const text = `version: 1
forge: { kind: local }
clusters: [{ name: home, endpoint: "https://pve1:8006", ca: ca.pem, read: env:READ }]
ansible: ${section}
`;
  return readConfig(text);
}

describe('ansible: of gitmend.yaml', () => {
  it('says nothing that is not usual', () => {
    const config = read('{}');
    expect(config.ok && config.value.ansible).toEqual({
      program: 'ansible-playbook',
      playbooks: ['ansible/playbooks/*.yaml'],
      collections: [],
      knownHosts: 'ansible/known_hosts',
      environment: {},
      timeout: 900,
    });
  });

  it('names a key by its variable or its file', () => {
    const keyOf = (key: string): unknown => {
      const config = read(`{ sshKey: "${key}" }`);
      return config.ok ? config.value.ansible?.sshKey : config.faults[0]?.problem;
    };
    expect(keyOf('env:GITMEND_SSH_KEY')).toEqual({ env: 'GITMEND_SSH_KEY' });
    expect(keyOf('file:/etc/gitmend/key')).toEqual({ file: '/etc/gitmend/key' });
    expect(keyOf('-----BEGIN OPENSSH PRIVATE KEY-----')).toBe('looks like a private key');
    expect(keyOf('file:key')).toBe('is not a reference');
  });

  it('lets a password of sudo be named where environment: holds it', () => {
    const config = read('{ environment: { SUDO_PASSWORD: env:X }, becomePasswords: [SUDO_PASSWORD] }');
    expect(config.ok && config.value.ansible?.becomePasswords).toEqual(['SUDO_PASSWORD']);
  });

  it.each([
    ['{ playbooks: [../x.yaml] }', 'ansible.playbooks[0]'],
    ['{ playbooks: [guests/x.yaml] }', 'ansible.playbooks[0]'],
    ['{ knownHosts: known_hosts }', 'ansible.knownHosts'],
    ['{ collections: [general] }', 'ansible.collections[0]'],
    ['{ environment: { ANSIBLE_CONFIG: env:X } }', 'ansible.environment'],
    ['{ environment: { LD_PRELOAD: env:X } }', 'ansible.environment'],
    ['{ environment: { PATH: env:X } }', 'ansible.environment'],
    ['{ limit: ["all:!web"] }', 'ansible.limit[0]'],
    ['{ limit: [] }', 'ansible.limit'],
    ['{ timeout: 1s }', 'ansible.timeout'],
    ['{ vaultPassword: geheim }', 'ansible.vaultPassword'],
    ['{ environment: { A: env:X }, becomePasswords: [B] }', 'ansible.becomePasswords'],
    ['{ environment: { A: env:X }, becomePasswords: [env:X] }', 'ansible.becomePasswords'],
    ['{ sudo: true }', 'ansible.sudo'],
  ])('%s is refused', (section, field) => {
    const config = read(section);
    expect(config.ok).toBe(false);
    expect(config.ok ? '' : config.faults[0]?.field).toContain(field);
  });
});
