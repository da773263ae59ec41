import { LocalBackend, TerraformStack } from 'cdktn';
import type { Construct } from 'constructs';
import type { Guest } from './guests.ts';
import { Container, type ContainerAttributes, ProxmoxProvider, VirtualMachine, type VirtualMachineAttributes } from './proxmox/index.ts';

// Terraform changes what a guest's file declares (cores, memory, swap, the size of the disk, a virtual machine's name) and
// leaves everything else as it is in Proxmox VE: a guest that is imported has settings that no file here says, and an
// attribute that is neither declared nor ignored would be taken back to the provider's default. What is set here anyway
// counts when a guest is made anew. The last line of each is what only the provider knows and never reads back.
const inside = (block: string, ...names: string[]): string[] => names.map((name) => `${block}[0].${name}`);
const containerKeeps = [
  ...['description', 'device_passthrough', 'environment_variables', 'features', 'hook_script_file_id', 'idmap', 'pool_id', 'protection', 'tags'],
  ...['console', 'initialization', 'mount_point', 'network_interface', 'operating_system', 'started', 'start_on_boot', 'startup', 'unprivileged'],
  ...inside('disk', 'acl', 'datastore_id', 'mount_options', 'quota', 'replicate'),
  ...['vm_id', 'timeout_clone', 'timeout_create', 'timeout_delete', 'timeout_start', 'timeout_update'],
];
const containerCpuKeeps = inside('cpu', 'architecture', 'limit', 'units');
const machineKeeps = [
  ...['acpi', 'agent', 'amd_sev', 'audio_device', 'bios', 'boot_order', 'cdrom', 'description', 'efi_disk', 'hook_script_file_id', 'hostpci'],
  ...['hotplug', 'initialization', 'keyboard_layout', 'kvm_arguments', 'machine', 'network_device', 'numa', 'on_boot', 'operating_system', 'pool_id'],
  ...['protection', 'rng', 'scsi_hardware', 'serial_device', 'smbios', 'started', 'startup', 'tablet_device', 'tags', 'tpm_state', 'usb', 'vga'],
  ...['virtiofs', 'watchdog'],
  ...inside('cpu', 'affinity', 'architecture', 'flags', 'hotplugged', 'limit', 'numa', 'sockets', 'type', 'units'),
  ...inside('memory', 'floating', 'hugepages', 'keep_hugepages', 'shared'),
  'vm_id',
];
const diskKeeps = inside('disk', 'aio', 'backup', 'cache', 'datastore_id', 'discard', 'iothread', 'queues', 'replicate', 'serial', 'speed', 'ssd');

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
        ? new Container(this, guest.name, containerOf(guest), { preventDestroy: true, ignoreChanges: keptOf([...containerKeeps, ...sizeKeeps(guest)], guest) })
        : new VirtualMachine(this, guest.name, machineOf(guest), { preventDestroy: true, ignoreChanges: keptOf([...machineKeeps, ...diskKeeps], guest) });
    return { to: `${resource.terraformResourceType}.${resource.friendlyUniqueId}`, id: `${guest.node}/${guest.vmid}` };
  }
}

/** `leave:` of the guest's file goes before: all disks are left where one of several is declared. A container has no name to leave. */
function keptOf(usual: readonly string[], guest: Guest): string[] {
  const { type, leave = [] } = guest;
  const left: string[] = [...leave.filter((part) => part === 'disk' || type === 'qemu'), ...(type === 'qemu' ? unreadOf(guest) : [])];
  return [...usual.filter((path) => !left.some((part) => path.startsWith(`${part}[`))), ...left];
}

// Of an imported guest the provider reads no block where all of it is its own default (0.111.1, container.go): declared, it
// would be “added” by the first plan, and the apply restart the guest for it. Not declared, a new container gets the default.
const usualCpu = ({ cores }: Guest): boolean => cores === 1;
const usualMemory = ({ memory, swap }: Guest): boolean => memory === 512 && (swap ?? 0) === 0;

/** What is left of a container's size: a block as a whole where it is not declared, because a state may have it all the same. */
function sizeKeeps(guest: Guest): string[] {
  return [...(usualCpu(guest) ? ['cpu'] : containerCpuKeeps), ...(usualMemory(guest) ? ['memory'] : [])];
}

/** The same of a virtual machine: what it declares is what a new one gets, and the live value goes through the Proxmox API. */
function unreadOf({ cores, memory }: Guest): string[] {
  return [...(cores === 1 ? ['cpu'] : []), ...(memory === 512 ? ['memory'] : [])];
}

function containerOf(guest: Guest): ContainerAttributes {
  const { name, node, vmid, cores, memory, swap, disk, network, started, ...rest } = guest;
  return {
    ...markedAs(rest),
    node_name: node,
    vm_id: vmid,
    started: started ?? true,
    start_on_boot: true,
    unprivileged: true,
    ...(usualCpu(guest) ? {} : { cpu: { cores } }),
    ...(usualMemory(guest) ? {} : { memory: { dedicated: memory, swap: swap ?? 0 } }),
    disk: { datastore_id: disk.storage, size: disk.size },
    initialization: { hostname: name, ip_config: { ipv4: ipv4Of(network) } },
    network_interface: { name: 'eth0', bridge: network.bridge },
    operating_system: { template_file_id: 'local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst', type: 'debian' },
  };
}

function machineOf({ name, node, vmid, cores, memory, disk, network, started, ...rest }: Guest): VirtualMachineAttributes {
  return {
    ...markedAs(rest),
    node_name: node,
    vm_id: vmid,
    name,
    started: started ?? true,
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

function markedAs({ tags = [], protection }: Pick<Guest, 'tags' | 'protection'>): { tags?: string[]; protection?: boolean } {
  return { ...(tags.length === 0 ? {} : { tags: [...tags].sort() }), ...(protection === undefined ? {} : { protection }) };
}
