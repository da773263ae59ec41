import { type Gitea, startGitea } from '../../../simulators/gitea/index.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { openGiteaForge } from '../../../src/forges/gitea/index.ts';
import { begin, type ForgeUnderTest } from '../harness.ts';
import { faultsOf } from './described.ts';
import { editComment, personOn } from './person.ts';

/** Begins at 2026-11-20T03:12:00Z and goes on only while somebody sleeps. */
export function steppingClock(): Clock & { slept: number[] } {
  let now = Date.UTC(2026, 10, 20, 3, 12);
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    async sleep(milliseconds) {
      slept.push(milliseconds);
      now += milliseconds;
    },
  };
}

export interface GiteaUnderTest extends ForgeUnderTest {
  gitea: Gitea;
  clock: ReturnType<typeof steppingClock>;
}

/** A stand-in with one repository, and gitmend on it. Whatever was asked and answered is held against the description. */
export async function giteaStandIn(): Promise<GiteaUnderTest> {
  const clock = steppingClock();
  const gitea = await startGitea({ files: begin, clock });
  const { url, repository } = gitea;
  const place = { url, repository, clock };
  return {
    gitea,
    clock,
    forge: await openGiteaForge({ ...place, token: gitea.token('gitmend') }),
    editComment: (_, id, body) => editComment(place, gitea.token('gitmend'), id, body),
    reactions: async (id) =>
      gitea.world.reactions
        .filter(({ comment }) => comment === Number(id))
        .map(({ user, content }) => ({ by: user.login, reaction: content })),
    as: (account) => personOn(place, gitea.token(account)),
    async dispose() {
      await gitea.close();
      const faults = gitea.requests.flatMap(faultsOf);
      if (faults.length > 0) throw new Error(`not as Gitea describes its API:\n${[...new Set(faults)].join('\n')}`);
    },
  };
}
