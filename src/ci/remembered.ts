import { GitmendError } from '../core/errors.ts';
import type { Truth } from '../deliver/truth.ts';
import type { Ground } from '../deliver/world.ts';
import { parseRunComment } from '../records/run-comment.ts';

/**
 * A job remembers no tip of the records, so one who may push could take the last of them away and have a finished run
 * happen again. What gitmend said on the pull request is not in git: where it says that the run of a merge has ended and
 * no record does, records are gone. Looks only at merges that no record settles. Throws RECORDS_TAMPERED.
 */
export async function demandRemembered({ forge }: Ground, { units, records }: Truth): Promise<void> {
  const known = new Set(records.map(({ record }) => record.run));
  for (const { pullRequest } of units) {
    if (pullRequest === undefined) continue;
    for (const { author, body } of await forge.comments(pullRequest.number)) {
      const said = author === forge.self ? parseRunComment(body) : undefined;
      if (said === undefined || said.state === 'verifying' || known.has(said.run)) continue;
      throw new GitmendError(
        'RECORDS_TAMPERED',
        `#${pullRequest.number} says that its run ${said.run.slice(0, 7)} ended ${said.state}, and no record does`,
      );
    }
  }
}
