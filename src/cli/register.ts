import type { Command } from 'commander';
import { GitmendError } from '../core/errors.ts';
import type { Forge } from '../forges/forge.ts';
import type { LocalForgeAdmin } from '../forges/local/index.ts';
import { registerApply, registerReconcile } from './apply.ts';
import { registerCheck } from './check.ts';
import { type CliContext, globals } from './context.ts';
import { registerDoctor } from './doctor.ts';
import { registerDrift } from './drift.ts';
import { registerExplain } from './explain.ts';
import { registerForge } from './forge.ts';
import { openForgeOf } from './ground.ts';
import { registerGuest } from './guest.ts';
import { registerHeal } from './heal.ts';
import { registerImport } from './import.ts';
import { registerInit } from './init.ts';
import { registerIssue } from './issue.ts';
import { registerLog } from './history.ts';
import { registerPlan } from './plan.ts';
import { registerPolicies } from './policies.ts';
import { registerPr } from './pr.ts';
import { registerRestore } from './restore.ts';
import { registerRunner } from './runner.ts';
import { registerServe } from './serve.ts';
import { registerStatus } from './status.ts';
import { registerTerraform } from './terraform-state.ts';
import { registerSynth } from './synth.ts';
import { registerUnlock } from './unlock.ts';

/** Every command of the terminal, in the order in which `gitmend --help` lists them. */
export function registerAll(program: Command, context: CliContext): void {
  registerInit(program, context);
  registerImport(program, context);
  registerGuest(program, context);
  registerPolicies(program, context);
  registerCheck(program, context);
  registerDoctor(program, context);
  registerHeal(program, context);
  registerSynth(program, context);
  registerPlan(program, context);
  registerDrift(program, context);
  registerRestore(program, context);
  registerServe(program, context);
  registerRunner(program, context);
  registerApply(program, context);
  registerReconcile(program, context);
  registerStatus(program, context);
  registerLog(program, context);
  registerExplain(program, context);
  registerUnlock(program, context);
  registerTerraform(program, context);
  registerForge(program, context);
  const people = { print: context.print, forge: (as: string) => localForge(program, context, as) };
  registerPr(program, people);
  registerIssue(program, people);
}

async function localForge(program: Command, context: CliContext, as: string): Promise<Forge & LocalForgeAdmin> {
  const forge = await openForgeOf(
    { directory: globals(program).directory, clock: context.clock, env: context.env },
    as,
  );
  if (forge.kind !== 'local')
    throw new GitmendError(
      'USAGE',
      `gitmend pr and gitmend issue are for the local forge; this repository is on ${forge.kind}: use its pages`,
    );
  return forge as Forge & LocalForgeAdmin;
}
