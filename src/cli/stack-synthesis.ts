import { refusal } from '../core/change-set.ts';
import { errorCatalogue, GitmendError } from '../core/errors.ts';
import { digestOf } from '../core/json.ts';
import type { StackChange } from '../deliver/stack-change.ts';
import { printGuest } from '../deliver/guest-file.ts';
import type { Synthesis } from '../deliver/world.ts';
import type { GuestAt, StackCodePlan, Stacks } from '../terraform/index.ts';
import type { TerraformMeans } from './on-stack.ts';

/** The stacks as their code was applied last. Throws SYNTH_FAILED where it gives none. */
export async function stacksBefore(
  { synthesize, synthesizeUntrusted }: TerraformMeans,
  { before, after }: StackChange,
): Promise<Stacks> {
  // Like with like: what stood in another folder, or saw another machine, would differ by that alone.
  const run = after.code === before.code ? synthesize : (synthesizeUntrusted ?? synthesize);
  const made = await run(before.code, before.data);
  if (made.ok) return made.stacks;
  throw new GitmendError('SYNTH_FAILED', `the stacks as their code was applied last: ${made.message}`);
}

/** Code that was approved is run as ever; code under review only where there is a sandbox. */
export async function stacksAfter(
  { synthesize, synthesizeUntrusted }: TerraformMeans,
  { before, after }: StackChange,
  data: StackChange['after']['data'],
): Promise<Synthesis> {
  if (after.code === before.code) return synthesize(after.code, data);
  if (synthesizeUntrusted === undefined)
    throw new GitmendError('INTERNAL', 'code under review came to a part of gitmend that has no sandbox for it');
  return synthesizeUntrusted(after.code, data);
}

/** The code ended with an error, or wrote something else when it was run again. */
export function codeFails({ message, code }: Synthesis & { ok: false }): StackCodePlan & { state: 'refused' } {
  const next =
    code === undefined
      ? 'mend it in the pull request; node stacks/main.ts in a clone shows the same'
      : errorCatalogue[code].next;
  return {
    state: 'refused',
    stack: '',
    refusal: refusal('stack-code-fails', `the stack code ends with an error: ${message}`, next),
  };
}

/** The merged data with these guests' sizes as they are live. */
export function asLive({ after: { data } }: StackChange, guests: readonly GuestAt[]) {
  const tree = new Map(data.tree);
  for (const { guest, live } of guests) tree.set(guest.file, printGuest(guest, live));
  const sizes = digestOf(guests.map(({ guest }) => tree.get(guest.file) ?? ''));
  return { ...data, commit: `${data.commit} live ${sizes}`, tree };
}
