import { describe, expect, onTestFinished, test } from 'vitest';
import type { Clock } from '../../../src/core/clock.ts';
import { openGiteaForge } from '../../../src/forges/gitea/index.ts';
import { openGithubForge } from '../../../src/forges/github/index.ts';
import { overlap, parseCursor } from '../../../src/forges/http/cursor.ts';
import { wanted } from '../contract/setting.ts';
import { giteaStandIn } from '../gitea/stand-in.ts';
import { githubStandIn } from '../github/stand-in.ts';
import { cloneOf } from '../harness.ts';

const year = 365 * 24 * 60 * 60_000;

type Moments = { createdAt: number; updatedAt: number } | undefined;

const forges = {
  async github() {
    const made = await githubStandIn();
    const { url, repository, token } = made.github;
    const forgeBy = (clock: Clock) =>
      openGithubForge({ url, repository, clock, identity: { token: token('gitmend') } });
    return { ...made, forgeBy, last: (): Moments => made.github.world.said.at(-1) };
  },
  async gitea() {
    const made = await giteaStandIn();
    const { url, repository, token } = made.gitea;
    const forgeBy = (clock: Clock) => openGiteaForge({ url, repository, clock, token: token('gitmend') });
    return { ...made, forgeBy, last: (): Moments => made.gitea.world.notes.at(-1) };
  },
};

/** A pull request that alice comments on, a minute before whatever comes next; `ahead`: the comment's moment is in the future. */
async function talk(kind: keyof typeof forges) {
  const made = await forges[kind]();
  const clone = await cloneOf(made.forge);
  onTestFinished(async () => {
    await clone.dispose();
    await made.dispose();
  });
  await clone.push('fix', { 'fix.txt': '1\n' });
  const { number } = await made.forge.ensurePullRequest(wanted('fix'));
  const alice = await made.as('alice');
  const say = async (body: string, ahead = 0): Promise<void> => {
    await made.clock.sleep(60_000);
    await alice.comment(number, body);
    const last = made.last();
    if (last !== undefined && ahead > 0)
      Object.assign(last, { createdAt: last.createdAt + ahead, updatedAt: last.updatedAt + ahead });
  };
  return { ...made, number, say };
}

const bodies = ({ comments }: { comments: readonly { body: string }[] }): string[] => comments.map(({ body }) => body);

describe.each(['github', 'gitea'] as const)('a comment from next year, on %s', (kind) => {
  test('is told once, and what is said after it is told too', async () => {
    const { forge, say } = await talk(kind);
    await say('before');
    const start = await forge.saidSince(undefined);
    await say('next year', year);
    const first = await forge.saidSince(start.cursor);
    expect(bodies(first)).toEqual(['next year']);
    await say('/plan');
    const second = await forge.saidSince(first.cursor);
    expect(bodies(second)).toEqual(['/plan']);
    expect(await forge.saidSince(second.cursor)).toEqual({ comments: [], cursor: second.cursor });
  });

  test('that was there before the first look hides nothing of what is said after it', async () => {
    const { forge, say } = await talk(kind);
    await say('next year', year);
    const start = await forge.saidSince(undefined);
    await say('/plan');
    expect(bodies(await forge.saidSince(start.cursor))).toEqual(['/plan']);
  });

  test('moves no cursor of changes, neither of the first look nor of a later one', async () => {
    const { forge, number, say } = await talk(kind);
    await say('next year', year);
    const first = await forge.changedSince(undefined);
    await say('/plan');
    const second = await forge.changedSince(first.cursor);
    await say('/status');
    const third = await forge.changedSince(second.cursor);
    expect([first.numbers, second.numbers, third.numbers]).toEqual([[number], [number], [number]]);
    expect(await forge.changedSince(third.cursor)).toEqual({ numbers: [], cursor: third.cursor });
  });

  test('has left a cursor of next year behind, which counts as one of now', async () => {
    const { forge, clock, number, say } = await talk(kind);
    await say('before');
    const cursor = `${clock.now() + year}/`;
    await forge.saidSince(cursor);
    const said = await forge.saidSince(cursor);
    const changed = await forge.changedSince(cursor);
    for (const one of [said, changed])
      expect(parseCursor(one.cursor)?.newest).toBeLessThanOrEqual(clock.now() + overlap / 2);
    await say('/plan');
    expect(bodies(await forge.saidSince(said.cursor))).toEqual(['/plan']);
    expect((await forge.changedSince(changed.cursor)).numbers).toEqual([number]);
  });
});

test.each(['github', 'gitea'] as const)('the cursor goes by the clock of %s, not by this machine’s', async (kind) => {
  const { forgeBy, clock, say } = await talk(kind);
  const late = await forgeBy({ ...clock, now: () => clock.now() - year });
  await say('/plan');
  for (const { cursor } of [await late.saidSince(undefined), await late.changedSince(undefined)])
    expect(parseCursor(cursor)?.newest).toBe(clock.now());
});
