import type { GuestTarget } from '../core/target.ts';
import { containerType, machineType } from './disturbance.ts';
import { valueAt } from './inside.ts';

/** Where a guest stands in the synthesized stacks. */
export interface Place {
  stack: string;
  address: string;
}

/**
 * The one resource of the stacks that declares this guest, by its kind and its `vm_id`; or why it cannot be said. Never
 * guessed by a name.
 */
export function placeOf(stacks: { readonly [stack: string]: unknown }, { type, vmid }: GuestTarget): Place | string {
  const kind = type === 'lxc' ? containerType : machineType;
  const found = Object.entries(stacks).flatMap(([stack, config]) =>
    Object.entries(valueAt(config, 'resource', kind) ?? {})
      .filter(([, resource]) => valueAt(resource, 'vm_id') === vmid)
      .map(([name]) => ({ stack, address: `${kind}.${name}` })),
  );
  const [place, other] = found;
  if (place === undefined) return `no resource of the stacks has the vm_id ${vmid} of ${type}/${vmid}`;
  if (other !== undefined)
    return `${type}/${vmid} is declared twice: ${found.map(({ address }) => address).join(', ')}`;
  const resource = valueAt(stacks[place.stack], 'resource', ...place.address.split('.'));
  const isMany = ['count', 'for_each'].some((key) => valueAt(resource, key) !== undefined);
  return isMany ? `${place.address} has count or for_each` : place;
}
