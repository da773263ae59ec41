import { type Refusal, refusal } from '../../core/change-set.ts';
import { type DeclaredGuest, isCalled } from '../../core/declared-guest.ts';
import type { LiveGuest } from '../../core/guest.ts';
import { printGuestTarget } from '../../core/target.ts';

/** A guest that is declared and was never seen. */
export function missing({ name, cluster, type, vmid }: DeclaredGuest): Refusal {
  return refusal(
    'target-missing',
    `${name} is declared as ${type}/${vmid} and is not on cluster ${cluster}`,
    'compare the declaration with the cluster',
  );
}

/** A vmid alone is no identity: it may have been given to another guest since. */
export function mistaken(after: DeclaredGuest, live: LiveGuest): Refusal | undefined {
  if (printGuestTarget(live) !== printGuestTarget(after) || !isCalled(after.name, live.name)) {
    const seen = `${live.type}/${live.vmid} on ${live.node} is called ${live.name}`;
    return refusal(
      'target-mismatch',
      `${seen}, and the declaration says ${after.name}`,
      'make both say the same before anything is changed',
    );
  }
  if (live.status === 'running' || live.status === 'stopped') return undefined;
  return refusal(
    'target-not-ready',
    `${after.name} is ${live.status} on ${live.node}, neither running nor stopped`,
    'bring it into one of both first',
  );
}
