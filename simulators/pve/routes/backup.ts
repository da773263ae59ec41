import { parseProperties } from '../config.ts';
import { die, refuseParameters } from '../errors.ts';
import type { Call, Permission, Route } from '../lab.ts';
import { route } from '../lab.ts';
import type { Values } from '../parameters.ts';
import { choice, flag, integer, required, text } from '../parameters.ts';
import { demand } from '../permissions.ts';
import { splitList } from '../update.ts';
import type { Config } from '../world.ts';

const audit: Permission = { path: '/', privileges: ['Sys.Audit'] };
const modify: Permission = { path: '/', privileges: ['Sys.Modify'] };
const options = {
  all: flag(),
  bwlimit: integer(0),
  comment: text({ maxLength: 512 }),
  compress: choice('0', '1', 'gzip', 'lzo', 'zstd'),
  enabled: flag(),
  exclude: text(),
  fleecing: text(),
  ionice: integer(0, 8),
  lockwait: integer(0),
  mailnotification: choice('always', 'failure'),
  mailto: text(),
  mode: choice('snapshot', 'suspend', 'stop'),
  node: text(),
  'notes-template': text({ maxLength: 1024 }),
  pigz: integer(),
  pool: text(),
  protected: flag(),
  'prune-backups': text(),
  remove: flag(),
  'repeat-missed': flag(),
  schedule: text({ maxLength: 128 }),
  stdexcludes: flag(),
  stopwait: integer(0),
  storage: text(),
  vmid: text(),
  zstd: integer(),
};
const id = { id: required(text({ maxLength: 50 })) };

/** Scheduled backups, the `vzdump` sections of jobs.cfg (pve-manager `PVE::API2::Backup`). Nothing runs them here. */
export const backupRoutes: Route[] = [
  route('GET', '/cluster/backup', audit, {}, ({ lab }) =>
    [...lab.world.backupJobs].map(([name, job]) => shown(name, job)),
  ),
  route('POST', '/cluster/backup', modify, { ...options, id: text() }, create),
  route('GET', '/cluster/backup/{id}', audit, id, (call) => shown(String(call.values.id), jobOf(call))),
  route('PUT', '/cluster/backup/{id}', modify, { ...options, ...id, delete: text() }, update),
  route('DELETE', '/cluster/backup/{id}', modify, id, remove),
];

// The property strings of a section are objects in an answer, as the API's own description has it.
function shown(name: string, job: Config): object {
  const inside = ['prune-backups', 'fleecing'].flatMap((key) => {
    const parts = parseProperties(job[key], 'enabled');
    const values = [...parts].map(([part, value]) => [part, /^\d+$/.test(value) ? Number(value) : value]);
    return parts.size === 0 ? [] : [[key, Object.fromEntries(values)]];
  });
  return { id: name, type: 'vzdump', ...job, ...(Object.fromEntries(inside) as object) };
}

function create({ lab: { world }, token, values }: Call): null {
  const { id: given, ...job } = values;
  if (job.pool !== undefined) mayBackUp(world.pools.has(String(job.pool)), String(job.pool), token);
  if (job.schedule === undefined) refuseParameters({ schedule: "neither 'starttime' nor 'schedule' were set" });
  // PVE makes one up (a UUID); here the first free number, so that a test knows it.
  const name = String(given ?? `backup-${world.backupJobs.size + 1}`);
  if (world.backupJobs.has(name)) die(`Job '${name}' already exists`);
  verify(job);
  world.backupJobs.set(name, { enabled: 1, ...job });
  return null;
}

// Of all, some and a pool the one that the request names takes the place of the others.
function update(call: Call): null {
  const { id: name, delete: gone, ...change } = call.values;
  const before = jobOf(call);
  if (change.pool !== undefined)
    mayBackUp(call.lab.world.pools.has(String(change.pool)), String(change.pool), call.token);
  const job: Config = { ...before, ...change };
  for (const key of splitList(gone)) {
    if (!(key in options)) refuseParameters({ delete: `unknown option '${key}'` });
    Reflect.deleteProperty(job, key);
  }
  const selects = ['vmid', 'all', 'pool'].find((key) => change[key] !== undefined && change[key] !== 0);
  const others = ['vmid', 'all', 'pool', 'exclude'].filter((key) => selects !== undefined && key !== selects);
  for (const key of others) if (change[key] === undefined) Reflect.deleteProperty(job, key);
  verify(job);
  call.lab.world.backupJobs.set(String(name), job);
  return null;
}

function remove(call: Call): null {
  jobOf(call);
  call.lab.world.backupJobs.delete(String(call.values.id));
  return null;
}

// 400 and not 404: a client that looks for "does not exist" does not see that the job is gone.
const jobOf = ({ lab, values }: Call): Config =>
  lab.world.backupJobs.get(String(values.id)) ?? refuseParameters({ id: `No such job '${String(values.id)}'` });

function mayBackUp(exists: boolean, pool: string, token: Call['token']): void {
  if (!exists) die(`pool '${pool}' does not exist`);
  demand(token, `/pool/${pool}`, ['VM.Backup']);
}

// pve-manager `PVE::VZDump::verify_vzdump_parameters`.
function verify(job: Values): void {
  if (job.all === 1 && job.vmid !== undefined) refuseParameters({ all: "option conflicts with option 'vmid'" });
  if (job.pool !== undefined && job.vmid !== undefined)
    refuseParameters({ pool: "option conflicts with option 'vmid'" });
  if (job.exclude !== undefined && job.vmid !== undefined) {
    refuseParameters({ exclude: "option conflicts with option 'vmid'" });
  }
  const selects = job.all === 1 || job.pool !== undefined || job.exclude !== undefined || job.vmid !== undefined;
  if (!selects) refuseParameters({ vmid: 'property is missing' });
}
