import { parseProperties } from '../config.ts';
import { die, refuseParameters } from '../errors.ts';
import type { Call, Lab, Route } from '../lab.ts';
import { route } from '../lab.ts';
import { flag, nodeParameter, required, text } from '../parameters.ts';
import { demand, may } from '../permissions.ts';
import { splitList } from '../update.ts';
import type { Guest, Storage } from '../world.ts';

const filters = { storage: text(), content: text(), enabled: flag(), target: text(), format: flag() };

const volumeParameters = { ...nodeParameter, storage: text(), volume: required(text()) };

/** Storages (pve-storage `PVE::API2::Storage::Config`, `PVE::API2::Storage::Status`). */
export const storageRoutes: Route[] = [
  route('GET', '/storage', 'all', { type: text() }, definitions),
  route('GET', '/nodes/{node}/storage', 'all', { ...nodeParameter, ...filters }, usage),
  route('GET', '/nodes/{node}/storage/{storage}/content/{volume}', 'all', volumeParameters, volumeInfo),
];

// `/storage` is the configuration: no usage there.
function definitions({ lab, token, values }: Call): unknown {
  return seen(lab, token)
    .filter((store) => values.type === undefined || store.type === values.type)
    .map(definition);
}

/** Whether a node has a storage: `nodes` of storage.cfg, all where it says nothing (pve-storage `storage_check_enabled`). */
export function isOn(store: Storage | undefined, node: string): boolean {
  return store !== undefined && (store.nodes === undefined || store.nodes.includes(node));
}

function definition({ name, type, content, shared }: Storage): object {
  return { storage: name, type, content: content.join(','), shared: Number(shared) };
}

function usage({ lab, token, values }: Call): unknown {
  const { storage, content, node } = values;
  if (storage !== undefined && !lab.world.storages.has(String(storage)))
    refuseParameters({ storage: 'No such storage.' });
  return seen(lab, token)
    .filter((store) => isOn(store, String(node)))
    .filter((store) => storage === undefined || store.name === storage)
    .filter((store) => splitList(content).every((kind) => store.content.includes(kind)))
    .map((store) => ({
      ...definition(store),
      enabled: 1,
      active: 1,
      total: store.total,
      used: store.used,
      avail: store.total - store.used,
      used_fraction: store.used / store.total,
    }));
}

function seen(lab: Lab, token: Call['token']): Storage[] {
  const privileges = ['Datastore.Audit', 'Datastore.AllocateSpace'];
  return [...lab.world.storages.values()].filter(({ name }) =>
    privileges.some((privilege) => may(token, `/storage/${name}`, privilege)),
  );
}

// One volume of a guest (pve-storage `PVE::API2::Storage::Content`, info). Reading it takes Datastore.Allocate, or both
// Datastore.Audit and the right to change the owner's disks (`check_volume_access`): an auditor alone may not.
function volumeInfo({ lab, token, values }: Call): unknown {
  const [storage, name] = [String(values.storage), String(values.volume).replace(/^[^:]+:/, '')];
  if (!lab.world.storages.has(storage)) die(`storage '${storage}' does not exist`);
  const owner = /^(?:vm|subvol|base)-(\d+)-/.exec(name)?.[1] ?? die(`unable to parse volume name '${name}'`);
  if (!may(token, `/storage/${storage}`, 'Datastore.Allocate')) {
    demand(token, `/storage/${storage}`, ['Datastore.Audit']);
    demand(token, `/vms/${owner}`, ['VM.Config.Disk']);
  }
  const guest = lab.world.guests.get(Number(owner));
  if (guest === undefined || !holds(guest, `${storage}:${name}`)) die(`no such volume '${storage}:${name}'`);
  return { path: `/dev/pve/${name}`, size: guest.diskSize, used: guest.diskSize, format: 'raw' };
}

const holds = (guest: Guest, volume: string): boolean =>
  Object.values(guest.config).some((value) => parseProperties(value, 'volume').get('volume') === volume);
