import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { readTreeFromDisk } from '../check/index.ts';
import { examine, type Patient, printFindings, type TerraformPatient } from '../doctor/index.ts';
import type { Forge } from '../forges/forge.ts';
import { gitIn } from '../git/git.ts';
import { openRepository, type Repository } from '../git/repository.ts';
import { findSandbox, synthesize } from '../synth/index.ts';
import { type CliContext, globals } from './context.ts';
import type { Role } from './engines.ts';
import { makeFolder } from './folder.ts';
import { openForgeOf, ownModules, stateBase, stateFolder } from './ground.ts';
import { seenFile } from './own-state.ts';

/** `gitmend doctor`: tries everything that gitmend.yaml names and says the mend of each. Exit 1 where there is a fault. */
export function registerDoctor(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .addOption(new Option('--role <role>', 'whose variables to use').choices(['read', 'write']).default('read'))
    .option('--json', 'one JSON object with every finding')
    .description(
      'tries everything that gitmend.yaml names: reachable, trusted, allowed, on time; and says the mend of each',
    )
    .action(async ({ role, json }: { role: Role; json?: true }) => {
      const findings = await examine(patientOf(globals(program).directory, role, context));
      context.print(json ? JSON.stringify({ role, findings }) : printFindings(findings));
      if (findings.some(({ level }) => level === 'fault')) context.exit(1);
    });
}

function patientOf(directory: string, role: Role, { env, clock }: CliContext): Patient {
  const openForge = () => openForgeOf({ directory, clock, env }, env['GITMEND_BOT'] ?? 'gitmend');
  return {
    role,
    env,
    clock,
    stateFolder: stateBase(env),
    node: process.version,
    readTree: () => readTreeFromDisk(directory),
    gitVersion: async () => (await gitIn('.')(['--version'])).stdout,
    tryWriting,
    openForge,
    async openRecords(forge) {
      const { repo, state } = await mirrorOf(forge, env);
      return { repo, seen: await seenFile(join(state, 'records-seen')).read() };
    },
    terraform: terraformPatient(openForge, env),
    ansible: {
      version: async (program) => (await import('../appliers/ansible/index.ts')).programVersion(program),
      mode: async (file) => (await stat(file)).mode,
      list: (folder) => readdir(folder),
    },
  };
}

/** A mirror of its own, fetched now: those of `serve` and `runner` may be at work. */
async function mirrorOf(forge: Forge, env: CliContext['env']): Promise<{ repo: Repository; state: string }> {
  const state = await stateFolder({ env }, forge);
  const repo = await openRepository(join(state, 'mirror-doctor.git'), forge.remote, forge.gitEnv);
  await repo.fetch();
  return { repo, state };
}

function terraformPatient(openForge: () => Promise<Forge>, env: CliContext['env']): TerraformPatient {
  return {
    version: versionOf,
    list: (folder) => readdir(folder),
    platform: `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`,
    sandbox: async () => (await findSandbox(process.execPath)).mechanism,
    // The default branch, as serve and the runner run it: what lies in this folder was reviewed by nobody.
    async stacks() {
      const forge = await openForge();
      const { repo } = await mirrorOf(forge, env);
      const tip = await repo.tip(`refs/heads/${forge.defaultBranch}`);
      if (tip === undefined) return { ok: false, message: `${forge.defaultBranch} has no commit` };
      const tree = await repo.tree(tip);
      const modules = env['GITMEND_STACK_MODULES'] ?? ownModules();
      return synthesize({ code: tree, data: tree, modules, node: process.execPath, timeout: 60 });
    },
  };
}

async function versionOf(program: string): Promise<string> {
  const { programVersion } = await import('../appliers/terraform/index.ts');
  const folder = await mkdtemp(join(tmpdir(), 'gitmend-doctor-'));
  try {
    return await programVersion(program, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tryWriting(folder: string): Promise<void> {
  await makeFolder(folder);
  const file = join(folder, `doctor-${process.pid}`);
  await writeFile(file, 'x', { flag: 'wx', mode: 0o600 });
  await rm(file);
}
