import { allowedBy, objectionsTo, playbooksOf, sayObjection } from '../ansible/index.ts';
import type { AnsibleConfig } from '../core/ansible.ts';
import type { Tree } from '../core/change-set.ts';
import type { Config } from '../core/config.ts';
import { readPolicies } from '../policy/index.ts';
import { counted } from '../texts/words.ts';
import { about, attempt, type Finding } from './finding.ts';
import type { Patient } from './patient.ts';

/**
 * What `ansible:` names: program, playbooks, key, host keys, collections, rules. Nothing where there is none. No host is
 * asked: the first check does that.
 */
export async function examineAnsible(patient: Patient, config: Config, tree: Tree): Promise<Finding[]> {
  const { ansible: setting } = config;
  if (setting === undefined) return [];
  const program = await attempt('ansible', () => examineProgram(patient, setting));
  const key = await attempt('ansible', () => examineKey(patient, setting));
  const collections = await attempt('ansible', () => examineCollections(patient, setting));
  return [
    ...program,
    ...examinePlaybooks(setting, tree),
    ...key,
    ...examineHostKeys(setting, tree),
    ...collections,
    ...examineRules(tree),
  ];
}

async function examineProgram({ ansible }: Patient, { program }: AnsibleConfig): Promise<Finding[]> {
  const version = await ansible.version(program);
  return [about('ansible').ok(`${program} of ansible-core ${version} is new enough`)];
}

/** As they lie in this folder, the same reading that every check begins with: nothing is run. */
function examinePlaybooks(setting: AnsibleConfig, tree: Tree): Finding[] {
  const { ok, fault } = about('ansible');
  const playbooks = playbooksOf(tree, setting);
  if (playbooks.length === 0) {
    const what = `no file is what playbooks: of gitmend.yaml names (${setting.playbooks.join(', ')})`;
    return [fault(what, 'add one, or name where they are')];
  }
  const objections = playbooks.flatMap((playbook) =>
    objectionsTo({ tree, before: tree, playbook }, allowedBy(setting)),
  );
  const said = [...new Set(objections.map(sayObjection))];
  if (said.length > 0) return said.map((what) => fault(what, 'gitmend explain ANSIBLE_REFUSED says more'));
  return [
    ok(`${counted(playbooks.length, 'playbook')} can be checked: nothing in them runs what check mode would not say`),
  ];
}

async function examineKey({ ansible, env }: Patient, { sshKey }: AnsibleConfig): Promise<Finding[]> {
  const { ok, warn, fault } = about('ansible');
  if (sshKey === undefined) {
    if ((env['SSH_AUTH_SOCK'] ?? '') !== '') return [ok('ssh-agent offers the key')];
    return [
      warn('no sshKey: is named, and there is no ssh-agent', 'name one: sshKey: env:NAME, or the path of its file'),
    ];
  }
  // A variable is looked at with all others.
  if ('env' in sshKey) return [];
  const mode = await ansible.mode(sshKey.file).catch(() => undefined);
  if (mode === undefined) return [fault(`${sshKey.file} cannot be read`, 'put the key there, for this account alone')];
  if ((mode & 0o077) !== 0)
    return [fault(`${sshKey.file} may be read by others, and ssh does not take it`, `chmod 600 ${sshKey.file}`)];
  return [ok(`${sshKey.file} is there, for this account alone`)];
}

function examineHostKeys({ knownHosts }: AnsibleConfig, tree: Tree): Finding[] {
  const { ok, fault } = about('ansible');
  const lines = (tree.get(knownHosts) ?? '').split('\n').filter((line) => /^[^#\s]/.test(line));
  if (lines.length > 0) return [ok(`${knownHosts} trusts ${counted(lines.length, 'host key')}`)];
  const mend = `ssh-keyscan HOST, compare the fingerprints on the hosts, and add the lines as ${knownHosts} by a pull request`;
  return [fault(`${knownHosts} ${tree.has(knownHosts) ? 'holds no host key' : 'is not in the repository'}`, mend)];
}

async function examineCollections({ ansible }: Patient, setting: AnsibleConfig): Promise<Finding[]> {
  const { ok, fault } = about('ansible');
  const { collections, collectionsPath = '/usr/share/ansible/collections' } = setting;
  const missing: string[] = [];
  for (const name of collections) {
    const [namespace = '', own = ''] = name.split('.');
    const found = await ansible.list(`${collectionsPath}/ansible_collections/${namespace}`).catch((): string[] => []);
    if (!found.includes(own)) missing.push(name);
  }
  if (missing.length > 0) {
    const mend = `ansible-galaxy collection install ${missing.join(' ')} -p ${collectionsPath}, or name another folder as collectionsPath:`;
    return [fault(`${missing.join(', ')} is not installed in ${collectionsPath}`, mend)];
  }
  return collections.length === 0 ? [] : [ok(`${collections.join(', ')} is installed in ${collectionsPath}`)];
}

function examineRules(tree: Tree): Finding[] {
  const { ok, warn } = about('ansible');
  const read = readPolicies(tree);
  // That no policy can be read was said already.
  if (!read.ok) return [];
  if (read.value.rules.some(({ when }) => when.step.includes('run-playbook')))
    return [ok('policies have a rule for run-playbook')];
  const what = 'no rule of policies/ decides about run-playbook: a pull request that changes ansible/ is refused';
  return [warn(what, 'add it to `step:` of a rule there, in a pull request of its own')];
}
