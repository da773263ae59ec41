import { stackDifference } from '../declarations/stack/index.ts';
import type { Declared } from './declared.ts';
import type { Difference } from './difference.ts';
import type { World } from './world.ts';

/** What the synthesized stacks say otherwise, and what keeps them from saying it. */
export interface SynthesizedDifference {
  lines: string[];
  notes: string[];
}

/**
 * How the synthesized stacks differ, with the default branch's own code on both sides: code under review is never run.
 * Nothing where the data of stacks did not change, or where no stack code is there.
 */
export async function synthesizedDifference(
  world: World,
  base: Declared,
  after: Declared,
  difference: Difference,
): Promise<SynthesizedDifference> {
  const touched = difference.fields.size + difference.added.length + difference.removed.length > 0;
  if (world.synthesize === undefined || !touched || !base.tree.has('stacks/main.ts')) return { lines: [], notes: [] };
  const [before, merged] = await Promise.all([world.synthesize(base, base), world.synthesize(base, after)]);
  if (!before.ok)
    return { lines: [], notes: [`The stacks of the default branch cannot be synthesized: ${before.message}`] };
  if (!merged.ok) return { lines: [], notes: [`The stacks cannot be synthesized with this data: ${merged.message}`] };
  return { lines: stackDifference(before.stacks, merged.stacks), notes: [] };
}
