import type { Command } from 'commander';
import { isoTime } from '../core/clock.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import { GitmendError } from '../core/errors.ts';
import { branchOf, fingerprintOf } from '../core/fingerprint.ts';
import { printGuestTarget } from '../core/target.ts';
import { openOwn } from '../deliver/own-pull-request.ts';
import type { Truth } from '../deliver/truth.ts';
import type { World } from '../deliver/world.ts';
import { plainText } from '../records/escape.ts';
import { editWords } from '../records/import.ts';
import { printSet } from '../records/set.ts';
import type { CliContext } from './context.ts';
import { type Assigned, assigned, parseWords } from './guest-assign.ts';
import { oneCalled, openWorld, taggedWith } from './guest-world.ts';
import { sayOpened } from './opened.ts';

interface Flags {
  tag?: string;
  dryRun?: true;
}

/** `gitmend guest set TARGET field=value …`: the pull request that edits the files, as `restore` opens its own. */
export function registerGuestSet(guest: Command, program: Command, context: CliContext): void {
  guest
    .command('set')
    .argument('<words...>', 'declared guests, and what to set: postgres memory=3072 tags+=critical')
    .option('--tag <tag>', 'all guests that are declared with this tag, in place of names')
    .option('--dry-run', 'show what it would change, and open nothing')
    .description('opens the pull request that sets values in guests/')
    .action((words: string[], flags: Flags) => set(program, context, words, flags));
}

async function set(program: Command, context: CliContext, words: string[], flags: Flags): Promise<void> {
  const { targets, assignments } = parseWords(words);
  if ((targets.length === 0) === (flags.tag === undefined))
    throw new GitmendError('USAGE', 'name the guests, or say --tag TAG; one of both');
  const { world, truth } = await openWorld(program, context);
  const guests = chosen(truth, targets, flags.tag);
  const { edits, changed } = assigned(truth.head.tree, guests, assignments);
  if (changed.length === 0) {
    context.print('nothing to change: the files say so already');
    return;
  }
  if (flags.dryRun === true) {
    for (const { guest, edits: values } of changed)
      context.print(plainText(`${guest.file}: ${values.map(editWords).join(', ')}`, 1000));
    return;
  }
  await proposed(context, world, truth, { edits, changed, tag: flags.tag });
}

function chosen(truth: Truth, targets: readonly string[], tag: string | undefined): DeclaredGuest[] {
  const found = tag === undefined ? targets.map((called) => oneCalled(truth, called)) : taggedWith(truth, tag);
  if (found.length === 0) throw new GitmendError('USAGE', `no guest is declared with the tag ${JSON.stringify(tag)}`);
  return [...new Map(found).values()];
}

interface Wanted {
  edits: Map<string, string>;
  changed: Assigned[];
  tag: string | undefined;
}

async function proposed(
  context: CliContext,
  world: World,
  truth: Truth,
  { edits, changed, tag }: Wanted,
): Promise<void> {
  const targets = changed.map(({ guest }) => printGuestTarget(guest)).sort();
  const fields = [...new Set(changed.flatMap(({ edits: values }) => values.map(({ field }) => field)))].sort();
  const fingerprint = fingerprintOf('set', targets.join(' '), fields.join(' '));
  const [only] = changed;
  const name = changed.length === 1 && only !== undefined ? only.guest.name : `${changed.length}-guests`;
  const { title, body } = printSet({
    chosen: tag === undefined ? '' : `tagged ${tag}`,
    fingerprint,
    changed: changed.map(({ guest, edits: values }) => ({
      ...{ name: guest.name, id: `${guest.type}/${guest.vmid}`, file: guest.file, edits: values },
    })),
  });
  const wanted = {
    branch: branchOf('set', name, fingerprint),
    title,
    body,
    labels: ['gitmend', 'set'],
    edits,
    fingerprint,
  };
  const pr = await openOwn(world, wanted, { askedAt: isoTime(world.clock.now()) });
  if (pr === undefined) {
    context.print('nothing was opened: a person closed the same in this moment; ask again');
    return;
  }
  world.log('guest-set', { targets, pullRequest: pr.number });
  await sayOpened(context, world, truth, pr);
}
