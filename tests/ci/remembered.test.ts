import { expect, it } from 'vitest';
import { demandRemembered } from '../../src/ci/remembered.ts';
import type { Truth } from '../../src/deliver/truth.ts';
import type { Ground } from '../../src/deliver/world.ts';

const run = 'a'.repeat(40);
const ended = `<!-- gitmend:run/${run} -->\n**Verified** 03:51:10Z: usage is 50 %.`;

/** One merge that no record settles, with one comment on its pull request; and the runs that records know. */
function job(comment: { author: string; body: string }, ...known: string[]) {
  const forge = { self: 'gitea-actions', comments: async () => [comment] };
  const records = known.map((one) => ({ record: { run: one } }));
  const truth = { units: [{ pullRequest: { number: 7 } }, {}], records };
  return demandRemembered({ forge } as unknown as Ground, truth as unknown as Truth);
}

it('a run that gitmend said to have ended, and that no record knows, stops everything', async () => {
  const stopped = {
    code: 'RECORDS_TAMPERED',
    message: '#7 says that its run aaaaaaa ended verified, and no record does',
  };
  await expect(job({ author: 'gitea-actions', body: ended })).rejects.toMatchObject(stopped);
  await expect(job({ author: 'gitea-actions', body: ended }, run)).resolves.toBeUndefined();
});

it('what anybody else writes stops nothing, although it reads the same', async () => {
  await expect(job({ author: 'mallory', body: ended })).resolves.toBeUndefined();
});
