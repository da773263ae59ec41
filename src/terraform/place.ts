import type { GuestTarget } from '../core/target.ts';
import { containerType, machineType } from './disturbance.ts';

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
    Object.entries(objectIn(objectIn(config, 'resource'), kind))
      .filter(([, resource]) => valueIn(resource, 'vm_id') === vmid)
      .map(([name]) => ({ stack, address: `${kind}.${name}` })),
  );
  const [place, other] = found;
  if (place === undefined) return `no resource of the stacks has the vm_id ${vmid} of ${type}/${vmid}`;
  if (other !== undefined)
    return `${type}/${vmid} is declared twice: ${found.map(({ address }) => address).join(', ')}`;
  const { count, for_each: each } = resourceAt(stacks, place);
  return count === undefined && each === undefined ? place : `${place.address} has count or for_each`;
}

function resourceAt(stacks: { readonly [stack: string]: unknown }, { stack, address }: Place) {
  const [kind = '', name = ''] = address.split('.');
  return objectIn(objectIn(objectIn(stacks[stack], 'resource'), kind), name) as { [name: string]: unknown };
}

function objectIn(value: unknown, key: string): object {
  const inside = valueIn(value, key);
  return typeof inside === 'object' && inside !== null ? inside : {};
}

function valueIn(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as { [key: string]: unknown })[key] : undefined;
}
