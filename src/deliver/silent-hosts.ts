import { isGitmendError } from '../core/errors.ts';
import { type Journal, readJournals } from '../ledger/journal.ts';
import { entriesOf } from './entries.ts';
import type { Progress } from './execute.ts';
import type { World } from './world.ts';

/** Milliseconds for which a run waits for hosts that do not answer: as long as a restart with an update takes, and not for ever. */
export const patience = 60 * 60_000;

/**
 * The progress of a run; where a host of a playbook does not answer, each pass asks it again, and what a check then finds
 * settles the run. When that has lasted too long it ends by name: `unknown` where something was sent, else it is stopped.
 */
export async function orSilent(world: World, run: string, execute: () => Promise<Progress>): Promise<Progress> {
  try {
    return await execute();
  } catch (error) {
    if (!isGitmendError(error, 'ANSIBLE_UNREACHABLE')) throw error;
    // What was written on the way counts: read anew.
    const journal = (await readJournals(world.repo)).find((one) => one.run === run);
    const since = journal && lastSent(journal);
    if (journal === undefined || since === undefined || world.clock.now() - since < patience) throw error;
    const why = `ANSIBLE_UNREACHABLE: ${error.message.slice(0, 300)}, and nothing more was to be seen for ${patience / 60_000} minutes`;
    if (entriesOf(journal, 'intended').length === entriesOf(journal, 'withdrawn').length)
      return { state: 'stopped', journal, reason: 'refused', why: `${why}; nothing was sent` };
    return { state: 'unknown', journal, why: `${why}; what was sent may be done in part` };
  }
}

/** When the last effect was begun, or else the run, in milliseconds since the epoch. */
function lastSent(journal: Journal): number | undefined {
  const entry = entriesOf(journal, 'intended').at(-1) ?? entriesOf(journal, 'begun')[0];
  return entry === undefined ? undefined : Date.parse(entry.at);
}
