import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnsibleConfig, AnsibleEngine, AnsiblePlan, AnsibleWork } from '../../core/ansible.ts';
import { GitmendError } from '../../core/errors.ts';
import {
  allowedBy,
  hostName,
  judge,
  type Judged,
  planOf,
  readEvents,
  type RunEvents,
  sayObjection,
  secretsOf,
} from '../../ansible/index.ts';
import { runProgram } from '../program.ts';
import { demandVersion } from '../version.ts';
import { type Credentials, decidedVariables, environmentOf } from './environment.ts';
import { failureOf } from './failure.ts';
import { layOutRun, type RunFolder } from './folder.ts';

export type { Credentials } from './environment.ts';
export { demandWhole } from './failure.ts';

export interface AnsibleSetting {
  config: AnsibleConfig;
  credentials: Credentials;
  /** Folder of gitmend's own state that runs take place in. */
  root: string;
  signal?: AbortSignal;
  /** Seconds from the interrupt to the kill; 20 unless told. */
  grace?: number;
}

/** The oldest ansible-core that is supported. */
export const leastVersion = [2, 14] as const;

/** Ansible on this machine. Each run has a folder, an environment and a home of its own, and no input. */
export function ansibleOn(setting: AnsibleSetting): AnsibleEngine {
  let version: Promise<string> | undefined;
  const known = (): Promise<string> => (version ??= programVersion(setting.config.program));
  const run = async (work: AnsibleWork, mode: 'check' | 'apply'): Promise<AnsiblePlan> => {
    const judged = demandJudged(work, setting);
    await known().catch((error: unknown) => {
      version = undefined;
      throw error;
    });
    return runPlaybook(work, mode, judged, setting);
  };
  return {
    check: (work) => run(work, 'check'),
    apply: async (work) => {
      if (work.hosts.length === 0) throw new GitmendError('INTERNAL', 'an apply of Ansible names no host');
      return run(work, 'apply');
    },
  };
}

/** Throws ANSIBLE_REFUSED with every objection, ANSIBLE_VAULT_PASSWORD or ANSIBLE_HOST_KEYS_MISSING. */
function demandJudged(work: AnsibleWork, { config, credentials }: AnsibleSetting): Judged {
  const judged = judge(work, allowedBy(config), credentials.vaultPassword);
  if (judged.objections.length > 0) {
    const details = { objections: judged.objections };
    throw new GitmendError('ANSIBLE_REFUSED', judged.objections.map(sayObjection).join(' '), { details });
  }
  if (judged.sealed.length > 0) {
    const why = credentials.vaultPassword === undefined ? 'there is no password' : 'the password does not open it';
    throw new GitmendError('ANSIBLE_VAULT_PASSWORD', `${judged.sealed.join(', ')} is encrypted, and ${why}`);
  }
  if (!work.tree.has(config.knownHosts))
    throw new GitmendError('ANSIBLE_HOST_KEYS_MISSING', `${config.knownHosts} is not in the repository`);
  return judged;
}

async function runPlaybook(
  work: AnsibleWork,
  mode: 'check' | 'apply',
  judged: Judged,
  setting: AnsibleSetting,
): Promise<AnsiblePlan> {
  const { config, credentials, root, signal, grace } = setting;
  const { sshKey } = credentials;
  const paths = await layOutRun({
    root,
    work,
    judged,
    knownHosts: work.tree.get(config.knownHosts) ?? '',
    key: sshKey !== undefined && 'text' in sshKey ? sshKey.text : undefined,
  });
  try {
    await writeFile(paths.variables, JSON.stringify(decidedVariables(paths, credentials)), { mode: 0o600 });
    const ended = await runProgram(config.program, argumentsOf(work, mode, judged, paths, config), {
      folder: join(paths.tree, 'ansible'),
      env: environmentOf(paths, config, credentials),
      timeout: config.timeout,
      signal,
      grace,
    });
    const secrets = secretsOf([...judged.secrets, ...secretsIn(credentials)], judged.data.values());
    if (ended.code === undefined) throw failureOf(config.program, ended, secrets);
    const read = readEvents(await readFile(paths.events, 'utf8').catch(() => ''));
    // Without an end it failed on its way, and said why.
    if (!read.ok && ended.code === 0)
      throw new GitmendError('ANSIBLE_OUTPUT_UNREADABLE', `${config.program}: ${read.why}`);
    if (!read.ok || read.run.failures === undefined) throw failureOf(config.program, ended, secrets);
    demandCollections(read.run);
    return planOf(read.run, { playbook: work.playbook, mode, folder: paths.tree, tasks: judged.tasks, secrets });
  } finally {
    await paths.remove();
  }
}

function argumentsOf(
  { playbook, hosts }: AnsibleWork,
  mode: 'check' | 'apply',
  judged: Judged,
  paths: RunFolder,
  { limit }: AnsibleConfig,
): string[] {
  const names = hosts ?? limit;
  const strange = names?.find((name) => !hostName.test(name));
  if (strange !== undefined)
    throw new GitmendError('INTERNAL', `${JSON.stringify(strange.slice(0, 80))} is no name of a host`);
  return [
    ...(mode === 'check' ? ['--check'] : []),
    '--diff',
    '--inventory',
    join(paths.tree, judged.inventory),
    '--extra-vars',
    `@${paths.variables}`,
    ...(names === undefined ? [] : ['--limit', names.join(',')]),
    join(paths.tree, playbook),
  ];
}

function secretsIn({ vaultPassword, environment }: Credentials): string[] {
  return [...(vaultPassword === undefined ? [] : [vaultPassword]), ...Object.values(environment)];
}

function demandCollections({ collections }: RunEvents): void {
  const missing = Object.entries(collections).flatMap(([name, found]) => (found === null ? [name] : []));
  if (missing.length === 0) return;
  throw new GitmendError('ANSIBLE_COLLECTION_MISSING', `${missing.join(', ')} is not installed where gitmend runs`);
}

/** The version of ansible-core. Throws ANSIBLE_MISSING, ANSIBLE_TOO_OLD, ANSIBLE_KILLED or ANSIBLE_FAILED. */
export async function programVersion(program: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gitmend-ansible-'));
  try {
    const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: folder, TMPDIR: folder, LC_ALL: 'C.UTF-8' };
    const run = await runProgram(program, ['--version'], { folder, env, timeout: 60 });
    if (run.code !== 0) throw failureOf(program, run, secretsOf([], []));
    return newEnough(program, run.stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function newEnough(program: string, stdout: string): string {
  const version =
    /\[core ([0-9][^\]\s]{0,30})\]/.exec(stdout)?.[1] ?? /^\S+ ([0-9][\w.]{0,30})/.exec(stdout)?.[1] ?? '';
  return demandVersion(program, version, { least: leastVersion, code: 'ANSIBLE_TOO_OLD' });
}
