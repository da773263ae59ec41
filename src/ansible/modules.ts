import type { AnsibleObjection } from '../core/ansible.ts';

/** Modules that come with ansible-core 2.14 to 2.19. */
const builtin = new Set(
  `apt apt_key apt_repository assemble assert blockinfile command copy cron deb822_repository debconf debug dnf dnf5
  dpkg_selections expect fail file find gather_facts get_url getent git group group_by hostname import_playbook
  import_role import_tasks include_role include_tasks include_vars iptables known_hosts lineinfile meta mount_facts
  package package_facts pause ping pip raw reboot replace rpm_key script service service_facts set_fact set_stats setup
  shell slurp stat subversion systemd systemd_service sysvinit tempfile template unarchive uri user
  validate_argument_spec wait_for wait_for_connection yum yum_repository`.split(/\s+/),
);

/** Of these nobody could say what they do, or they do it on gitmend's machine. */
const refused: { readonly [name: string]: { kind: AnsibleObjection['kind']; why: string; next: string } } = {
  add_host: {
    kind: 'hidden',
    why: 'adds a host while it runs, and a plan names only those of the inventory',
    next: 'Write the host into the inventory',
  },
  fetch: {
    kind: 'runs-here',
    why: "writes a file of the host on gitmend's machine",
    next: 'Have the host send it where it belongs',
  },
  async_status: {
    kind: 'hidden',
    why: 'looks after a task that runs beside the play, and check mode has none',
    next: 'Let the task run in the play',
  },
  include: { kind: 'hidden', why: 'is gone from newer versions of Ansible', next: 'Write include_tasks' },
};

/** Modules whose value may be a text of its own: `command: id`. */
export const freeForm = new Set(
  `command expect import_playbook import_role import_tasks include_role include_tasks include_vars meta raw script
  shell`.split(/\s+/),
);

/** `copy` of `copy`, `ansible.builtin.copy` and `ansible.legacy.copy`; `undefined` for a module of a collection. */
export function builtinName(name: string): string | undefined {
  const plain = name.replace(/^ansible\.(?:builtin|legacy)\./, '');
  return plain.includes('.') ? undefined : plain;
}

/** The full name that a plan shows. */
export function fullName(name: string): string {
  const plain = builtinName(name);
  return plain === undefined ? name : `ansible.builtin.${plain}`;
}

/** Why a module may not be used; `collections` are those that gitmend.yaml names. */
export function moduleObjection(
  name: string,
  collections: readonly string[],
): Pick<AnsibleObjection, 'kind' | 'why' | 'next'> | undefined {
  const plain = builtinName(name);
  if (plain === undefined) {
    const collection = name.split('.').slice(0, 2).join('.');
    if (/^[a-z0-9_]+(?:\.[A-Za-z0-9_]+){2,}$/.test(name) && collections.includes(collection)) return undefined;
    return {
      kind: 'collection',
      why: `${name} comes from the collection ${collection}, which gitmend.yaml does not name`,
      next: `Do it with what ansible-core has, or add ${collection} to ansible: collections: in a pull request of its own`,
    };
  }
  const reason = Object.hasOwn(refused, plain) ? refused[plain] : undefined;
  if (reason !== undefined) return { ...reason, why: `${plain} ${reason.why}` };
  if (builtin.has(plain)) return undefined;
  return {
    kind: 'collection',
    why: `${plain} is no module of ansible-core`,
    next: 'Write its full name, as community.general.timezone, and name the collection in gitmend.yaml',
  };
}
