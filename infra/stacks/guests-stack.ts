import { LocalBackend, TerraformStack } from 'cdktn';
import type { Construct } from 'constructs';
import type { Guest } from './guests.ts';
import { Container, type ContainerAttributes, ProxmoxProvider, VirtualMachine, type VirtualMachineAttributes } from './proxmox.ts';

// What an import cannot read back, or what would replace the guest when it differs: declared by hand once, then left
// alone. Tags are gitmend's own data and are not sent to Proxmox VE. The last line of each is what only the provider
// knows: it reads none of it back, so every first plan would change it.
const containerKeeps = [
  ...['operating_system', 'unprivileged', 'features', 'initialization', 'disk[0].datastore_id', 'mount_point', 'network_interface', 'console', 'tags'],
  ...['vm_id', 'timeout_clone', 'timeout_create', 'timeout_delete', 'timeout_start', 'timeout_update'],
];
const machineKeeps = [
  ...['operating_system', 'initialization', 'cpu[0].type', 'disk[0].datastore_id', 'network_device', 'agent', 'bios', 'machine', 'scsi_hardware', 'efi_disk', 'tags'],
  ...['vm_id'],
];

/**
 * Every guest of guests/, imported where it is and never destroyed. Memory and cores of a running container go through
 * the Proxmox API first, because this provider would restart it; the plan of this stack must then be empty.
 */
export class GuestsStack extends TerraformStack {
  constructor(scope: Construct, name: string, guests: readonly Guest[]) {
    super(scope, name);
    // From cdktf.out/stacks/guests up to the root, because cdktf.out is thrown away. For two machines use a backend
    // that locks: pg or http.
    new LocalBackend(this, { path: `../../../${name}.tfstate` });
    // Endpoint and token come from PROXMOX_VE_ENDPOINT and PROXMOX_VE_API_TOKEN: what stands here would stand in plans.
    new ProxmoxProvider(this, 'proxmox');
    // Not by importFrom(), which would run `terraform version` once for every guest, and fail where there is none.
    this.addOverride('import', guests.map((guest) => this.add(guest)));
  }

  /** Declares one guest. Returns where it is imported from. */
  private add(guest: Guest): { to: string; id: string } {
    const resource =
      guest.type === 'lxc'
        ? new Container(this, guest.name, containerOf(guest), { preventDestroy: true, ignoreChanges: containerKeeps })
        : new VirtualMachine(this, guest.name, machineOf(guest), { preventDestroy: true, ignoreChanges: machineKeeps });
    return { to: `${resource.terraformResourceType}.${resource.friendlyUniqueId}`, id: `${guest.node}/${guest.vmid}` };
  }
}

function containerOf({ name, node, vmid, cores, memory, swap, disk, network }: Guest): ContainerAttributes {
  return {
    node_name: node,
    vm_id: vmid,
    started: true,
    start_on_boot: true,
    unprivileged: true,
    cpu: { cores },
    memory: { dedicated: memory, swap: swap ?? 0 },
    disk: { datastore_id: disk.storage, size: disk.size },
    initialization: { hostname: name, ip_config: { ipv4: ipv4Of(network) } },
    network_interface: { name: 'eth0', bridge: network.bridge },
    operating_system: { template_file_id: 'local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst', type: 'debian' },
  };
}

function machineOf({ name, node, vmid, cores, memory, disk, network }: Guest): VirtualMachineAttributes {
  return {
    node_name: node,
    vm_id: vmid,
    name,
    started: true,
    on_boot: true,
    cpu: { cores },
    memory: { dedicated: memory },
    disk: { interface: 'scsi0', datastore_id: disk.storage, size: disk.size },
    network_device: [{ ...plainDevice, bridge: network.bridge }],
    operating_system: { type: 'l26' },
  };
}

// A network device is an object to this provider, not a block: all of its attributes must be there, null where the
// provider is to decide.
const plainDevice = { model: 'virtio', disconnected: null, enabled: null, firewall: null, mac_address: null, mtu: null, queues: null, rate_limit: null, trunks: null, vlan_id: null };

function ipv4Of({ address, gateway }: Guest['network']): { address: string; gateway?: string } {
  return { address: address ?? 'dhcp', ...(gateway === undefined ? {} : { gateway }) };
}
