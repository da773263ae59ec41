import { join } from 'node:path';
import type { AnsibleConfig } from '../../core/ansible.ts';
import type { RunFolder } from './folder.ts';

/** The credentials of a run, read by the caller from where gitmend.yaml says. */
export interface Credentials {
  /** The private key itself, or the path of its file. */
  sshKey?: { text: string } | { file: string };
  /** Socket of ssh-agent, where there is no key. */
  agent?: string;
  vaultPassword?: string;
  /** What tasks may read by `lookup('env', …)`. */
  environment: { readonly [name: string]: string };
}

const callbacks = join(import.meta.dirname, 'callback');

/** The whole environment of a run: nothing of this process's own but PATH. A variable weighs more than ansible.cfg. */
export function environmentOf(
  paths: RunFolder,
  { collections, collectionsPath }: AnsibleConfig,
  credentials: Credentials,
): { [name: string]: string } {
  return {
    ...credentials.environment,
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    // Not the user's own home: what lies there must not decide anything.
    HOME: paths.home,
    TMPDIR: paths.temporary,
    LC_ALL: 'C.UTF-8',
    PYTHONDONTWRITEBYTECODE: '1',
    ...(credentials.agent === undefined ? {} : { SSH_AUTH_SOCK: credentials.agent }),
    ANSIBLE_CONFIG: paths.config,
    ANSIBLE_HOME: join(paths.home, '.ansible'),
    ANSIBLE_LOCAL_TEMP: paths.temporary,
    ANSIBLE_COLLECTIONS_PATH: collectionsPath ?? '/usr/share/ansible/collections',
    ANSIBLE_COLLECTIONS_PATHS: collectionsPath ?? '/usr/share/ansible/collections',
    ANSIBLE_ROLES_PATH: join(paths.tree, 'ansible', 'roles'),
    ANSIBLE_CALLBACK_PLUGINS: callbacks,
    ANSIBLE_STDOUT_CALLBACK: 'gitmend_events',
    ANSIBLE_CALLBACKS_ENABLED: '',
    ANSIBLE_INVENTORY_ENABLED: 'yaml',
    ANSIBLE_INVENTORY_UNPARSED_FAILED: 'true',
    ANSIBLE_VARS_ENABLED: 'host_group_vars',
    ANSIBLE_HOST_KEY_CHECKING: 'true',
    ANSIBLE_PIPELINING: 'true',
    ANSIBLE_RETRY_FILES_ENABLED: 'false',
    ANSIBLE_BECOME_ASK_PASS: 'false',
    ANSIBLE_NOCOLOR: '1',
    ANSIBLE_DEPRECATION_WARNINGS: 'false',
    ANSIBLE_LOCALHOST_WARNING: 'false',
    GITMEND_ANSIBLE_EVENTS: paths.events,
    GITMEND_ANSIBLE_COLLECTIONS: collections.join(','),
  };
}

/**
 * Variables that weigh more than any other: whatever a file of variables says and a judgement missed, tasks run over ssh,
 * by the shell and the options that stand here.
 */
export function decidedVariables(paths: RunFolder, credentials: Credentials): { [name: string]: string | boolean } {
  return {
    ansible_connection: 'ssh',
    ansible_ssh_executable: 'ssh',
    ansible_ssh_args: sshOptions(paths, credentials).join(' '),
    ansible_ssh_common_args: '',
    ansible_ssh_extra_args: '',
    ansible_sftp_extra_args: '',
    ansible_scp_extra_args: '',
    ansible_ssh_pipelining: true,
    ansible_pipelining: true,
    ansible_shell_type: 'sh',
    ansible_shell_executable: '/bin/sh',
    ansible_host_key_checking: true,
  };
}

function sshOptions(paths: RunFolder, { sshKey }: Credentials): string[] {
  const key = sshKey === undefined ? undefined : 'file' in sshKey ? sshKey.file : paths.key;
  const options = {
    UserKnownHostsFile: paths.knownHosts,
    GlobalKnownHostsFile: '/dev/null',
    StrictHostKeyChecking: 'yes',
    BatchMode: 'yes',
    // A master connection would outlive the run.
    ControlMaster: 'no',
    ControlPath: 'none',
    ForwardAgent: 'no',
    ...(key === undefined ? {} : { IdentitiesOnly: 'yes', IdentityFile: key }),
  };
  return ['-F', '/dev/null', ...Object.entries(options).flatMap(([name, value]) => ['-o', quoted(`${name}=${value}`)])];
}

/** Ansible takes the options apart as a shell would. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'"'"'`)}'`;
}
