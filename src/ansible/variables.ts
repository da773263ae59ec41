import type { AnsibleObjection } from '../core/ansible.ts';
import { hasTemplate } from './values.ts';
import type { Entry, Value } from './source.ts';

const machine = /^[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,252}[A-Za-z0-9])?$/;
const account = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;
const anything = /^[^]*$/;

/** Variables of Ansible's own that may be set, by what may stand there. All others decide how or where it runs. */
const allowed: { readonly [name: string]: RegExp } = {
  ansible_host: machine,
  ansible_port: /^[0-9]{1,5}$/,
  ansible_user: account,
  ansible_connection: /^ssh$/,
  ansible_python_interpreter: /^(?:auto|auto_silent|\/usr\/bin\/python3(?:\.[0-9]{1,2})?)$/,
  ansible_become: /^(?:true|false|yes|no|on|off)$/i,
  ansible_become_method: /^(?:sudo|su|doas)$/,
  ansible_become_user: account,
  // These go to sudo's input, and are hidden like every secret.
  ansible_become_password: anything,
  ansible_become_pass: anything,
  ansible_managed: /^[^{}%]{0,200}$/,
};

/** Names that Ansible itself gives a meaning: set as a variable they would mislead whoever reads the play. */
const magic = new Set([
  'group_names',
  'groups',
  'hostvars',
  'inventory_dir',
  'inventory_file',
  'inventory_hostname',
  'inventory_hostname_short',
  'omit',
  'play_hosts',
  'playbook_dir',
  'role_name',
  'role_names',
  'role_path',
  'vars',
]);

const dangers: readonly (readonly [RegExp, string])[] = [
  [/^ansible_connection$/, 'decides where the tasks run: local would be gitmend’s own machine'],
  [/_interpreter$/, 'names the program that runs every task, in check mode too'],
  [/ssh.*args|^ansible_(?:ssh|sftp|scp)_/, 'goes to ssh as it is, and can start any program on gitmend’s machine'],
  [/_exe$|_executable$|^ansible_shell/, 'names a program that is run, in check mode too'],
  [/^ansible_become/, 'decides how a task becomes root'],
  [/remote_tmp|async_dir/, 'is a word of a shell on the host'],
];

/** Where a variable stands: with the hosts (inventory, group_vars, host_vars), or in what is run. */
export type Standing = 'host' | 'play';

/** Set while a play runs, these lead to another host than the plan was made of, and than policy was asked about. */
const ways = new Set(['ansible_host', 'ansible_port']);

/** Whether a variable of this name may be set to this, where it stands; else why not. */
export function objectionToVariable(
  file: string,
  { key, line, value }: Entry,
  standing: Standing = 'host',
): AnsibleObjection[] {
  const name = key.trim();
  if (standing === 'play' && hasTemplate(name))
    return [
      {
        kind: 'hidden',
        file,
        line,
        name,
        why: 'which variable it sets is only known while it runs',
        next: 'Write its name',
      },
    ];
  if (standing === 'play' && ways.has(name)) {
    const why = `${name} leads to another host than the plan names, while the play runs`;
    return [
      { kind: 'variable', file, line, name, why, next: 'Set it in the inventory, in group_vars or in host_vars' },
    ];
  }
  const own = name.startsWith('ansible_') || name.startsWith('_ansible');
  if (!own && !magic.has(name) && !name.startsWith('__')) return [];
  const pattern = Object.hasOwn(allowed, name) ? allowed[name] : undefined;
  const text = value.kind === 'scalar' ? String(value.value) : undefined;
  const secret = pattern === anything;
  if (pattern !== undefined && text !== undefined && pattern.test(text) && (secret || !hasTemplate(text))) return [];
  const danger = dangers.find(([shape]) => shape.test(name))?.[1] ?? 'decides how Ansible itself runs';
  const why = pattern === undefined ? `${name} ${danger}` : `${name} may not be set to this: it ${danger}`;
  return [{ kind: 'variable', file, line, name, why, next: nextFor(name, pattern) }];
}

function nextFor(name: string, pattern: RegExp | undefined): string {
  if (pattern === undefined) return 'Take it out; docs/ansible.md says what gitmend sets in its place';
  if (name === 'ansible_python_interpreter') return 'Write auto, or /usr/bin/python3';
  return name === 'ansible_connection' ? 'Take it out: gitmend connects by ssh' : 'Write a plain value';
}

/** The same of every variable of a map. Something else than a map is none of ours to judge here. */
export function objectionsToVariables(
  file: string,
  value: Value | undefined,
  standing: Standing = 'host',
): AnsibleObjection[] {
  return value?.kind === 'map' ? value.entries.flatMap((entry) => objectionToVariable(file, entry, standing)) : [];
}
