import { plannedNumbers, plansGone, readPlans } from './plans.ts';
import type { World } from './world.ts';

/** Milliseconds after a plan's end until it is forgotten, where its pull request was closed: every ref is paid for by every push. */
const kept = 30 * 86_400_000;

/** Deletes the plans of pull requests that were closed without a merge, 30 days after they ended. */
export async function forgetOldPlans(world: World): Promise<void> {
  for (const number of await plannedNumbers(world.repo)) {
    const last = (await readPlans(world.repo, number)).at(-1)?.record;
    // The forge is asked only about what is old by its own words.
    if (last === undefined || world.clock.now() < Date.parse(last.expiresAt) + kept) continue;
    if ((await world.forge.pullRequest(number)).state === 'closed')
      await world.repo.push(await plansGone(world.repo, number));
  }
}
