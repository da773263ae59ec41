import { containerType, machineType } from '../terraform/disturbance.ts';

/** A guest as a synthesized stack declares it. */
export interface StackGuest {
  type: string;
  /** Of the resource; the guest's, in the template's stack. */
  name: string;
  address: string;
  /** `lxc/200` */
  id: string;
  /** `pve1/200` */
  importId: string;
}

/** The guests of one synthesized stack that have an import block. */
export function stackGuests(config: unknown): StackGuest[] {
  const { resource = {}, import: blocks = [] } = config as {
    resource?: { [type: string]: { [name: string]: { vm_id?: unknown } } };
    import?: { to?: unknown; id?: unknown }[];
  };
  const imported = new Map(blocks.map(({ to, id }) => [String(to), String(id)]));
  return [containerType, machineType].flatMap((type) =>
    Object.entries(resource[type] ?? {}).flatMap(([name, { vm_id: vmid }]): StackGuest[] => {
      const address = `${type}.${name}`;
      const importId = imported.get(address);
      if (importId === undefined || typeof vmid !== 'number') return [];
      return [{ type, name, address, importId, id: `${type === containerType ? 'lxc' : 'qemu'}/${vmid}` }];
    }),
  );
}
