import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { readTreeFromDisk } from '../check/index.ts';
import { GitmendError } from '../core/errors.ts';
import { synthesizeUntrusted } from '../synth/index.ts';
import { type CliContext, globals } from './context.ts';
import { ownModules } from './ground.ts';
import { synthInCi } from './synth-ci.ts';

interface Options {
  out?: string;
  ci?: true;
}

/** `gitmend synth`: the stacks of the clone as it lies there, made in the sandbox. No credential is looked at. */
export function registerSynth(program: Command, context: CliContext): void {
  program
    .command('synth')
    .option(
      '--out <path>',
      'folder for the stacks (cdktf.out of the clone unless told); with --ci the file for the job plan',
    )
    .option('--ci', 'as a job of GitHub Actions or Gitea Actions, in front of gitmend plan --ci')
    .description('synthesizes the stacks of the clone in a sandbox, and says where each was written')
    .action(async ({ out, ci }: Options) => {
      if (ci !== true) return synthHere(context, globals(program).directory, out);
      if (out === undefined) throw new GitmendError('USAGE', 'with --ci say where the file goes: --out FILE');
      return synthInCi(context, globals(program).directory, out);
    });
}

async function synthHere({ env, print }: CliContext, directory: string, out: string | undefined): Promise<void> {
  const tree = readTreeFromDisk(directory);
  const modules = env['GITMEND_STACK_MODULES'] ?? ownModules();
  const made = await synthesizeUntrusted({ code: tree, data: tree, modules, node: process.execPath, timeout: 60 });
  if (!made.ok) throw new GitmendError(made.code ?? 'SYNTH_FAILED', made.message);
  const folder = resolve(out ?? join(directory, 'cdktf.out'), 'stacks');
  for (const [name, stack] of Object.entries(made.stacks)) {
    const file = join(folder, name, 'cdk.tf.json');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(stack, undefined, 2)}\n`);
    print(`${name}: ${file}`);
  }
}
