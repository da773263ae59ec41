import { type Refusal, refusal } from '../core/change-set.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
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

/** Why stack code may not leave out a guest that it declared: nobody could change that guest any more, or worse. */
export function lostGuests(
  before: { readonly [stack: string]: unknown },
  after: { readonly [stack: string]: unknown },
  guests: readonly DeclaredGuest[],
): Refusal | undefined {
  const lost = guests.filter(
    (guest) => typeof placeOf(before, guest) === 'object' && typeof placeOf(after, guest) === 'string',
  );
  if (lost.length === 0) return undefined;
  const names = lost.map(({ name, type, vmid }) => `${name} (${type}/${vmid})`).join(', ');
  return refusal(
    'guest-in-code',
    `the stacks would not declare ${names} any more, each by one resource with its vm_id`,
    'keep its resource; a pull request that removes its file in guests/ removes a guest',
  );
}

/** The declared guests that these addresses are, by the `vm_id` that one of the configurations gives them. */
export function guestsAmong(
  configs: readonly unknown[],
  addresses: readonly string[],
  guests: readonly DeclaredGuest[],
): { address: string; guest: DeclaredGuest }[] {
  return addresses.flatMap((address) => {
    const [type = ''] = address.split('.');
    const kind = type === containerType ? 'lxc' : type === machineType ? 'qemu' : undefined;
    const vmid = configs.map((config) => valueAt(config, 'resource', ...address.split('.'), 'vm_id'));
    const guest = guests.find((one) => one.type === kind && one.vmid === vmid.find((id) => id !== undefined));
    return guest === undefined ? [] : [{ address, guest }];
  });
}
