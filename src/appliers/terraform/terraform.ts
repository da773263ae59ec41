import { rm } from 'node:fs/promises';
import { GitmendError } from '../../core/errors.ts';
import { together } from '../../core/together.ts';
import { readPlan, type TerraformPlan, type Allowed } from '../../terraform/index.ts';
import { failureOf } from './failure.ts';
import type { StackFolder } from './folder.ts';
import { type ProgramRun, runProgram } from '../program.ts';
import { demandVersion } from '../version.ts';

export interface TerraformSetting {
  /** `terraform` or `tofu`, or a path. */
  program: string;
  paths: StackFolder;
  /** Credentials and endpoint, by the names that providers and backends read: PROXMOX_VE_API_TOKEN, PG_CONN_STR … */
  credentials: { readonly [name: string]: string };
  allowed?: Allowed;
  /** Seconds for one call. */
  timeout: number;
  /** Seconds to wait for the state's lock. */
  lockTimeout: number;
  /** Tidies its memory up less often: an eighth quicker, for some 20 MiB where it needs little anyway. */
  hasty?: boolean;
  signal?: AbortSignal;
}

/** Terraform on one stack. Every method throws a GitmendError with one of the TERRAFORM_ codes. */
export interface Terraform {
  /** Looks whether the program is there and new enough, and makes the folder ready. Returns its version. */
  init(): Promise<string>;
  /** Plans into a file. Without targets: the whole stack. */
  plan(targets: readonly string[], file?: string): Promise<TerraformPlan>;
  /** Reads a plan file again. */
  show(file: string): Promise<TerraformPlan>;
  apply(file: string): Promise<void>;
  /** Takes into the state what is live, and changes nothing else. */
  refresh(targets: readonly string[]): Promise<void>;
}

/** The oldest that is supported, of terraform and of tofu. */
export const leastVersion = [1, 9] as const;

export function terraformOn(setting: TerraformSetting): Terraform {
  const { paths, lockTimeout } = setting;
  const call = async (args: readonly string[], accept: readonly number[] = [0]): Promise<ProgramRun> => {
    const run = await runProgram(setting.program, args, {
      folder: paths.folder,
      env: environment(setting),
      timeout: setting.timeout,
      signal: setting.signal,
    });
    if (run.code === undefined || !accept.includes(run.code))
      throw failureOf(setting.program, args[0] ?? '', run, secretsIn(setting));
    return run;
  };
  const lock = `-lock-timeout=${lockTimeout}s`;
  const show = async (file: string): Promise<TerraformPlan> =>
    readShown(await call(['show', '-json', '-no-color', file]), setting);
  return {
    async init() {
      // Beside each other; where both fail, the version says why.
      const init = call(['init', '-input=false', '-no-color', lock]);
      const [version] = await together(versionOf(call, setting.program), init);
      return version;
    },
    async plan(targets, file = paths.planFile) {
      // Terraform writes a file even for a plan that failed half-way, and an older one may be there.
      await rm(file, { force: true });
      try {
        await call(['plan', ...common, lock, '-detailed-exitcode', `-out=${file}`, ...targets.map(target)], [0, 2]);
      } catch (error) {
        await rm(file, { force: true });
        throw error;
      }
      return show(file);
    },
    show,
    apply: async (file) => {
      await call(['apply', ...common, lock, file]);
    },
    refresh: async (targets) => {
      await call(['apply', ...common, lock, '-refresh-only', '-auto-approve', ...targets.map(target)]);
    },
  };
}

const common = ['-input=false', '-no-color'];

function target(address: string): string {
  return `-target=${address}`;
}

/** Names that this process passes on as they are; all else is written here. */
function environment({ paths, credentials, hasty = false }: TerraformSetting): { [name: string]: string } {
  return {
    PATH: ownPath(),
    // Not the user's own home: what lies there must not decide anything.
    HOME: paths.data,
    LC_ALL: 'C.UTF-8',
    TF_CLI_CONFIG_FILE: paths.cliConfig,
    TF_DATA_DIR: paths.data,
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    CHECKPOINT_DISABLE: '1',
    SSL_CERT_FILE: paths.certificates,
    // Of Go itself, and so of the provider, too (pkg.go.dev/runtime).
    ...(hasty ? { GOGC: '400' } : {}),
    ...credentials,
  };
}

function ownPath(): string {
  return process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin';
}

function secretsIn({ credentials }: TerraformSetting): string[] {
  return Object.entries(credentials).flatMap(([name, value]) =>
    name === 'PROXMOX_VE_ENDPOINT' ? [] : secretParts(value),
  );
}

/** Half of a token is as secret as the whole: `user@realm!id=secret`. */
function secretParts(value: string): string[] {
  const at = value.indexOf('=');
  return at === -1 ? [value] : [value, value.slice(at + 1)];
}

async function versionOf(call: (args: readonly string[]) => Promise<ProgramRun>, program: string): Promise<string> {
  const { stdout } = await call(['version', '-json']);
  return newEnough(program, stdout);
}

/**
 * The version of a program on this machine, asked in an empty folder and without any credential. Throws
 * TERRAFORM_MISSING, TERRAFORM_TOO_OLD, TERRAFORM_KILLED or TERRAFORM_FAILED.
 */
export async function programVersion(program: string, folder: string): Promise<string> {
  const env = { PATH: ownPath(), HOME: folder, LC_ALL: 'C.UTF-8', CHECKPOINT_DISABLE: '1' };
  const run = await runProgram(program, ['version', '-json'], { folder, env, timeout: 30 });
  if (run.code !== 0) throw failureOf(program, 'version', run, []);
  return newEnough(program, run.stdout);
}

function newEnough(program: string, stdout: string): string {
  const version = /"terraform_version":\s*"([^"]{1,40})"/.exec(stdout)?.[1] ?? '';
  return demandVersion(program, version, { least: leastVersion, code: 'TERRAFORM_TOO_OLD' });
}

function readShown({ stdout }: ProgramRun, setting: TerraformSetting): TerraformPlan {
  const read = readPlan(stdout, {
    known: secretsIn(setting),
    ...(setting.allowed === undefined ? {} : { allowed: setting.allowed }),
  });
  if (read.ok) return read.plan;
  throw new GitmendError('TERRAFORM_PLAN_UNREADABLE', `${setting.program} show: ${read.why}`);
}
