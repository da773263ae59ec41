import { expect, it } from 'vitest';
import { judge, kindOf, playbooksOf, underReview } from '../../src/ansible/index.ts';
import { committed, read } from '../law/project.ts';

const template = new Map(
  committed()
    .filter((path) => path.startsWith('infra/ansible/'))
    .map((path) => [path.slice('infra/'.length), read(path)]),
);

it('the template of a repository is run as it is, without any collection', () => {
  const [playbook = '', ...others] = playbooksOf(template, { playbooks: ['ansible/playbooks/*.yaml'] });
  expect([playbook, others]).toEqual(['ansible/playbooks/site.yaml', []]);
  const judged = judge({ tree: template, before: new Map(), playbook }, { collections: [], environment: [] });
  expect(judged.objections).toEqual([]);
  expect([...judged.data.keys()]).toHaveLength(4);
  expect([...judged.tasks.values()].map(({ name }) => name)).toContain('The exporter is installed');
});

it('of a pull request the data is taken and the code is not', () => {
  const head = new Map(template);
  head.set('ansible/group_vars/all.yaml', 'timezone: Europe/Berlin\n');
  head.set('ansible/playbooks/site.yaml', '- hosts: localhost\n');
  head.set('ansible/filter_plugins/evil.py', 'x');
  head.set('ansible/host_vars/new.yaml', 'a: 1\n');
  head.delete('ansible/host_vars/postgres.yaml');
  head.set('guests/other.yaml', 'x: 1\n');
  const { tree, data, code } = underReview(template, head);
  expect(data).toEqual([
    'ansible/group_vars/all.yaml',
    'ansible/host_vars/new.yaml',
    'ansible/host_vars/postgres.yaml',
  ]);
  expect(code).toEqual(['ansible/filter_plugins/evil.py', 'ansible/playbooks/site.yaml']);
  expect(tree.get('ansible/group_vars/all.yaml')).toContain('Berlin');
  expect(tree.get('ansible/playbooks/site.yaml')).toBe(template.get('ansible/playbooks/site.yaml'));
  expect(tree.has('ansible/filter_plugins/evil.py')).toBe(false);
  expect(tree.has('ansible/host_vars/postgres.yaml')).toBe(false);
  expect([...tree.keys()].every((path) => path.startsWith('ansible/'))).toBe(true);
});

it.each([
  ['ansible/inventory.yaml', 'inventory'],
  ['ansible/hosts.yml', 'inventory'],
  ['ansible/inventory/a/b.yaml', 'inventory'],
  ['ansible/own/hosts.yaml', 'inventory'],
  ['ansible/group_vars/all', 'variables'],
  ['ansible/group_vars/web/a.yaml', 'variables'],
  ['ansible/playbooks/host_vars/one.yaml', 'variables'],
  ['ansible/inventory/group_vars/all.yaml', 'variables'],
  ['ansible/vars/site.yaml', 'variables'],
  ['ansible/roles/r/defaults/main.yaml', 'variables'],
  ['ansible/roles/r/tasks/main.yaml', 'code'],
  ['ansible/roles/r/templates/a.j2', 'code'],
  ['ansible/roles/r/files/vars/x.yaml', 'code'],
  ['ansible/playbooks/site.yaml', 'code'],
  ['ansible/playbooks/library/group_vars/x.py', 'code'],
  ['ansible/ansible.cfg', 'code'],
  ['ansible/known_hosts', 'code'],
  ['guests/x.yaml', 'code'],
])('%s is %s', (path, kind) => {
  expect(kindOf(path, new Map([['ansible/ansible.cfg', '[defaults]\ninventory = ./own/\n']]))).toBe(kind);
});
