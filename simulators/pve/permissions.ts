import { refusePermission } from './errors.ts';
import type { Token } from './world.ts';

/**
 * Roles as pve-access-control builds them from its privilege groups (`PVE::AccessControl`, `$privgroups`): PVEAuditor has
 * every audit privilege, an administrator all that the simulator knows.
 */
export const roles = {
  PVEAuditor: [
    'VM.Audit',
    'VM.GuestAgent.Audit',
    'Sys.Audit',
    'Datastore.Audit',
    'SDN.Audit',
    'Pool.Audit',
    'Mapping.Audit',
  ],
  PVEVMAdmin: [
    ...[
      'VM.Audit',
      'VM.GuestAgent.Audit',
      'VM.Allocate',
      'VM.Clone',
      'VM.Config.Disk',
      'VM.Config.CPU',
      'VM.Config.Memory',
    ],
    ...['VM.Config.Network', 'VM.Config.HWType', 'VM.Config.Options', 'VM.Config.CDROM', 'VM.Config.Cloudinit'],
    ...['VM.Migrate', 'VM.Snapshot', 'VM.Snapshot.Rollback', 'VM.Console', 'VM.Backup', 'VM.PowerMgmt'],
  ],
  PVEDatastoreUser: ['Datastore.AllocateSpace', 'Datastore.Audit'],
  PVESDNUser: ['SDN.Audit', 'SDN.Use'],
} as const;

const others = [
  'Datastore.Allocate',
  'Datastore.AllocateTemplate',
  'Pool.Allocate',
  'Permissions.Modify',
  'Sys.AccessNetwork',
];

/** Everything: for a token that stands for an administrator's (Terraform). */
export const administrator: readonly string[] = [
  ...new Set([...Object.values(roles).flat(), 'Sys.Modify', 'Sys.Syslog', ...others]),
];

/**
 * What a token may do at a path: the deepest path with an entry decides, and entries hold for all that is below them
 * (Proxmox VE Administration Guide, "Inheritance": permissions replace the ones inherited from an upper level).
 * A token with privilege separation has only its own entries: without any it may do nothing.
 */
export function privilegesAt(token: Token, path: string): readonly string[] {
  for (let at = path; ; at = at.slice(0, Math.max(1, at.lastIndexOf('/')))) {
    const privileges = token.acl[at];
    if (privileges) return privileges;
    if (at === '/') return [];
  }
}

export function may(token: Token, path: string, privilege: string): boolean {
  return privilegesAt(token, path).includes(privilege);
}

/** All of the privileges, else 403 naming the first that is missing (pve-access-control `PVE::RPCEnvironment::check`). */
export function demand(token: Token, path: string, privileges: readonly string[]): void {
  const missing = privileges.find((privilege) => !may(token, path, privilege));
  if (missing !== undefined) refusePermission(`${path}, ${missing}`);
}

/** One of the privileges, else 403 naming them all (`PVE::RPCEnvironment::check_any`). */
export function demandAny(token: Token, path: string, privileges: readonly string[]): void {
  if (!privileges.some((privilege) => may(token, path, privilege)))
    refusePermission(`${path}, ${privileges.join('|')}`);
}

/**
 * Whether it may change what others may do there, which putting something into a pool does (pve-access-control
 * `PVE::RPCEnvironment::check_perm_modify`).
 */
export function demandPermModify(token: Token, path: string): void {
  const allocate = path.startsWith('/storage/') ? 'Datastore.Allocate' : 'VM.Allocate';
  demandAny(token, path, ['Permissions.Modify', allocate]);
}
