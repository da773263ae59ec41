import type { TerraformResourceLifecycle } from 'cdktn';
import type { Construct } from 'constructs';
import { ProxmoxResource } from './resource.ts';

// The provider reloads the node's whole network after each of these (ifreload -a): what somebody left pending in the web
// interface takes effect with it. A bridge that guests hang on belongs to lifecycle { preventDestroy: true }.

/** Import id: `node:name`. Addresses with their prefix length, gateways without. Another name makes it anew. */
interface InterfaceAttributes {
  node_name: string;
  address?: string;
  gateway?: string;
  address6?: string;
  gateway6?: string;
  /** True unless told. */
  autostart?: boolean;
  mtu?: number;
  comment?: string;
  /** Seconds that a reload may take; 100 unless told. */
  timeout_reload?: number;
}

export interface LinuxBridgeAttributes extends InterfaceAttributes {
  /** `vmbr1`. */
  name: string;
  /** Interfaces of the node, sorted: the provider sends them so, and anything else would differ at every plan. */
  ports?: string[];
  vlan_aware?: boolean;
  /** Of a bridge that knows VLANs: `2-4094` unless told. */
  vids?: string;
}

/** A name such as `eno1.30` says interface and tag; any other name needs both. */
export type LinuxVlanAttributes = InterfaceAttributes &
  ({ name: `${string}.${number}`; interface?: never; vlan?: never } | { name: string; interface: string; vlan: number });

export class LinuxBridge extends ProxmoxResource<LinuxBridgeAttributes> {
  constructor(scope: Construct, id: string, attributes: LinuxBridgeAttributes, lifecycle?: TerraformResourceLifecycle) {
    super(scope, id, 'proxmox_network_linux_bridge', attributes, lifecycle);
  }

  /** For what stands on it in the same stack: made after it, removed before it. */
  get bridge(): string {
    return this.getStringAttribute('name');
  }
}

export class LinuxVlan extends ProxmoxResource<LinuxVlanAttributes> {
  constructor(scope: Construct, id: string, attributes: LinuxVlanAttributes, lifecycle?: TerraformResourceLifecycle) {
    super(scope, id, 'proxmox_network_linux_vlan', attributes, lifecycle);
  }
}
