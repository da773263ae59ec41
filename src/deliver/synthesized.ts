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
 * How the synthesized stacks differ by their data, with the same code on both sides: `code`, which somebody approved.
 * Nothing where the data of stacks did not change, or where no stack code is there.
 */
export async function synthesizedDifference(
  world: World,
  code: Declared,
  base: Declared,
  after: Declared,
  difference: Difference,
): Promise<SynthesizedDifference> {
  const touched = difference.fields.size + difference.added.length + difference.removed.length > 0;
  if (world.synthesize === undefined || !touched || !code.tree.has('stacks/main.ts')) return { lines: [], notes: [] };
  const [before, merged] = await Promise.all([world.synthesize(code, base), world.synthesize(code, after)]);
  if (!before.ok)
    return { lines: [], notes: [`The stacks of the default branch cannot be synthesized: ${before.message}`] };
  if (!merged.ok) return { lines: [], notes: [`The stacks cannot be synthesized with this data: ${merged.message}`] };
  return { lines: stackDifference(before.stacks, merged.stacks), notes: [] };
}
