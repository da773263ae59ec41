import { join } from 'node:path';
import type { Command } from 'commander';
import { readTreeFromDisk } from '../check/index.ts';
import type { ClusterConfig } from '../core/config.ts';
import { isoTime } from '../core/clock.ts';
import { GitmendError } from '../core/errors.ts';
import { printFault } from '../core/fault.ts';
import { branchOf, fingerprintOf } from '../core/fingerprint.ts';
import { digestOf } from '../core/json.ts';
import { configInForce } from '../deliver/planning.ts';
import { openOwn } from '../deliver/own-pull-request.ts';
import type { Truth } from '../deliver/truth.ts';
import type { World } from '../deliver/world.ts';
import { findGuests, type Importing, missingOf } from '../import/index.ts';
import { plainText } from '../records/escape.ts';
import { type ImportWords, printImport } from '../records/import.ts';
import type { CliContext } from './context.ts';
import { openClient } from './engines.ts';
import { openWorld } from './guest-world.ts';
import { type Gated, gated } from './import-gate.ts';
import { importLines } from './import-text.ts';
import { sayOpened } from './opened.ts';

interface Flags {
  cluster?: string;
  dryRun?: true;
  removeGone?: true;
  plan: boolean;
  json?: true;
}

/** `gitmend import`: a pull request that makes the files say what is in the cluster. Reads with the token that reads. */
export function registerImport(program: Command, context: CliContext): void {
  program
    .command('import')
    .option('--cluster <name>', 'of gitmend.yaml, where it names several')
    .option('--dry-run', 'show what it would change, and open nothing')
    .option('--remove-gone', 'take out the files of guests that are not there any more')
    .option('--no-plan', 'do not hold the result against a plan of Terraform')
    .option('--json', 'the same as JSON')
    .description('opens the pull request that makes guests/ and the inventory say what is in the cluster')
    .action((flags: Flags) => importCluster(program, context, flags));
}

async function importCluster(program: Command, context: CliContext, flags: Flags): Promise<void> {
  const { world, truth } = await openWorld(program, context);
  const cluster = clusterOf(truth, flags.cluster);
  const importing = await readInto(context, truth, cluster, flags.removeGone === true);
  const checked = await gated({ ground: world, context, truth, cluster, importing, wanted: flags.plan });
  const said = flags.json === true ? [] : importLines(cluster.name, checked);
  for (const line of said) context.print(plainText(line, 1000));
  const opened = flags.dryRun === true ? undefined : await proposed(world, cluster.name, checked);
  if (flags.json === true)
    context.print(JSON.stringify({ ...jsonOf(checked), pullRequest: opened?.number ?? null }, null, 2));
  else if (opened !== undefined) await sayOpened(context, world, truth, opened);
  else if (checked.imported.edits.size === 0) context.print('nothing to change: the files say what is in the cluster');
  if (checked.differing.length > 0) context.exit(1);
}

function clusterOf(truth: Truth, wanted: string | undefined): ClusterConfig {
  const { clusters } = configInForce(truth);
  const names = clusters.map(({ name }) => name).join(', ');
  const [first, ...more] = clusters.filter(({ name }) => wanted === undefined || name === wanted);
  if (first === undefined) throw new GitmendError('USAGE', `--cluster: gitmend.yaml names ${names || 'no cluster'}`);
  if (more.length > 0)
    throw new GitmendError('USAGE', `which cluster? gitmend.yaml names ${names}; say --cluster NAME`);
  return first;
}

/** The cluster against the head of the default branch. A file that cannot be read could declare any of its guests. */
async function readInto(
  context: CliContext,
  truth: Truth,
  { name }: ClusterConfig,
  removeGone: boolean,
): Promise<Importing> {
  const { head, rules } = truth;
  const broken = head.faults.filter(({ file, severity }) => severity === 'fault' && file.startsWith('guests/'));
  if (broken.length > 0) throw new GitmendError('CONFIG_INVALID', broken.map(printFault).join('\n'));
  const client = openClient(rules, name, { role: 'read', env: context.env, clock: context.clock });
  const declared = [...head.guests.values()];
  const found = await findGuests(
    client,
    declared.filter(({ cluster }) => cluster === name),
  );
  const missing = await missingOf(client, declared, found);
  const template = readTreeFromDisk(join(import.meta.dirname, '..', '..', 'infra'));
  return { tree: head.tree, cluster: name, declared, found, missing, removeGone, template };
}

/** `undefined` where there is nothing to propose. */
async function proposed(world: World, cluster: string, checked: Gated) {
  const { imported } = checked;
  if (imported.edits.size === 0) return undefined;
  const words = wordsOf(cluster, checked);
  const branch = branchOf('import', cluster, words.fingerprint);
  const { title, body } = printImport(words);
  const wanted = {
    branch,
    title,
    body,
    labels: ['gitmend', 'import'],
    edits: imported.edits,
    fingerprint: words.fingerprint,
  };
  const pullRequest = await openOwn(world, wanted, { askedAt: isoTime(world.clock.now()) });
  if (pullRequest !== undefined) world.log('import', { cluster, pullRequest: pullRequest.number });
  return pullRequest;
}

function wordsOf(cluster: string, { imported, gate }: Gated): ImportWords {
  const fingerprint = fingerprintOf('import', cluster, 'guests');
  return { ...imported, cluster, fingerprint, gate, files: digestOf(Object.fromEntries(imported.edits)) };
}

function jsonOf({ imported, gate, differing }: Gated): object {
  const { edits, ...rest } = imported;
  return { ...rest, files: [...edits.keys()].sort(), gate, differing };
}
