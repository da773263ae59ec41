import { type Command, Option } from 'commander';
import { GitmendError } from '../core/errors.ts';
import type { CliContext } from './context.ts';
import type { Assignment } from './guest-assign.ts';
import { proposeValues } from './guest-set.ts';

interface Flags {
  tag?: string;
  dryRun?: true;
  add?: string;
  remove?: string;
  to?: string;
}

/** A command that is one edit of each guest's file. */
interface Verb {
  name: string;
  does: string;
  options?: readonly Option[];
  assignments: (flags: Flags) => Assignment[];
}

const verbs: readonly Verb[] = [
  { name: 'start', does: 'starts guests', assignments: () => [set('started', 'true')] },
  { name: 'stop', does: 'shuts guests down, cleanly', assignments: () => [set('started', 'false')] },
  { name: 'protect', does: 'protects guests from being destroyed', assignments: () => [set('protection', 'true')] },
  { name: 'unprotect', does: 'takes their protection away', assignments: () => [set('protection', 'false')] },
  {
    name: 'tag',
    does: 'gives guests tags, and takes them away',
    options: [
      new Option('--add <tags>', 'backup,web'),
      new Option('--remove <tags>', 'what they shall not be tagged with any more'),
    ],
    assignments: tagging,
  },
  {
    name: 'migrate',
    does: 'moves guests to another node',
    options: [new Option('--to <node>', 'the node, of the same cluster').makeOptionMandatory()],
    assignments: ({ to = '' }) => [set('node', to)],
  },
  {
    name: 'move-disk',
    does: "moves guests' disks to another storage",
    options: [new Option('--to <storage>', 'the storage, of their node').makeOptionMandatory()],
    assignments: ({ to = '' }) => [set('disk.storage', to)],
  },
];

/** `gitmend guest start NAME…` and its like: each opens one pull request that edits the files. */
export function registerGuestVerbs(guest: Command, program: Command, context: CliContext): void {
  for (const { name, does, options = [], assignments } of verbs) {
    const command = guest
      .command(name)
      .argument('[names...]', 'declared guests: postgres, lxc/200')
      .option('--tag <tag>', 'all guests that are declared with this tag, in place of names')
      .option('--dry-run', 'show what it would change, and open nothing')
      .description(`opens the pull request that ${does}`)
      .action((names: string[], { tag, dryRun, ...flags }: Flags) =>
        proposeValues(program, context, {
          ...{ names, assignments: assignments(flags) },
          ...(tag === undefined ? {} : { tag }),
          ...(dryRun === undefined ? {} : { dryRun }),
        }),
      );
    for (const option of options) command.addOption(option);
  }
}

function tagging({ add, remove }: Flags): Assignment[] {
  if (add === undefined && remove === undefined)
    throw new GitmendError('USAGE', 'which tags? say --add backup,web or --remove old, or both');
  return [
    ...(add === undefined ? [] : [{ field: 'tags', how: '+=', value: add } as const]),
    ...(remove === undefined ? [] : [{ field: 'tags', how: '-=', value: remove } as const]),
  ];
}

function set(field: string, value: string): Assignment {
  return { field, how: '=', value };
}
