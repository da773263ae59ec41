import { closedByBot } from '../records/closing.ts';
import type { Signal } from '../core/signal.ts';
import type { World } from '../deliver/world.ts';
import type { NewPullRequest, PullRequest } from '../forges/forge.ts';
import { parsePullRequest, signalsIn, withSignals } from '../records/pull-request.ts';

/** What a pull request of gitmend's own is, as it would be asked for again. */
export function wanted({ branch, base, title }: PullRequest, remedy: string): Omit<NewPullRequest, 'body'> {
  return { branch, base, title, labels: ['gitmend', remedy] };
}

/**
 * Closes what was proposed for an alert that has resolved and was not merged. Closed by gitmend, it means nothing: the
 * same fault opens it again. One that a person has committed to is theirs and stays. Returns the numbers.
 */
export async function cancelResolved(world: World, signal: Signal): Promise<number[]> {
  if (signal.status !== 'resolved') return [];
  const closed: number[] = [];
  for (const pr of await world.forge.pullRequests({ state: 'open' })) {
    const marker = pr.author === world.forge.self ? parsePullRequest(pr.body) : undefined;
    const signals = signalsIn(pr.body);
    if (marker?.kind !== 'heal' || !signals.some(({ fingerprint }) => fingerprint === signal.fingerprint)) continue;
    const others = signals.filter(({ fingerprint }) => fingerprint !== signal.fingerprint);
    if (others.length > 0) {
      // A sibling still fires, so the fault is still there: the pull request answers that one from now on.
      await world.forge.ensurePullRequest({ ...wanted(pr, marker.remedy), body: withSignals(pr.body, others) });
      continue;
    }
    if (!(await world.repo.message(pr.head)).includes(`\nGitmend-Fingerprint: ${marker.fingerprint}`)) continue;
    const when = signal.endsAt === undefined ? '' : ` at ${signal.endsAt}`;
    const why = `Closed: the alert resolved${when} before this was merged. It comes back if the fault does.`;
    await world.forge.close(pr.number, closedByBot(why));
    closed.push(pr.number);
  }
  return closed;
}
