import { expect, it } from 'vitest';
import { asOneAccount } from '../../src/ci/accounts.ts';
import type { Comment, Forge, PullRequest } from '../../src/forges/forge.ts';

const time = (minute: number) => `2026-11-20T03:${minute}:00Z`;
const comment = (id: string, author: string, body: string, minute: number): Comment => ({
  ...{ id, author, body },
  createdAt: time(10),
  updatedAt: time(minute),
});
const pull: PullRequest = {
  ...{ number: 7, title: '', body: '', branch: 'b', base: 'main', head: 'h', state: 'merged', fork: false },
  ...{ author: 'gitmend', mergedBy: 'Gitmend', closedBy: 'ana', createdAt: time(10), updatedAt: time(10) },
};

/** A forge with one pull request and these comments, as the job's own account sees it. */
function forge(comments: Comment[]): Forge {
  const known: Partial<Forge> = {
    self: 'gitea-actions',
    pullRequest: async () => pull,
    pullRequests: async () => [pull],
    pullRequestOfMerge: async (commit) => (commit === 'known' ? pull : undefined),
    comments: async () => comments,
  };
  return known as Forge;
}

it('what another account of gitmend opened, merged or said counts as its own, and what people did as theirs', async () => {
  const one = asOneAccount(forge([comment('1', 'gitmend', 'hello', 10), comment('2', 'ana', 'hello', 10)]), [
    'gitmend',
    undefined,
  ]);
  const own = { author: 'gitea-actions', mergedBy: 'gitea-actions', closedBy: 'ana' };
  expect(await one.pullRequest(7)).toMatchObject(own);
  expect(await one.pullRequests({ state: 'all' })).toMatchObject([own]);
  expect(await one.pullRequestOfMerge('known')).toMatchObject(own);
  expect(await one.pullRequestOfMerge('other')).toBeUndefined();
  expect((await one.comments(7)).map(({ author }) => author)).toEqual(['gitea-actions', 'ana']);
});

it('of two plans that two accounts of gitmend wrote the one that was written last is shown', async () => {
  const plan = '<!-- gitmend:plan -->\nplan';
  const comments = [
    comment('1', 'gitmend', `${plan} of the service`, 20),
    comment('2', 'gitea-actions', `${plan} of a job`, 30),
    comment('3', 'ana', `${plan} of a person`, 40),
    comment('4', 'gitmend', '<!-- gitmend:run/abcdef0 -->\nrun', 20),
  ];
  const ids = async (list: Comment[]) => (await asOneAccount(forge(list), ['gitmend']).comments(7)).map(({ id }) => id);
  expect(await ids(comments)).toEqual(['2', '3', '4']);
  expect(await ids(comments.map((one) => ({ ...one, updatedAt: one.id === '1' ? time(50) : one.updatedAt })))).toEqual([
    '1',
    '3',
    '4',
  ]);
});
