import { type Refusal, refusal } from '../core/change-set.ts';
import type { Step } from '../core/step.ts';
import type { PullRequestMarker } from '../records/pull-request.ts';

/**
 * A pull request that accepts drift says that its merge changes nothing. Where Terraform would, or where a guest is there
 * again whose file it takes out, it is refused: a drifted neighbour in the same resource must not ride along.
 */
export function notOnlyAccepting(marker: PullRequestMarker | undefined, steps: readonly Step[]): Refusal[] {
  if (marker?.kind !== 'drift') return [];
  return steps
    .filter(({ applier, destroys }) => applier === 'terraform' || destroys)
    .map(({ name, changes, destroys }) => {
      const what = destroys ? 'destroy it' : `change ${changes.map(({ field }) => field).join(', ')}`;
      return refusal(
        'accept-changes',
        `accepting what is live of ${name} must change nothing, and its merge would ${what}`,
        'bring that in line by hand, or change it in a pull request of its own',
      );
    });
}
