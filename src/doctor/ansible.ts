import { createHmac } from 'node:crypto';
import { type Said, waysIn } from '../ansible/addresses.ts';
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
    ...examineKnownHosts(setting, tree),
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

/** Each host of the inventory by the name that ssh looks for: one that is not there is not logged in to. */
function examineKnownHosts({ knownHosts }: AnsibleConfig, tree: Tree): Finding[] {
  const { ok, fault } = about('ansible');
  const patterns = trustedNames(tree.get(knownHosts) ?? '');
  if (patterns.length === 0) return [];
  const hosts = [...waysIn(tree)];
  const unknown = hosts.flatMap(([host, said]) => {
    const names = namesFor(said);
    return names.some((name) => patterns.some((pattern) => isMeant(pattern, name))) ? [] : [{ host, names }];
  });
  if (unknown.length === 0)
    return hosts.length === 0
      ? []
      : [ok(`${knownHosts} has a key for ${counted(hosts.length, 'host')} of the inventory`)];
  const each = unknown.slice(0, 5).map(({ host, names }) => `${host} (${names.join(', ')})`);
  const more = unknown.length > each.length ? ` and ${unknown.length - each.length} more` : '';
  const first = /^\[(.*)\]:(\d+)$/.exec(unknown[0]?.names[0] ?? '');
  const scan = first === null ? (unknown[0]?.names[0] ?? '') : `-p ${first[2] ?? ''} ${first[1] ?? ''}`;
  const mend = `ssh-keyscan ${scan} >> ${knownHosts}, compare the fingerprint on the host, and propose it by a pull request`;
  return [fault(`${knownHosts} has no key for ${each.join(', ')}${more}, so ssh does not log in there`, mend)];
}

/** `192.168.1.20`, `[192.168.1.20]:2222`: every way that the files leave open. */
function namesFor({ addresses, ports }: Said): string[] {
  return addresses.flatMap((address) => ports.map((port) => (port === '' ? address : `[${address}]:${port}`)));
}

/** The first word of each line, name by name (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT); a revoked key trusts nothing. */
function trustedNames(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const words = line.trim().split(/\s+/);
    if (/^(?:#|$|@revoked)/.test(words[0] ?? '')) return [];
    return ((words[0]?.startsWith('@') === true ? words[1] : words[0]) ?? '').split(',');
  });
}

/** A hashed name (`|1|salt|hash`), one with `*` and `?`, or the name itself. */
function isMeant(pattern: string, name: string): boolean {
  const [, salt, hash] = /^\|1\|([^|]+)\|(.+)$/.exec(pattern) ?? [];
  if (salt !== undefined) return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  const parts = pattern
    .toLowerCase()
    .split('')
    .map((one) => (one === '*' ? '.*' : one === '?' ? '.' : escaped(one)));
  return new RegExp(`^${parts.join('')}$`).test(name);
}

function escaped(letter: string): string {
  return letter.replace(/[.*+?^${}()|[\]\\]/, '\\$&');
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
