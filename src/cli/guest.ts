import type { Command } from 'commander';
import { GitmendError } from '../core/errors.ts';
import { plainText } from '../records/escape.ts';
import type { CliContext } from './context.ts';
import { registerGuestCreate } from './guest-create.ts';
import { registerGuestDestroy } from './guest-destroy.ts';
import { type GuestRow, listedRows, rowsOf } from './guest-rows.ts';
import { registerGuestSet } from './guest-set.ts';
import { listLines, showLines } from './guest-text.ts';
import { registerGuestVerbs } from './guest-verbs.ts';
import { oneCalled, openWorld, taggedWith } from './guest-world.ts';

/** `gitmend guest …`: guests as they are declared and as they are, and pull requests about them. */
export function registerGuest(program: Command, context: CliContext): void {
  const guest = program.command('guest').description('guests, as they are declared and as they are');
  guest
    .command('list')
    .option('--tag <tag>', 'only those that are declared with this tag')
    .option('--json', 'the same as JSON')
    .description('every guest, one line each, with what is not as declared')
    .action((flags: { tag?: string; json?: true }) => list(program, context, flags));
  guest
    .command('show')
    .argument('<target>', 'a declared guest: postgres, lxc/200')
    .option('--json', 'the same as JSON')
    .description('one guest: what its file declares, and what is live')
    .action((called: string, flags: { json?: true }) => show(program, context, called, flags));
  registerGuestCreate(guest, program, context);
  registerGuestSet(guest, program, context);
  registerGuestVerbs(guest, program, context);
  registerGuestDestroy(guest, program, context);
}

async function list(
  program: Command,
  context: CliContext,
  { tag, json }: { tag?: string; json?: true },
): Promise<void> {
  const { world, truth } = await openWorld(program, context);
  const wanted = taggedWith(truth, tag);
  const { rows, unasked } = await listedRows(world, truth, wanted, tag === undefined);
  for (const [cluster, { code, message }] of unasked)
    context.warn(plainText(`not asked: cluster ${cluster} (${code}: ${message})`, 1000));
  if (unasked.size > 0) context.exit(1);
  if (json === true) {
    context.print(JSON.stringify(rows.map(jsonOf), null, 2));
    return;
  }
  if (rows.length === 0)
    context.print(tag === undefined ? 'no guest is declared' : `no guest is tagged ${plainText(tag, 80)}`);
  for (const line of listLines(rows)) context.print(plainText(line, 1000));
}

async function show(program: Command, context: CliContext, called: string, { json }: { json?: true }): Promise<void> {
  const { world, truth } = await openWorld(program, context);
  const [row] = await rowsOf(world, truth, [oneCalled(truth, called)]);
  if (row === undefined) throw new GitmendError('INTERNAL', 'a guest that was looked at has no row');
  if (json === true) {
    context.print(JSON.stringify(jsonOf(row), null, 2));
    return;
  }
  for (const line of showLines(row)) context.print(plainText(line, 1000));
}

/** What is Proxmox VE's own business (its digest) is left out. */
function jsonOf({ live, ...row }: GuestRow): object {
  if (live === undefined) return { ...row, live: null };
  const { status, running, pending, rootDisk, tags, uptime, at, lock } = live;
  return { ...row, live: { status, running, pending, rootDisk, tags, uptime, lock, at } };
}
