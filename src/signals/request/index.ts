import type { DeclaredGuest } from '../../core/declared-guest.ts';
import { digestOf } from '../../core/json.ts';
import type { Signal } from '../../core/signal.ts';

/** Who asked, when and where: the comment that the request stands in. */
export interface Request {
  by: string;
  /** ISO 8601 UTC. */
  at: string;
  /** The forge's id of the comment. */
  id: string;
}

/** A person's request to look at one guest: a signal for each family, because nothing says which fault it is. */
export function requests(guest: DeclaredGuest, families: readonly string[], { by, at, id }: Request): Signal[] {
  return families.map((family) => ({
    door: 'request',
    status: 'firing',
    name: 'request',
    family,
    asks: 'grow',
    labels: { id: `${guest.type}/${guest.vmid}`, cluster: guest.cluster, by },
    annotations: {},
    startsAt: at,
    fingerprint: digestOf({ request: id, family }).slice('sha256:'.length, 'sha256:'.length + 16),
    repeats: 1,
  }));
}
