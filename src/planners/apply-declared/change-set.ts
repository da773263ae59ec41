import { type ChangeSet, isRefusal, type Refusal, refusal, type Tree } from '../../core/change-set.ts';
import type { Proposed } from '../../core/diagnosis.ts';
import { operationFile, printOperation } from '../../declarations/operation/index.ts';
import { valuesAt } from '../../declarations/guest/index.ts';
import { printValues } from '../../texts/words.ts';
import { declaringGuest } from '../declaring-guest.ts';
import type { OperationContext } from '../planner.ts';
import { applyDeclaredParameters } from './schema.ts';

type Diagnosed = Pick<Proposed, 'target' | 'name' | 'summary' | 'parameters'>;

/** Adds operations/<id>.yaml: what is declared becomes live, once, whatever is live instead now. */
export function applyDeclaredChangeSet(
  diagnosis: Diagnosed,
  tree: Tree,
  context?: OperationContext,
): ChangeSet | Refusal {
  const wanted = applyDeclaredParameters.safeParse(diagnosis.parameters);
  if (!wanted.success || context === undefined)
    return refusal(
      'parameters-invalid',
      'apply-declared needs the fields, and an id, an expiry and the observed state',
    );
  const guest = declaringGuest(tree, diagnosis.target);
  if (isRefusal(guest)) return guest;
  const { id, expiresAt, expectedState, inverse, evidence } = context;
  const file = operationFile(id);
  if (tree.has(file)) return refusal('operation-used', `${file} is there already`, 'ask again with a new id');
  const fields = [...new Set(wanted.data.fields)];
  const reason = diagnosis.summary.slice(0, 500);
  const text = printOperation({
    version: 1,
    id,
    remedy: 'apply-declared',
    target: diagnosis.target,
    parameters: { fields },
    reason,
    ...(evidence === undefined ? {} : { evidence }),
    expectedState,
    expiresAt,
    inverse,
  });
  const values = printValues(valuesAt(guest, fields));
  return {
    edits: new Map([[file, text]]),
    commitMessage: `operations: apply what guests/${guest.name} declares (${values})`,
    title: `${guest.name}: apply ${values} as declared`,
  };
}
