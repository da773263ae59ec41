import { z } from 'zod';
import { canonical, jsonIn } from '../core/json.ts';
import type { Target } from '../core/target.ts';
import type { Repository } from '../git/repository.ts';

/** What the looks at the live systems found otherwise than declared, so that the next look, wherever it is made, can tell. */
export const driftRef = 'refs/gitmend/drift';

const text = z.string().max(300);
const field = z.string().max(40);
const values = z.record(field, z.union([text, z.number(), z.boolean(), z.null()]));
const since = z.iso.datetime();

const seenDrift = z.strictObject({
  name: text,
  /** `lxc/200 on pve1`, or `lxc/200` where nobody knows the node. */
  where: text,
  /** `waits`: those of `live` that wait for a restart. */
  values: z
    .strictObject({ since, declared: values, live: values, waits: z.array(field).max(3).exactOptional() })
    .exactOptional(),
  gone: z.strictObject({ since }).exactOptional(),
  beyond: z.strictObject({ since, what: z.array(text).max(10) }).exactOptional(),
});
const file = z.strictObject({ version: z.literal(1), targets: z.record(z.string(), seenDrift) });

/** Of one target; times in ISO 8601 UTC. `values` and `gone` are what can be proposed, `beyond` in words what cannot. */
export type SeenDrift = z.infer<typeof seenDrift>;
export type SeenDrifts = { readonly [target: Target]: SeenDrift };

/**
 * What was seen so far. Whoever may push can write it, and all that it says is how long something has been so: what is
 * unreadable counts as never seen.
 */
export async function readDrifts(repo: Repository): Promise<{ tip: string | undefined; seen: SeenDrifts }> {
  const tip = await repo.tip(driftRef);
  if (tip === undefined) return { tip, seen: {} };
  const read = file.safeParse(jsonIn((await repo.tree(tip)).get('drift.json')));
  return { tip, seen: read.success ? read.data.targets : {} };
}

/** Writes it by a push that demands the old one; with nothing in it the ref goes. `false` when somebody else wrote it. */
export async function moveDrifts(
  repo: Repository,
  from: string | undefined,
  seen: SeenDrifts,
  at: number,
): Promise<boolean> {
  if (Object.keys(seen).length === 0) return from === undefined || repo.push([{ ref: driftRef, from, to: null }]);
  const tree = await repo.writeTree(
    undefined,
    new Map([['drift.json', `${canonical({ version: 1, targets: seen })}\n`]]),
  );
  // Without a parent: what was seen before is of no use to anybody.
  const commit = await repo.commit({ tree, parents: [], message: 'drift\n', at });
  return repo.push([{ ref: driftRef, from: from ?? null, to: commit }]);
}
