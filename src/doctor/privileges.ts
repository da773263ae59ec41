import { z } from 'zod';
import type { ProxmoxClient } from '../clients/proxmox/index.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import { about, type Finding } from './finding.ts';
import { examineLife, type Held, lifePrivileges } from './life-privileges.ts';
import type { Patient } from './patient.ts';

/** What each role needs: to see guests and nodes; and to set sizes and restart. */
const needed = {
  read: { guests: ['VM.Audit'], nodes: ['Sys.Audit'] },
  write: { guests: ['VM.Audit', 'VM.Config.Memory', 'VM.Config.CPU', 'VM.PowerMgmt'], nodes: ['Sys.Audit'] },
} as const;

/** Privileges that only look (pve-access-control, `$privgroups`). */
const looks = /(?:\.Audit|^Sys\.Syslog)$/;
/** What the applier may ever need; everything else in a write token is more than it takes. */
const enough =
  /^(?:VM\.Config\.\w+|VM\.PowerMgmt|VM\.Snapshot(?:\.Rollback)?|VM\.Backup|Datastore\.AllocateSpace|SDN\.Use)$/;

/** `{ "/vms/200": { "VM.Audit": 1 } }`; the value says whether it holds below as well. */
const permissions = z.record(z.string(), z.record(z.string(), z.unknown()));
type Permissions = z.output<typeof permissions>;

/** What the token lacks and what it has too much of, asked of Proxmox VE itself. */
export async function examinePrivileges(
  client: ProxmoxClient,
  role: Patient['role'],
  declared: readonly DeclaredGuest[],
): Promise<Finding[]> {
  const own = await read(client);
  const known = new Map<string, Promise<{ readonly [name: string]: unknown }>>();
  const held = (path: string) => {
    const asked = known.get(path) ?? read(client, path).then((answer) => answer[path] ?? {});
    known.set(path, asked);
    return asked;
  };
  const life = role === 'write' ? await examineLife(client.cluster, declared, held) : [];
  return [tooMuch(client, role, own), await tooLittle(client, role, declared, { own, held }), ...life];
}

async function read(client: ProxmoxClient, path?: string): Promise<Permissions> {
  const answer: unknown = await client.api.access.permissions.$get(path === undefined ? {} : { path });
  return client.read(permissions, '/access/permissions', answer);
}

function tooMuch(client: ProxmoxClient, role: Patient['role'], own: Permissions): Finding {
  const { ok, warn, fault } = about(`cluster ${client.cluster}`);
  const harmless = (privilege: string): boolean =>
    looks.test(privilege) || (role === 'write' && (enough.test(privilege) || lifePrivileges.has(privilege)));
  const extra = new Map<string, string>();
  for (const [path, privileges] of Object.entries(own)) {
    for (const name of Object.keys(privileges)) if (!harmless(name) && !extra.has(name)) extra.set(name, path);
  }
  if (extra.size === 0) return ok(`the ${role} token has no privilege that it does not need`);
  const words = `the ${role} token may do more than it needs: ${some([...extra].map(([name, path]) => `${name} on ${path}`))}`;
  if (role === 'read')
    return fault(words, 'give it the role PVEAuditor and nothing else: whoever plans must not write');
  return warn(words, 'take these away: a stolen token can do what its role allows');
}

/** Guest by guest and node by node: pools and inheritance are resolved by Proxmox VE. */
async function tooLittle(
  client: ProxmoxClient,
  role: Patient['role'],
  declared: readonly DeclaredGuest[],
  { own, held: heldAt }: { own: Permissions; held: Held },
): Promise<Finding> {
  const { ok, fault } = about(`cluster ${client.cluster}`);
  const paths = [
    ...declared.map(({ vmid }) => ({ path: `/vms/${vmid}`, wanted: needed[role].guests })),
    ...[...new Set(declared.map(({ node }) => node))].map((node) => ({
      path: `/nodes/${node}`,
      wanted: needed[role].nodes,
    })),
  ];
  const missing: string[] = [];
  for (const { path, wanted } of paths) {
    const held = await heldAt(path);
    missing.push(...wanted.filter((name) => !(name in held)).map((name) => `${name} on ${path}`));
  }
  if (missing.length === 0) return ok(`the ${role} token has every privilege that it needs`);
  const mend =
    Object.keys(own).length === 0
      ? 'a token with privilege separation needs an ACL of its own: pveum acl modify / --tokens USER@REALM!ID --roles PVEAuditor'
      : 'grant them on / or on the paths named (Datacenter, Permissions)';
  return fault(`the ${role} token lacks ${some(missing)}`, mend);
}

function some(words: readonly string[]): string {
  const shown = words.slice(0, 4).join(', ');
  return words.length > 4 ? `${shown} and ${words.length - 4} more` : shown;
}
