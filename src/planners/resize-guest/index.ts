import type { Planner } from '../planner.ts';
import { resizeChangeSet } from './change-set.ts';
import { resizeParameters, type ResizeParameters } from './schema.ts';
import { sizePredicate } from './verification.ts';

/** Memory, swap and cores of a container or a virtual machine, as declared in guests/<name>.yaml. */
export const resizeGuest: Planner<ResizeParameters> = {
  name: 'resize-guest',
  kind: 'declarative',
  parameters: resizeParameters,
  groups: ['memory', 'swap', 'cores'],
  changeSet: resizeChangeSet,
  predicate: sizePredicate,
};
