import type { Command } from 'commander';
import { branchOf, fingerprintOf } from '../core/fingerprint.ts';
import { printGuestTarget } from '../core/target.ts';
import type { OwnPullRequest } from '../deliver/own-pull-request.ts';
import { plainText } from '../records/escape.ts';
import { editWords } from '../records/import.ts';
import { printSet } from '../records/set.ts';
import type { CliContext } from './context.ts';
import { sayAhead } from './guest-ahead.ts';
import { type Assigned, assigned, type Assignment, parseWords } from './guest-assign.ts';
import { branchName, demandNamed, namedGuests, openWorld } from './guest-world.ts';
import { openAsked } from './opened.ts';

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
  await proposeValues(program, context, { names: targets, assignments, ...flags });
}

/** Values for guests that are named, or that have a tag. */
export interface AskedValues extends Flags {
  names: readonly string[];
  assignments: readonly Assignment[];
}

/** Opens the one pull request that sets these values in the files, or says what it would change. Throws USAGE. */
export async function proposeValues(program: Command, context: CliContext, asked: AskedValues): Promise<void> {
  const { names, tag, assignments, dryRun } = asked;
  demandNamed(names, tag);
  const ground = await openWorld(program, context);
  const { truth } = ground;
  const guests = namedGuests(truth, names, tag);
  const { edits, changed } = assigned(truth.head.tree, guests, assignments);
  if (changed.length === 0) {
    context.print('nothing to change: the files say so already');
    return;
  }
  const wanted = wantedOf({ edits, changed, tag });
  if (dryRun === true) {
    for (const { guest, edits: values } of changed)
      context.print(plainText(`${guest.file}: ${values.map(editWords).join(', ')}`, 1000));
    await sayAhead(context, ground, { changed, wanted });
    return;
  }
  const log = { event: 'guest-set', targets: changed.map(({ guest }) => printGuestTarget(guest)) };
  await openAsked(context, ground, wanted, log);
}

interface Wanted {
  edits: Map<string, string>;
  changed: Assigned[];
  tag: string | undefined;
}

function wantedOf({ edits, changed, tag }: Wanted): OwnPullRequest {
  const targets = changed.map(({ guest }) => printGuestTarget(guest)).sort();
  const fields = [...new Set(changed.flatMap(({ edits: values }) => values.map(({ field }) => field)))].sort();
  const fingerprint = fingerprintOf('set', targets.join(' '), fields.join(' '));
  const { title, body } = printSet({
    chosen: tag === undefined ? '' : `tagged ${tag}`,
    fingerprint,
    changed: changed.map(({ guest, edits: values }) => ({
      ...{ name: guest.name, id: `${guest.type}/${guest.vmid}`, file: guest.file, edits: values },
    })),
  });
  const branch = branchOf('set', branchName(changed.map(({ guest }) => guest)), fingerprint);
  return { branch, title, body, labels: ['gitmend', 'set'], edits, fingerprint };
}
