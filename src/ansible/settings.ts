import type { AnsibleObjection } from '../core/ansible.ts';
import type { Tree } from '../core/change-set.ts';
import { insideTree } from './lookups.ts';

export const settingsFile = 'ansible/ansible.cfg';

interface Setting {
  line: number;
  /** `defaults.forks` */
  name: string;
  value: string;
}

const whole = /^[0-9]{1,5}$/;
const yes = /^(?:true|yes|on|1)$/i;
const either = /^(?:true|yes|on|1|false|no|off|0)$/i;
const word = /^[A-Za-z_][A-Za-z0-9_-]{0,31}$/;
const path = { test: insideTree };

/** Settings that gitmend takes over, by what may stand there; `''`: known, and gitmend sets it by itself. */
const taken: { readonly [name: string]: { pattern: { test(text: string): boolean }; own?: true } } = {
  'defaults.ansible_managed': { pattern: /^[^{}%]{0,200}$/ },
  'defaults.any_errors_fatal': { pattern: either },
  'defaults.error_on_undefined_vars': { pattern: yes },
  'defaults.forks': { pattern: whole },
  'defaults.gather_subset': { pattern: /^[a-z0-9_!, ]{1,200}$/ },
  'defaults.gathering': { pattern: /^(?:implicit|explicit|smart)$/ },
  'defaults.hash_behaviour': { pattern: /^replace$/ },
  'defaults.interpreter_python': { pattern: /^(?:auto|auto_silent|\/usr\/bin\/python3(?:\.[0-9]{1,2})?)$/ },
  'defaults.max_diff_size': { pattern: whole },
  'defaults.remote_user': { pattern: word },
  'defaults.timeout': { pattern: whole },
  'diff.context': { pattern: whole, own: true },
  'privilege_escalation.become': { pattern: either },
  'privilege_escalation.become_method': { pattern: /^(?:sudo|su|doas)$/ },
  'privilege_escalation.become_user': { pattern: word },
  // What gitmend decides for its own runs. Standing there it does no harm.
  'defaults.callback_result_format': { pattern: word, own: true },
  'defaults.deprecation_warnings': { pattern: either, own: true },
  'defaults.display_skipped_hosts': { pattern: either, own: true },
  'defaults.host_key_checking': { pattern: yes, own: true },
  'defaults.inventory': { pattern: path, own: true },
  'defaults.nocows': { pattern: either, own: true },
  'defaults.retry_files_enabled': { pattern: either, own: true },
  'defaults.roles_path': { pattern: /^(?:\.\/)?roles\/?$/, own: true },
  'defaults.stdout_callback': {
    pattern: /^(?:default|yaml|debug|minimal|oneline|ansible\.builtin\.default)$/,
    own: true,
  },
  'diff.always': { pattern: either, own: true },
  'privilege_escalation.become_ask_pass': { pattern: /^(?:false|no|off|0)$/i, own: true },
  'ssh_connection.pipelining': { pattern: either, own: true },
};

const instead: { readonly [name: string]: string } = {
  'defaults.private_key_file': 'Name the key in gitmend.yaml: ansible: { sshKey: env:NAME }',
  'defaults.vault_password_file': 'Name the password in gitmend.yaml: ansible: { vaultPassword: env:NAME }',
  'defaults.collections_path': 'Name the folder in gitmend.yaml: ansible: { collectionsPath: /folder }',
  'defaults.collections_paths': 'Name the folder in gitmend.yaml: ansible: { collectionsPath: /folder }',
};

/** What a tree's ansible.cfg sets that gitmend cannot take over, each by its name. */
export function objectionsToSettings(tree: Tree): AnsibleObjection[] {
  return settingsOf(tree).flatMap(({ line, name, value }) => {
    const known = Object.hasOwn(taken, name) ? taken[name] : undefined;
    if (known?.pattern.test(value) === true) return [];
    const why =
      known === undefined
        ? `${name} is none of the settings that gitmend takes over from ansible.cfg`
        : `${name} = ${value.slice(0, 80)} is nothing that gitmend takes over from ansible.cfg`;
    return [{ kind: 'setting', file: settingsFile, line, name, why, next: instead[name] ?? 'Take the line out' }];
  });
}

/** The settings of the tree that a run gets, by section: those on the list, and none that gitmend sets by itself. */
export function takenSettings(tree: Tree): { [section: string]: { [name: string]: string } } {
  const sections: { [section: string]: { [name: string]: string } } = {};
  for (const { name, value } of settingsOf(tree)) {
    const known = Object.hasOwn(taken, name) ? taken[name] : undefined;
    if (known === undefined || known.own === true || !known.pattern.test(value)) continue;
    const [section = '', key = ''] = name.split('.');
    (sections[section] ??= {})[key] = value;
  }
  return sections;
}

/** What ansible.cfg calls the inventory, relative to `ansible/`; `undefined` where it says nothing that is a path inside. */
export function inventorySetting(tree: Tree): string | undefined {
  const value = settingsOf(tree).find(({ name }) => name === 'defaults.inventory')?.value;
  return value !== undefined && insideTree(value) && !value.includes(',')
    ? value.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '')
    : undefined;
}

/** As Python's configparser reads it: `name = value` or `name: value`, comments with # and ; , lines that go on. */
function settingsOf(tree: Tree): Setting[] {
  const settings: Setting[] = [];
  let section = '';
  for (const [index, raw] of (tree.get(settingsFile) ?? '').split('\n').entries()) {
    const line = raw.replace(/\s;.*$/, '').trimEnd();
    if (/^\s*(?:[#;].*)?$/.test(line)) continue;
    const header = /^\[([^\]]*)\]/.exec(line);
    const last = settings.at(-1);
    if (header !== null) section = (header[1] ?? '').trim();
    else if (/^\s/.test(line) && last !== undefined) last.value += ` ${line.trim()}`;
    else {
      const [, key = line, value = ''] = /^([^=:]*?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
      settings.push({ line: index + 1, name: `${section}.${key.trim().toLowerCase()}`, value: value.trim() });
    }
  }
  return settings;
}
