import { PveError, die, refuseParameters } from './errors.ts';
import type { Call, Lab, Permission, Route, Trouble } from './lab.ts';
import { plainText, validate } from './parameters.ts';
import { demand, demandAny } from './permissions.ts';
import { backupRoutes } from './routes/backup.ts';
import { cloneRoute } from './routes/clone.ts';
import { clusterRoutes } from './routes/cluster.ts';
import { guestRoutes } from './routes/guests.ts';
import { contentRoutes } from './routes/content.ts';
import { lifecycleRoutes } from './routes/lifecycle.ts';
import { networkRoutes } from './routes/network.ts';
import { migrateRoutes } from './routes/migrate.ts';
import { moveRoute } from './routes/move.ts';
import { nodeRoutes } from './routes/nodes.ts';
import { poolRoutes } from './routes/pools.ts';
import { powerRoutes } from './routes/power.ts';
import { resizeRoute } from './routes/resize.ts';
import { snapshotRoutes } from './routes/snapshots.ts';
import { storageRoutes } from './routes/storage.ts';
import { taskRoutes } from './routes/tasks.ts';
import { vzdumpRoutes } from './routes/vzdump.ts';
import type { Token } from './world.ts';

/** Every method that the simulator has. */
export const routes: readonly Route[] = [
  ...clusterRoutes,
  ...backupRoutes,
  ...poolRoutes,
  ...nodeRoutes,
  ...networkRoutes,
  ...storageRoutes,
  ...contentRoutes,
  ...taskRoutes,
  ...vzdumpRoutes,
  ...(['lxc', 'qemu'] as const).flatMap((type) => [
    ...guestRoutes(type),
    ...powerRoutes(type),
    ...snapshotRoutes(type),
    ...lifecycleRoutes(type),
    ...migrateRoutes(type),
    moveRoute(type),
    cloneRoute(type),
    resizeRoute(type),
  ]),
];

export interface Inquiry {
  method: string;
  /** Below /api2/json, decoded. */
  path: string;
  parameters: Record<string, unknown>;
  token: Token;
  trouble: Trouble;
}

/**
 * Finds the method, then permission, then parameters, then the work: the order of pve-manager `PVE::HTTPServer::rest_handler`
 * (a request without the privilege learns nothing of its other mistakes). Throws PveError for every answer but 200.
 */
export function answer(lab: Lab, inquiry: Inquiry): { data: unknown; total?: number } {
  const found = findRoute(inquiry.method, inquiry.path);
  if (!found) throw new PveError(501, `Method '${inquiry.method} ${inquiry.path}' not implemented`);
  const { route, inPath } = found;
  const conflict = Object.keys(inPath).find((name) => {
    const given = inquiry.parameters[name];
    return given !== undefined && plainText(given) !== inPath[name];
  });
  if (conflict !== undefined) {
    refuseParameters({ [conflict]: 'duplicate parameter (already defined in URI) with conflicting values!' });
  }
  // A path of the ACL may name any parameter, not only those in the URL (`$uri_param` takes in the others first).
  checkPermission(inquiry.token, route.permission, { ...inquiry.parameters, ...inPath });
  const { node } = inPath;
  if (node !== undefined && lab.world.nodes.get(node)?.online !== true) unreachable(lab, node);
  const values = validate(route.parameters, { ...inquiry.parameters, ...inPath });
  const call: Call = { lab, token: inquiry.token, method: inquiry.method, values, trouble: inquiry.trouble };
  const data = route.handle(call);
  return { data, ...(call.total === undefined ? {} : { total: call.total }) };
}

// A name that nobody knows cannot be resolved (pve-common `PVE::Network::get_ip_from_hostname`); one that is down does not
// answer the request that pveproxy passes on (595, AnyEvent::HTTP's code for a connection that fails).
function unreachable(lab: Lab, node: string): never {
  if (lab.world.nodes.has(node)) throw new PveError(595, 'No route to host');
  return die(`hostname lookup '${node}' failed - failed to get address info for: ${node}: Name or service not known`);
}

// `and`, `or` and `perm` (pve-access-control `PVE::RPCEnvironment::exec_api2_perm_check`).
function checkPermission(token: Token, permission: Permission, given: Record<string, unknown>): void {
  if (permission === 'all') return;
  if ('and' in permission) for (const one of permission.and) checkPermission(token, one, given);
  else if ('or' in permission) demandOne(token, permission.or, given);
  else if (permission.requires !== undefined && given[permission.requires] === undefined) refuseAll();
  else {
    const path = permission.path.replace(/\{(\w+)\}/g, (_, name: string) => plainText(given[name]));
    (permission.any === true ? demandAny : demand)(token, path, permission.privileges);
  }
}

// Where none holds, PVE names none of them: "Permission check failed" alone.
function demandOne(token: Token, permissions: readonly Permission[], given: Record<string, unknown>): void {
  const holds = permissions.some((one) => {
    try {
      checkPermission(token, one, given);
      return true;
    } catch {
      return false;
    }
  });
  if (!holds) refuseAll();
}

function refuseAll(): never {
  throw new PveError(403, 'Permission check failed\n');
}

function findRoute(method: string, path: string): { route: Route; inPath: Record<string, string> } | undefined {
  for (const route of routes) {
    if (route.method !== method) continue;
    const inPath = matchPath(route.path, path);
    if (inPath) return { route, inPath };
  }
  return undefined;
}

// A trailing or doubled slash means nothing (pve-common `PVE::RESTHandler::find_handler` splits at slashes). A volume takes
// all that is left, because it may hold a slash (pve-storage `PVE::API2::Storage::Status`, `fragmentDelimiter => ''`).
function matchPath(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split('/').filter((part) => part !== '');
  const parts = path.split('/').filter((part) => part !== '');
  const given = wanted.at(-1) === '{volume}' ? joined(parts, wanted.length) : parts;
  if (wanted.length !== given.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith('{')) values[part.slice(1, -1)] = value;
    else if (part !== value) return undefined;
  }
  return values;
}

function joined(parts: readonly string[], length: number): string[] {
  const last = parts.slice(length - 1).join('/');
  return [...parts.slice(0, length - 1), ...(last === '' ? [] : [last])];
}
