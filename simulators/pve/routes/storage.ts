import { refuseParameters } from '../errors.ts';
import type { Call, Lab, Route } from '../lab.ts';
import { route } from '../lab.ts';
import { flag, nodeParameter, text } from '../parameters.ts';
import { may } from '../permissions.ts';
import { splitList } from '../update.ts';
import type { Storage } from '../world.ts';

const filters = { storage: text(), content: text(), enabled: flag(), target: text(), format: flag() };

/** Storages (pve-storage `PVE::API2::Storage::Config`, `PVE::API2::Storage::Status`). */
export const storageRoutes: Route[] = [
  route('GET', '/storage', 'all', { type: text() }, definitions),
  route('GET', '/nodes/{node}/storage', 'all', { ...nodeParameter, ...filters }, usage),
];

// `/storage` is the configuration: no usage there.
function definitions({ lab, token, values }: Call): unknown {
  return seen(lab, token)
    .filter((store) => values.type === undefined || store.type === values.type)
    .map(definition);
}

function definition({ name, type, content, shared }: Storage): object {
  return { storage: name, type, content: content.join(','), shared: Number(shared) };
}

function usage({ lab, token, values }: Call): unknown {
  const { storage, content } = values;
  if (storage !== undefined && !lab.world.storages.has(String(storage)))
    refuseParameters({ storage: 'No such storage.' });
  return seen(lab, token)
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
