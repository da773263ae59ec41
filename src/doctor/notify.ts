import type { Config } from '../core/config.ts';
import { destinationOf, type Destination } from '../notify/destination.ts';
import { reach } from '../notify/reach.ts';
import { about, attempt, type Finding } from './finding.ts';
import type { Patient } from './patient.ts';

/** Milliseconds for each step with one destination. */
const patience = 10_000;

/** Every destination of `notify:`, reached without a notice being sent. Only `serve` tells people, so only `read` tries. */
export async function examineNotify({ role, env }: Patient, { notify }: Config): Promise<Finding[]> {
  if (role !== 'read') return [];
  const found = await Promise.all(
    notify.map((config) =>
      attempt('notify', async () => {
        const references = [config.url, config.secret].filter((one) => typeof one === 'object');
        // The missing variable was said already; there is nothing to try without it.
        if (references.some((one) => (env[one.env] ?? '').trim() === '')) return [];
        return [await examineDestination(destinationOf(config, env))];
      }),
    ),
  );
  return found.flat();
}

async function examineDestination(to: Destination): Promise<Finding> {
  const { ok, fault } = about('notify');
  const tried = await reach(to, patience);
  return tried.reached ? ok(`${to.name}: ${tried.what}`) : fault(`${to.name}: ${tried.what}`, tried.mend);
}
