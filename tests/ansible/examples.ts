import type { AnsibleObjection } from '../../src/core/ansible.ts';
import type { Tree } from '../../src/core/change-set.ts';
import { objectionsTo } from '../../src/ansible/index.ts';

export const playbook = 'ansible/playbooks/site.yaml';

/** A repository against which nothing can be said. */
export const plain: { readonly [path: string]: string } = {
  'ansible/ansible.cfg': '[defaults]\ninventory = inventory.yaml\nhost_key_checking = True\n',
  'ansible/inventory.yaml': 'all:\n  children:\n    web:\n      hosts:\n        one: { ansible_host: 192.168.1.20 }\n',
  'ansible/group_vars/all.yaml': 'ansible_user: ops\nport: 80\nbanner: "{{ inventory_hostname }} listens"\n',
  [playbook]: `- name: Web
  hosts: web
  become: true
  tasks:
    - name: The settings
      ansible.builtin.copy: { dest: /etc/app.conf, content: "port={{ port | string | upper }}" }
      when: port | int > 0
`,
};

/** The same with these files of `ansible/` in place of its own. */
export function treeWith(files: { [path: string]: string }): Tree {
  return new Map(Object.entries({ ...plain, ...prefixed(files) }));
}

/** What is said against a tree whose every file is new, next to the plain one as approved. */
export function saidOf(
  files: { [path: string]: string },
  {
    collections = [],
    environment = [],
    becomePasswords = [],
    before = {},
    password,
  }: {
    collections?: string[];
    environment?: string[];
    becomePasswords?: string[];
    before?: { [path: string]: string };
    password?: string;
  } = {},
): AnsibleObjection[] {
  const work = { tree: treeWith(files), before: treeWith(before), playbook };
  return objectionsTo(work, { collections, environment, becomePasswords }, password);
}

/** `kind file:line` of each. */
export function placesOf(objections: readonly AnsibleObjection[]): string[] {
  return objections.map(({ kind, file, line }) => `${kind} ${file.replace(/^ansible\//, '')}:${line}`);
}

/** A playbook with these tasks, the first of which begins in line 3. */
export function tasks(text: string): { [path: string]: string } {
  const lines = text.split('\n').map((line) => (line === '' ? '' : `    ${line}`));
  return { 'playbooks/site.yaml': `- hosts: web\n  tasks:\n${lines.join('\n')}\n` };
}

function prefixed(files: { [path: string]: string }): { [path: string]: string } {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`ansible/${path}`, text]));
}
