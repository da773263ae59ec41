import { type Github, startGithub } from '../../../simulators/github/index.ts';
import { openGithubForge } from '../../../src/forges/github/index.ts';
import { needed } from '../../../src/forges/github/rights.ts';
import { begin, type ForgeUnderTest } from '../harness.ts';
import { steppingClock } from '../gitea/stand-in.ts';
import { faultsOf } from './described.ts';
import { editComment, personOn } from './person.ts';

export interface GithubUnderTest extends ForgeUnderTest {
  github: Github;
  clock: ReturnType<typeof steppingClock>;
  told: { event: string; [key: string]: unknown }[];
}

/** A stand-in with one repository, and gitmend on it by a token or as an App. Everything is held against the description. */
export async function githubStandIn(as: 'token' | 'app' = 'token'): Promise<GithubUnderTest> {
  const clock = steppingClock();
  const github = await startGithub({ files: begin, clock });
  const { url, repository } = github;
  const place = { url, repository, clock };
  const told: GithubUnderTest['told'] = [];
  const tell = (event: string, facts: object) => void told.push({ event, ...facts });
  const identity =
    as === 'app' ? { app: github.installApp('gitmend', { ...needed }) } : { token: github.token('gitmend') };
  const forge = await openGithubForge({ ...place, identity, tell });
  const own = () => github.world.users.find(({ login }) => login === forge.self)?.token ?? '';
  return {
    github,
    clock,
    told,
    forge,
    editComment: (_, id, body) => editComment(place, own(), id, body),
    reactions: async (id) =>
      github.world.reactions
        .filter(({ comment }) => comment === Number(id))
        .map(({ user, content }) => ({ by: user.login, reaction: content })),
    as: (account) => personOn(place, github.token(account)),
    async dispose() {
      await github.close();
      const faults = github.requests.flatMap(faultsOf);
      if (faults.length > 0) throw new Error(`not as GitHub describes its API:\n${[...new Set(faults)].join('\n')}`);
    },
  };
}
