import type { AnsibleConfig, AnsibleWork } from '../../../src/core/ansible.ts';
import type { Tree } from '../../../src/core/change-set.ts';
import type { TestSshd } from '../../support/sshd.ts';

export const config: AnsibleConfig = {
  program: 'ansible-playbook',
  playbooks: ['ansible/playbooks/*.yaml'],
  collections: [],
  knownHosts: 'ansible/known_hosts',
  environment: {},
  timeout: 50,
};

export const playbook = 'ansible/playbooks/site.yaml';

/** A repository with one host, which is the sshd of this test, and one that nothing listens for. */
export function treeFor(sshd: TestSshd, files: { [path: string]: string }): Tree {
  return new Map([
    ['ansible/inventory.yaml', inventory(sshd)],
    ['ansible/known_hosts', sshd.knownHosts],
    [
      'ansible/group_vars/all.yaml',
      `ansible_python_interpreter: /usr/bin/python3\nansible_user: ${sshd.user}\nplace: ${sshd.target}\n`,
    ],
    ...Object.entries(files).map(([path, text]) => [`ansible/${path}`, text] as const),
  ]);
}

function inventory({ port }: TestSshd): string {
  return `all:
  children:
    web:
      hosts:
        one: { ansible_host: 127.0.0.1, ansible_port: ${port} }
    away:
      hosts:
        gone: { ansible_host: 127.0.0.1, ansible_port: 1 }
`;
}

/** What is approved is what is run, unless a test says otherwise. */
export function workOn(tree: Tree, more: Partial<AnsibleWork> = {}): AnsibleWork {
  return { tree, before: tree, playbook, ...more };
}
