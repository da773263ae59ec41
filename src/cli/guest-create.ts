import type { Command } from 'commander';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import { branchOf } from '../core/fingerprint.ts';
import { digestOfText } from '../core/json.ts';
import { printGuestTarget } from '../core/target.ts';
import type { RawGuest } from '../declarations/guest/index.ts';
import { guestFile } from '../import/index.ts';
import type { OwnPullRequest } from '../deliver/own-pull-request.ts';
import { printCreate } from '../records/create.ts';
import { plainText } from '../records/escape.ts';
import type { CliContext } from './context.ts';
import { fromFile, rawGuest, type SaidFlags } from './guest-raw.ts';
import { createFingerprint, newGuest } from './guest-wanted.ts';
import { oneCalled, openWorld } from './guest-world.ts';
import { openAsked } from './opened.ts';

/** As they were typed. */
interface Flags extends SaidFlags {
  clone?: string;
  like?: string;
  from?: string;
  dryRun?: true;
}

/** `gitmend guest create NAME …`: the pull request that declares a guest which is not there yet. */
export function registerGuestCreate(guest: Command, program: Command, context: CliContext): void {
  guest
    .command('create')
    .argument('<name>', 'its host name, and the name of its file')
    .option('--node <node>', 'where it is made')
    .option('--vmid <id>', 'its id, or `next`: the first one that nobody has')
    .option('--type <type>', 'lxc or qemu')
    .option('--cores <n>', 'how many')
    .option('--memory <size>', '2G, 512M; a number alone is MiB')
    .option('--swap <size>', 'of a container; 512M unless told')
    .option('--disk <size>', '8G; a number alone is GiB')
    .option('--storage <storage>', 'where its disk lies: local-lvm')
    .option('--bridge <bridge>', 'vmbr0')
    .option('--address <address>', '192.168.1.30/24; by DHCP without it')
    .option('--gateway <address>', '192.168.1.1')
    .option('--tags <tags>', 'web,backup')
    .option('--cluster <name>', 'of gitmend.yaml, where it names several')
    .option(
      '--clone <template>',
      'a template of the cluster (900, its name): a full clone of it, and what is not said is as it has it',
    )
    .option('--like <guest>', 'what is not said is as that declared guest has it, but for its id and address')
    .option('--from <file>', 'what is not said is as this YAML file has it, with the fields of guests/<name>.yaml')
    .option('--dry-run', 'show the file, and open nothing')
    .description('opens the pull request that creates a guest')
    .action((name: string, flags: Flags) => create(program, context, name, flags));
}

async function create(program: Command, context: CliContext, name: string, flags: Flags): Promise<void> {
  const { clone, like, from, dryRun, ...words } = flags;
  const file = await fromFile(from);
  const ground = await openWorld(program, context);
  const other = like === undefined ? undefined : oneCalled(ground.truth, like)[1];
  const asked = rawGuest(name, words, file, other);
  const { guest, unchecked } = await newGuest(context, ground, asked, clone ?? cloneIn(asked));
  for (const what of unchecked) context.warn(plainText(`not checked: ${what}`, 1000));
  const text = guestFile(guest, guest.cluster, '');
  if (dryRun === true) {
    for (const line of text.trimEnd().split('\n')) context.print(plainText(line, 1000));
    return;
  }
  const log = { event: 'guest-create', targets: [printGuestTarget(guest)] };
  await openAsked(context, ground, wantedOf(guest, text), log);
}

/** The template that a file names, in the words of the flag; one that is no id is the reader's to refuse. */
function cloneIn({ clone }: RawGuest): string | undefined {
  const from: unknown = typeof clone === 'object' && clone !== null && 'from' in clone ? clone.from : undefined;
  return typeof from === 'number' ? String(from) : undefined;
}

function wantedOf(guest: DeclaredGuest, text: string): OwnPullRequest {
  const fingerprint = createFingerprint(guest);
  const { title, body } = printCreate({ guest, fingerprint, text: digestOfText(text) });
  const branch = branchOf('create', guest.name, fingerprint);
  return { branch, title, body, labels: ['gitmend', 'create'], edits: new Map([[guest.file, text]]), fingerprint };
}
