import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { readTreeFromDisk } from '../check/index.ts';
import { examine, type Patient, printFindings } from '../doctor/index.ts';
import { gitIn } from '../git/git.ts';
import { openRepository } from '../git/repository.ts';
import { type CliContext, globals } from './context.ts';
import type { Role } from './engines.ts';
import { makeFolder } from './folder.ts';
import { openForgeOf, stateBase, stateFolder } from './ground.ts';
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
  return {
    role,
    env,
    clock,
    stateFolder: stateBase(env),
    node: process.version,
    readTree: () => readTreeFromDisk(directory),
    gitVersion: async () => (await gitIn('.')(['--version'])).stdout,
    tryWriting,
    openForge: () => openForgeOf({ directory, clock, env }, env['GITMEND_BOT'] ?? 'gitmend'),
    async openRecords(forge) {
      const state = await stateFolder({ env }, forge);
      // A mirror of its own: those of `serve` and `runner` may be at work.
      const repo = await openRepository(join(state, 'mirror-doctor.git'), forge.remote, forge.gitEnv);
      await repo.fetch();
      return { repo, seen: await seenFile(join(state, 'records-seen')).read() };
    },
  };
}

async function tryWriting(folder: string): Promise<void> {
  await makeFolder(folder);
  const file = join(folder, `doctor-${process.pid}`);
  await writeFile(file, 'x', { flag: 'wx', mode: 0o600 });
  await rm(file);
}
