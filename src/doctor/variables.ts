import type { Config, EnvReference, NotifyConfig, StateConfig } from '../core/config.ts';
import { about, type Finding } from './finding.ts';
import type { Patient } from './patient.ts';

interface Wanted {
  env: string;
  /** What it holds. */
  for: string;
}

/** The variables of one role: set, and the other role's not. Only names are ever printed. */
export function examineVariables({ role, env }: Patient, config: Config): Finding[] {
  const wanted = wantedBy(config, role);
  const names = new Set(wanted.map((one) => one.env));
  const others = wantedBy(config, role === 'read' ? 'write' : 'read').filter((one) => !names.has(one.env));
  return [
    ...wanted.map((one) => setFinding(one, env)),
    ...(role === 'read' ? others.flatMap((one) => leak(one, env)) : []),
  ];
}

/** What a process of this role reads. Both hold a credential of the forge. */
function wantedBy(
  { clusters, forge, alertmanager, notify, terraform, ansible }: Config,
  role: Patient['role'],
): Wanted[] {
  const tokens = clusters.flatMap(({ name, read, write }) =>
    named(role === 'read' ? read : write, `the ${role} token of cluster ${name}`),
  );
  const remote = forge.kind === 'local' ? [] : named(forge.token, `the token of ${forge.kind}`);
  const app = forge.kind === 'github' ? named(forge.app?.key, 'the private key of the GitHub App') : [];
  const doors =
    role === 'read'
      ? [
          ...(forge.kind === 'local' ? [] : named(forge.webhookSecret, `the secret of ${forge.kind}'s web hooks`)),
          ...named(alertmanager?.doorToken, 'the token of the door for Alertmanager'),
        ]
      : [];
  // Only `serve` tells people.
  const told = role === 'read' ? notify.flatMap(destination) : [];
  // Whoever plans reads the state, and whoever applies does.
  const backend = Object.entries(terraform?.environment ?? {}).flatMap(([name, from]) =>
    named(from, `${name} of Terraform's backend`),
  );
  // The same names on both sides: what they hold is for each process its own.
  const hosts = [
    ...named(
      ansible?.sshKey !== undefined && 'env' in ansible.sshKey ? ansible.sshKey : undefined,
      'the SSH key of Ansible',
    ),
    ...named(ansible?.vaultPassword, 'the password of Ansible Vault'),
    ...Object.entries(ansible?.environment ?? {}).flatMap(([name, from]) => named(from, `${name} for Ansible`)),
  ];
  const state = stateDoor(terraform?.state, role);
  return [...tokens, ...remote, ...app, ...doors, ...told, ...backend, ...state, ...hosts];
}

/** The door of `serve` compares both passwords and opens the seals; whoever applies needs its own password. */
function stateDoor(state: StateConfig | undefined, role: Patient['role']): Wanted[] {
  if (state === undefined) return [];
  const { read, write, key, formerKeys } = state;
  const own = named(write, "the password of the user write at the door for Terraform's state");
  if (role === 'write') return own;
  return [
    ...named(read, "the password of the user read at the door for Terraform's state"),
    ...own,
    ...[key, ...formerKeys].flatMap((one) => named(one, "a key of Terraform's state")),
  ];
}

function destination({ kind, url, secret }: NotifyConfig): Wanted[] {
  const whole = kind === 'mail' ? 'user:password' : 'the token';
  return [
    ...named(typeof url === 'string' ? undefined : url, `the address of a ${kind} in notify`),
    ...named(secret, `${whole} of a ${kind} in notify`),
  ];
}

function named(reference: EnvReference | undefined, what: string): Wanted[] {
  return reference === undefined ? [] : [{ env: reference.env, for: what }];
}

function setFinding(wanted: Wanted, env: Patient['env']): Finding {
  const { ok, fault } = about('variables');
  const value = env[wanted.env];
  if (value !== undefined && value.trim() !== '') return ok(`${wanted.env} is set (${wanted.for})`);
  return fault(`${wanted.env} is not set (${wanted.for})`, 'set it for this process only, from your secret store');
}

// Whoever plans must not be able to write: the variable itself, wherever it came from, is one step too far.
function leak(other: Wanted, env: Patient['env']): Finding[] {
  const value = env[other.env];
  if (value === undefined || value === '') return [];
  const mend = 'give it to `gitmend runner` alone';
  return [about('variables').warn(`${other.env} is set as well (${other.for}), and this role never needs it`, mend)];
}
