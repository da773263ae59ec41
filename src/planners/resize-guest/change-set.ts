import { type ChangeSet, isRefusal, type Refusal, refusal, type Tree } from '../../core/change-set.ts';
import type { DeclaredGuest } from '../../core/declared-guest.ts';
import type { Proposed } from '../../core/diagnosis.ts';
import { isGitmendError } from '../../core/errors.ts';
import { editYaml } from '../../editors/yaml.ts';
import { printChange } from '../../texts/words.ts';
import { declaringGuest } from '../declaring-guest.ts';
import { resizeParameters } from './schema.ts';

/** The order in which a title names what changes. */
const fields = ['memory', 'swap', 'cores'] as const;

/**
 * Edits exactly the file that declares the target, and in it exactly the values that differ. Refused where the target
 * is declared nowhere or twice, where nothing would change, and for a swap of a virtual machine.
 */
export function resizeChangeSet(
  { target, parameters }: Pick<Proposed, 'target' | 'parameters'>,
  tree: Tree,
): ChangeSet | Refusal {
  const wanted = resizeParameters.safeParse(parameters);
  if (!wanted.success)
    return refusal(
      'parameters-invalid',
      `these are not parameters of resize-guest: ${wanted.error.issues[0]?.message ?? ''}`,
    );
  const guest = declaringGuest(tree, target);
  if (isRefusal(guest)) return guest;
  if (guest.type === 'qemu' && wanted.data.swap !== undefined) {
    return refusal('unsupported-change', `${guest.name} is a virtual machine: its swap is inside, not in Proxmox VE`);
  }
  const changes = fields.flatMap((field) => {
    const value = wanted.data[field];
    return value === undefined || value === guest[field] ? [] : [{ field, value }];
  });
  if (changes.length === 0) return already(guest);
  const edited = edit(guest.file, tree, changes);
  if (isRefusal(edited)) return edited;
  const words = changes.map(({ field, value }) => printChange(field, guest[field], value)).join(', ');
  return {
    edits: new Map([[guest.file, edited]]),
    commitMessage: `${guest.file.replace(/\.ya?ml$/, '')}: ${words}`,
    title: `${guest.name}: ${words}`,
  };
}

/** An editor that cannot make the edit throws and writes nothing: here that is an answer like any other. */
function edit(file: string, tree: Tree, changes: readonly { field: string; value: number }[]): string | Refusal {
  try {
    return editYaml(
      tree.get(file) ?? '',
      changes.map(({ field, value }) => ({ path: [field], value })),
    );
  } catch (error) {
    if (isGitmendError(error, 'CONFIG_INVALID'))
      return refusal('not-editable', `${file}: ${error.message}`, 'write each value on a line of its own');
    throw error;
  }
}

function already(guest: DeclaredGuest): Refusal {
  return refusal(
    'already-declared',
    `${guest.file} declares that already`,
    'nothing to do: what is declared and not yet live is pending',
  );
}
