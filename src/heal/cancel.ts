import type { Signal } from '../core/signal.ts';
import type { World } from '../deliver/world.ts';
import { parsePullRequest } from '../records/pull-request.ts';

/**
 * Closes what was proposed for an alert that has resolved and was not merged. Closed by gitmend, it means nothing: the
 * same fault opens it again. One that a person has committed to is theirs and stays. Returns the numbers.
 */
export async function cancelResolved(world: World, signal: Signal): Promise<number[]> {
  if (signal.status !== 'resolved') return [];
  const closed: number[] = [];
  for (const pr of await world.forge.pullRequests({ state: 'open' })) {
    const marker = pr.author === world.forge.self ? parsePullRequest(pr.body) : undefined;
    if (marker?.kind !== 'heal' || marker.signal?.fingerprint !== signal.fingerprint) continue;
    if (!(await world.repo.message(pr.head)).includes(`\nGitmend-Fingerprint: ${marker.fingerprint}`)) continue;
    const when = signal.endsAt === undefined ? '' : ` at ${signal.endsAt}`;
    const why = `Closed: the alert resolved${when} before this was merged. It comes back if the fault does.`;
    await world.forge.close(pr.number, `${why}\n\n<!-- gitmend:closed-by-bot -->`);
    closed.push(pr.number);
  }
  return closed;
}
