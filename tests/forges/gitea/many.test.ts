import { expect, onTestFinished, test } from 'vitest';
import { openGiteaForge } from '../../../src/forges/gitea/index.ts';
import { postgres, wanted } from '../contract/setting.ts';
import { cloneOf } from '../harness.ts';
import { giteaStandIn } from './stand-in.ts';

/** Three pages of open pull requests, and one clone. */
async function crowded() {
  const { forge, gitea, clock, dispose } = await giteaStandIn();
  const clone = await cloneOf(forge);
  onTestFinished(async () => {
    await clone.dispose();
    await dispose();
  });
  await clone.push('fix', postgres('memory', 3072));
  const first = await forge.ensurePullRequest(wanted('fix'));
  const [made] = gitea.world.pulls;
  if (made === undefined) throw new Error('nothing was opened');
  for (let number = 2; number <= 130; number += 1) {
    // Of forks: nothing that is pushed here changes them.
    const from = { fork: `fork-${number}` };
    const at = { createdAt: made.createdAt - number * 60_000, updatedAt: made.updatedAt - number * 60_000 };
    gitea.world.pulls.push({ ...made, ...at, number, branch: 'fix', from, labels: [], reviews: [] });
  }
  gitea.world.counter = 130;
  await clock.sleep(60_000);
  await clone.push('next', postgres('memory', 4096));
  const again = { url: gitea.url, repository: gitea.repository, clock, token: gitea.token('gitmend') };
  const pagesAsked = async (work: () => Promise<unknown>): Promise<number> => {
    const before = gitea.requests.length;
    await work();
    return gitea.requests.slice(before).filter(({ method, path }) => method === 'GET' && /\/pulls$/.test(path)).length;
  };
  return { forge, gitea, clock, first, pagesAsked, another: () => openGiteaForge(again) };
}

test('with the list that a service keeps, opening one of many asks for what changed and not for all of them', async () => {
  const { gitea, pagesAsked, another } = await crowded();
  const forge = await another();
  const whole = await pagesAsked(() => forge.pullRequests({ state: 'open' }));
  expect(whole).toBeGreaterThanOrEqual(3);
  expect(await pagesAsked(() => forge.ensurePullRequest(wanted('next')))).toBe(2);
  expect(await pagesAsked(() => forge.ensurePullRequest(wanted('next', { title: 'said anew' })))).toBe(1);
  expect(gitea.world.pulls.filter(({ branch }) => branch === 'next')).toMatchObject([{ title: 'said anew' }]);
});

test('what another process opened, changed or closed meanwhile is known before anything is written', async () => {
  const { forge, gitea, first, clock, another } = await crowded();
  await forge.pullRequests({ state: 'open' });
  const other = await another();
  await clock.sleep(60_000);
  const theirs = await other.ensurePullRequest(wanted('next'));
  expect((await forge.ensurePullRequest(wanted('next'))).number).toBe(theirs.number);
  await other.close(first.number, 'not wanted');
  await clock.sleep(60_000);
  const anew = await forge.ensurePullRequest(wanted('fix'));
  expect(anew.number).toBeGreaterThan(theirs.number);
  const ours = gitea.world.pulls.filter(({ from, state }) => from === undefined && state === 'open');
  expect(ours.map(({ branch }) => branch)).toEqual(['next', 'fix']);
});

test('one that the list has not heard of is found where Gitea says that it is there', async () => {
  const { forge, gitea } = await crowded();
  await forge.pullRequests({ state: 'open' });
  const [made] = gitea.world.pulls;
  if (made === undefined) throw new Error('nothing was opened');
  // With an old moment: no look at what changed tells of it.
  const head = gitea.world.branches.get('next') ?? '';
  gitea.world.pulls.push({
    ...made,
    number: 131,
    head,
    createdAt: 0,
    updatedAt: 0,
    branch: 'next',
    labels: [],
    reviews: [],
  });
  const changed = gitea.requests.length;
  expect((await forge.ensurePullRequest(wanted('next'))).number).toBe(131);
  const met = gitea.requests.slice(changed).filter(({ method, path }) => method === 'POST' && /\/pulls$/.test(path));
  expect(met.map(({ status }) => status)).toEqual([409]);
});
