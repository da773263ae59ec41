import type { ClusterConfig } from '../core/config.ts';
import { readDeclared } from '../deliver/declared.ts';
import { configInForce } from '../deliver/planning.ts';
import type { Truth } from '../deliver/truth.ts';
import type { Ground } from '../deliver/world.ts';
import type { Gate } from '../import/gate.ts';
import { type Imported, type Importing, importInto, unplannable, withoutGuests } from '../import/index.ts';
import { digestOf } from '../core/json.ts';
import type { CliContext } from './context.ts';
import { authorityOf, tokenOf } from './engines.ts';
import { stateBase } from './ground.ts';

/** What was imported, without what Terraform would change at once. */
export interface Gated {
  imported: Imported;
  /** What Terraform said, one sentence. */
  gate: string;
  /** Guests that were declared before and that Terraform would change, and how. */
  differing: { guest: string; why: string }[];
}

export interface Gating {
  ground: Ground;
  context: CliContext;
  truth: Truth;
  cluster: ClusterConfig;
  importing: Importing;
  /** False: `--no-plan`. */
  wanted: boolean;
}

/**
 * Plans the tree that the import leads to. A new guest that Terraform would change is left out with that reason, because
 * its file does not say what it is; of one that was declared before it is only said. Throws a TERRAFORM_ error where
 * gitmend.yaml names a Terraform that cannot plan.
 */
export async function gated(gating: Gating): Promise<Gated> {
  const known = asked(gating) ? unplannable(gating.importing) : new Map<string, string>();
  const importing = withoutGuests(gating.importing, known);
  const imported = importInto(importing);
  const said = await gateOf({ ...gating, imported });
  if (said.state === 'not-run')
    return { imported, gate: `Not held against a plan of Terraform: ${said.why}.`, differing: [] };
  const besides =
    said.unchecked === undefined ? '' : ` Not planned: ${said.unchecked.guests.join(', ')} (${said.unchecked.why}).`;
  if (said.state === 'clean')
    return {
      imported,
      gate: `Terraform plans the import of ${said.guests} guests without a change.${besides}`,
      differing: [],
    };
  const whys = new Map([...said.guests].map(([id, what]) => [id, known.get(id) ?? `Terraform would change ${what}`]));
  const differing = [...whys].filter(([id]) => !imported.added.some((one) => one.id === id));
  return {
    imported: importInto(withoutGuests(importing, whys)),
    gate: `Terraform plans the import of every other guest without a change.${besides}`,
    differing: differing.map(([guest, why]) => ({ guest, why })),
  };
}

/** Without Terraform nothing stands against a guest that only Terraform cannot take in. */
function asked({ truth, wanted }: Gating): boolean {
  return wanted && configInForce(truth).terraform !== undefined;
}

async function gateOf({
  ground,
  context,
  truth,
  cluster,
  imported,
  wanted,
}: Gating & { imported: Imported }): Promise<Gate> {
  const { terraform: setting, clusters } = configInForce(truth);
  if (!wanted) return { state: 'not-run', why: '--no-plan' };
  if (setting === undefined) return { state: 'not-run', why: 'gitmend.yaml names no terraform: (docs/terraform.md)' };
  if (clusters.length > 1)
    return { state: 'not-run', why: 'stacks can be of one cluster only, and gitmend.yaml names several' };
  if (cluster.ca === undefined)
    return { state: 'not-run', why: 'the provider takes a CA only, and the cluster is known by a fingerprint' };
  if (ground.synthesize === undefined) return { state: 'not-run', why: 'there is nothing that synthesizes stacks' };
  const tree = new Map(truth.head.tree);
  for (const [path, text] of imported.edits)
    if (text === null) tree.delete(path);
    else tree.set(path, text);
  const after = readDeclared(`import ${digestOf(Object.fromEntries(tree))}`, tree);
  const code = imported.stacks.length > 0 ? after : truth.head;
  const made = await ground.synthesize(code, after);
  if (!made.ok) return { state: 'not-run', why: `the stacks cannot be synthesized: ${made.message}` };
  const { planImport } = await import('../import/gate.ts');
  return planImport({
    ...{ stacks: made.stacks, setting, endpoint: cluster.endpoint },
    live: new Set(
      [...after.guests.values()].filter((guest) => isThere(imported, guest)).map(({ node, vmid }) => `${node}/${vmid}`),
    ),
    pem: authorityOf(truth.rules, cluster.ca),
    token: tokenOf(cluster, 'read', context.env),
    base: stateBase(context.env),
  });
}

/** One that is gone, or that was not read, cannot be imported. */
function isThere(
  { gone, leftOut }: Imported,
  { type, vmid, file }: { type: string; vmid: number; file: string },
): boolean {
  const id = `${type}/${vmid}`;
  return !gone.some((one) => one.id === id) && !leftOut.some((one) => one.file === file);
}
