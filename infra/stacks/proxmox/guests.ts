import type { TerraformResourceLifecycle } from 'cdktn';
import type { Construct } from 'constructs';
import { ProxmoxResource } from './resource.ts';

/** Import id: `node/vmid`. Sizes of memory in MiB, of disks in GiB. */
export interface ContainerAttributes {
  node_name: string;
  vm_id: number;
  started: boolean;
  tags?: string[];
  protection?: boolean;
  start_on_boot: boolean;
  unprivileged: boolean;
  cpu?: { cores: number };
  memory?: { dedicated: number; swap: number };
  disk: { datastore_id: string; size: number };
  initialization: { hostname: string; ip_config: { ipv4: { address: string; gateway?: string } } };
  network_interface: { name: string; bridge: string };
  operating_system: { template_file_id: string; type: string };
}

export interface VirtualMachineAttributes {
  node_name: string;
  vm_id: number;
  name: string;
  started: boolean;
  tags?: string[];
  protection?: boolean;
  on_boot: boolean;
  cpu: { cores: number };
  memory: { dedicated: number };
  disk: { interface: string; datastore_id: string; size: number };
  network_device: NetworkDevice[];
  operating_system: { type: string };
}

/** Every attribute must be there: Terraform takes this list as one value. */
export interface NetworkDevice {
  bridge: string;
  model: string;
  disconnected: boolean | null;
  /** Deprecated by the provider, and still demanded: null. */
  enabled: null;
  firewall: boolean | null;
  mac_address: string | null;
  mtu: number | null;
  queues: number | null;
  rate_limit: number | null;
  trunks: string | null;
  vlan_id: number | null;
}

export class Container extends ProxmoxResource<ContainerAttributes> {
  constructor(scope: Construct, id: string, attributes: ContainerAttributes, lifecycle: TerraformResourceLifecycle) {
    super(scope, id, 'proxmox_virtual_environment_container', attributes, lifecycle);
  }
}

export class VirtualMachine extends ProxmoxResource<VirtualMachineAttributes> {
  constructor(scope: Construct, id: string, attributes: VirtualMachineAttributes, lifecycle: TerraformResourceLifecycle) {
    super(scope, id, 'proxmox_virtual_environment_vm', attributes, lifecycle);
  }
}
