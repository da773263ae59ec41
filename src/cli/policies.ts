import { join } from 'node:path';
import type { Command } from 'commander';
import { readTreeFromDisk } from '../check/index.ts';
import { GitmendError } from '../core/errors.ts';
import { printFault } from '../core/fault.ts';
import { branchOf, fingerprintOf } from '../core/fingerprint.ts';
import { configInForce } from '../deliver/planning.ts';
import { type ProposedRules, readPolicies, rulesForMissing } from '../policy/index.ts';
import { plainText } from '../records/escape.ts';
import { printPolicies } from '../records/policies.ts';
import type { CliContext } from './context.ts';
import { openWorld } from './guest-world.ts';
import { openAsked } from './opened.ts';

/** `gitmend policies`: the pull request that adds rules for kinds of steps that are newer than the repository's. */
export function registerPolicies(program: Command, context: CliContext): void {
  program
    .command('policies')
    .option('--dry-run', 'show the file, and open nothing')
    .description('opens the pull request that adds rules for kinds of steps that no rule names')
    .action((flags: { dryRun?: true }) => addMissing(program, context, flags));
}

async function addMissing(program: Command, context: CliContext, { dryRun }: { dryRun?: true }): Promise<void> {
  const { world, truth } = await openWorld(program, context);
  const { tree } = truth.head;
  const read = readPolicies(tree);
  if (!read.ok) throw new GitmendError('CONFIG_INVALID', read.faults.map(printFault).join('\n'));
  const template = readTreeFromDisk(join(import.meta.dirname, '..', '..', 'policies'));
  const { approvers } = configInForce(truth);
  const [only = '', ...more] = approvers;
  const alone = more.length === 0 && !only.startsWith('team:');
  const found = rulesForMissing(tree, read.value, { template, alone });
  if (found === undefined) context.print('nothing to add: every kind of step is named by a rule');
  else if (dryRun === true) for (const line of found.text.trimEnd().split('\n')) context.print(plainText(line, 1000));
  else await openAsked(context, { world, truth }, wantedOf(found), { event: 'policies', targets: [] });
}

function wantedOf(found: ProposedRules) {
  const fingerprint = fingerprintOf('policies', found.file, 'rules');
  const { title, body } = printPolicies({ ...found, fingerprint });
  const branch = branchOf('policies', 'newer-steps', fingerprint);
  return {
    branch,
    title,
    body,
    labels: ['gitmend', 'policies'],
    edits: new Map([[found.file, found.text]]),
    fingerprint,
  };
}
