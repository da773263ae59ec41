import type { TerraformResourceLifecycle } from 'cdktn';
import type { Construct } from 'constructs';
import { ProxmoxResource } from './resource.ts';

/** Import id: `pool_id`. The provider has no shorter name for this one. */
export interface PoolAttributes {
  pool_id: string;
  /** Without one the provider takes away the one that is there. */
  comment?: string;
}

/** One guest or one storage in a pool; another one makes it anew. A guest that is in another pool is moved. */
export type PoolMembershipAttributes = { pool_id: string } & ({ vm_id: number; storage_id?: never } | { storage_id: string; vm_id?: never });

export class Pool extends ProxmoxResource<PoolAttributes> {
  constructor(scope: Construct, id: string, attributes: PoolAttributes, lifecycle?: TerraformResourceLifecycle) {
    super(scope, id, 'proxmox_virtual_environment_pool', attributes, lifecycle);
  }

  /** For its members and backup jobs in the same stack: made after it, removed before it. */
  get poolId(): string {
    return this.getStringAttribute('pool_id');
  }
}

/** Members stay where the provider's pool is changed: it lists them and never sets them. */
export class PoolMembership extends ProxmoxResource<PoolMembershipAttributes> {
  constructor(scope: Construct, id: string, attributes: PoolMembershipAttributes, lifecycle?: TerraformResourceLifecycle) {
    super(scope, id, 'proxmox_pool_membership', attributes, lifecycle);
  }
}
