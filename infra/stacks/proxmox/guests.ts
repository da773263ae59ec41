import { TerraformProvider, TerraformResource, type TerraformResourceLifecycle } from 'cdktn';
import type { Construct } from 'constructs';

// A typed layer over bpg/proxmox for the attributes that these stacks use, named as the provider names them. There is
// no prebuilt binding. gitmend's own tests hold every attribute against the provider's schema of this version.
const version = '0.111.1';
const metadata = { providerName: 'proxmox', providerVersion: version, providerVersionConstraint: version };

/** Import id: `node/vmid`. Sizes of memory in MiB, of disks in GiB. */
export interface ContainerAttributes {
  node_name: string;
  vm_id: number;
  started: boolean;
  start_on_boot: boolean;
  unprivileged: boolean;
  cpu: { cores: number };
  memory: { dedicated: number; swap: number };
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

/** Credentials and endpoint come from the environment of the one who runs Terraform, never from here. */
export class ProxmoxProvider extends TerraformProvider {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      terraformResourceType: 'proxmox',
      terraformProviderSource: 'bpg/proxmox',
      terraformGeneratorMetadata: metadata,
    });
  }
}

export class Container extends TerraformResource {
  private readonly attributes: ContainerAttributes;

  constructor(scope: Construct, id: string, attributes: ContainerAttributes, lifecycle: TerraformResourceLifecycle) {
    super(scope, id, { terraformResourceType: 'proxmox_virtual_environment_container', terraformGeneratorMetadata: metadata, lifecycle });
    this.attributes = attributes;
  }

  protected override synthesizeAttributes(): { [name: string]: unknown } {
    return { ...this.attributes };
  }
}

export class VirtualMachine extends TerraformResource {
  private readonly attributes: VirtualMachineAttributes;

  constructor(scope: Construct, id: string, attributes: VirtualMachineAttributes, lifecycle: TerraformResourceLifecycle) {
    super(scope, id, { terraformResourceType: 'proxmox_virtual_environment_vm', terraformGeneratorMetadata: metadata, lifecycle });
    this.attributes = attributes;
  }

  protected override synthesizeAttributes(): { [name: string]: unknown } {
    return { ...this.attributes };
  }
}
