import type { Command } from 'commander';
import { branchOf, fingerprintOf } from '../core/fingerprint.ts';
import { printGuestTarget } from '../core/target.ts';
import { type Destroying, destroying } from '../deliver/destroying.ts';
import type { OwnPullRequest } from '../deliver/own-pull-request.ts';
import { type Leaving, leaving } from '../import/index.ts';
import { placesOf, printDestroy } from '../records/destroy.ts';
import { plainText } from '../records/escape.ts';
import { namesOf } from '../records/import.ts';
import { counted, dayAndMinuteOf } from '../texts/words.ts';
import type { CliContext } from './context.ts';
import { aheadLines, planAhead } from './foretold.ts';
import { branchName, demandNamed, namedGuests, openWorld } from './guest-world.ts';
import { openAsked } from './opened.ts';

interface Flags {
  tag?: string;
  dryRun?: true;
}

/**
 * `gitmend guest destroy NAME…`: the pull request that removes the files. It says first what destroying needs, and opens
 * only what its plan would not refuse. Exit 1 where it would.
 */
export function registerGuestDestroy(guest: Command, program: Command, context: CliContext): void {
  guest
    .command('destroy')
    .argument('[names...]', 'declared guests: postgres, lxc/200')
    .option('--tag <tag>', 'all guests that are declared with this tag, in place of names')
    .option('--dry-run', 'say what it needs and what its plan would be, and open nothing')
    .description('opens the pull request that destroys guests: stopped, not protected, backed up within 24 hours')
    .action((names: string[], flags: Flags) => destroy(program, context, names, flags));
}

async function destroy(program: Command, context: CliContext, names: string[], { tag, dryRun }: Flags): Promise<void> {
  demandNamed(names, tag);
  const ground = await openWorld(program, context);
  const looks = await destroying(ground.world, ground.truth, namedGuests(ground.truth, names, tag));
  const { head, rules } = ground.truth;
  const watched = rules.config?.ansible !== undefined;
  const left = leaving(
    head.tree,
    looks.map(({ guest }) => guest),
    { watched },
  );
  const free = looks.every(({ against }) => against.length === 0);
  for (const line of [...looks.flatMap(linesOf), ...(free ? leavingLines(left) : [])])
    context.print(plainText(line, 1000));
  const wanted = wantedOf(looks, tag, left);
  const said = new Set(looks.flatMap(({ against }) => against.map(({ message }) => message)));
  const plan = await planAhead(context, ground, wanted, said);
  if (said.size > 0 || plan === undefined) {
    const held = looks.filter(({ against }) => against.length > 0).length;
    const which = held === 0 ? '' : `: ${held} of ${counted(looks.length, 'guest')} cannot be destroyed yet`;
    context.print(`nothing was opened${which}`);
    context.exit(1);
    return;
  }
  if (dryRun === true) {
    for (const line of aheadLines(plan)) context.print(plainText(line, 1000));
    return;
  }
  const targets = looks.map(({ guest }) => printGuestTarget(guest));
  await openAsked(context, ground, wanted, { event: 'guest-destroy', targets });
}

/** What is there of what is needed, or all that is not. */
function linesOf({ guest, live, backup, against }: Destroying): string[] {
  const where = whereOf({ guest, live });
  if (live === undefined) return [`${guest.name} (${where}) is gone already: only files change`];
  if (against.length === 0)
    return [
      `${guest.name} (${where}): stopped, not protected, backed up ${backup === undefined ? '' : dayAndMinuteOf(backup.endedAt)}`,
    ];
  const each = against.flatMap(({ message, next }) => [`  ${message}`, ...(next === '' ? [] : [`    next: ${next}`])]);
  return [`${guest.name} (${where}) cannot be destroyed yet:`, ...each];
}

/** What else goes, and what does not. */
function leavingLines({ taken, named }: Leaving): string[] {
  return [
    ...taken.map(({ file, what }) => `out of ${file}: ${namesOf(what)}`),
    ...named.slice(0, 12).map((place) => `named still, and left to a person: ${placesOf(place)}`),
    ...(named.length > 12 ? [`and in ${named.length - 12} more files`] : []),
  ];
}

function whereOf({ guest, live }: Pick<Destroying, 'guest'> & { live: Destroying['live'] | undefined }): string {
  const id = `${guest.type}/${guest.vmid}`;
  return live === undefined ? id : `${id} on ${live.node}`;
}

function wantedOf(looks: readonly Destroying[], tag: string | undefined, left: Leaving): OwnPullRequest {
  const guests = looks.map(({ guest }) => guest);
  const fingerprint = fingerprintOf('destroy', guests.map(printGuestTarget).sort().join(' '), 'guest');
  const { title, body } = printDestroy({
    chosen: tag === undefined ? '' : `tagged ${tag}`,
    fingerprint,
    ...{ taken: left.taken, named: left.named },
    guests: looks.map(({ guest, live }) => ({
      ...{ name: guest.name, where: whereOf({ guest, live }), file: guest.file, gone: live === undefined },
    })),
  });
  const branch = branchOf('destroy', branchName(guests), fingerprint);
  const edits = new Map([...left.edits, ...guests.map(({ file }) => [file, null] as const)]);
  return { branch, title, body, labels: ['gitmend', 'destroy'], edits, fingerprint };
}
