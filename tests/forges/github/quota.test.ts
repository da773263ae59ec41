import { expect, onTestFinished, test } from 'vitest';
import { type Github, pullsOf } from '../../../simulators/github/index.ts';
import { openGithubForge } from '../../../src/forges/github/index.ts';
import { cloneOf } from '../harness.ts';
import { githubStandIn } from './stand-in.ts';

const [many, hour] = [3000, 3_600_000];

/** Straight into the stand-in's world, by one branch: opening so many by requests is no part of what is counted. */
async function crowded(amount: number) {
  const one = await githubStandIn();
  onTestFinished(() => one.github.close());
  const clone = await cloneOf(one.forge);
  onTestFinished(() => clone.dispose());
  await clone.push('many', { 'many.txt': '1\n' });
  const wanted = { branch: 'many', base: 'main', title: 'many', body: '', labels: [] };
  const { number } = await one.forge.ensurePullRequest(wanted);
  const { world } = one.github;
  const [first] = pullsOf(world);
  if (first === undefined) throw new Error('nothing was opened');
  // Opened one a minute, the last of them a minute ago.
  for (let next = number + 1; next <= amount; next += 1) {
    const at = first.createdAt - (amount + 1 - next) * 60_000;
    world.threads.push({ ...first, number: next, reviews: [], createdAt: at, updatedAt: at });
  }
  world.numbers = amount;
  return one;
}

/** Another process on the same forge. */
async function process({ github, clock }: Awaited<ReturnType<typeof crowded>>) {
  const { url, repository } = github;
  return openGithubForge({ url, repository, clock, identity: { token: github.token('gitmend') } });
}

/** Requests that count against the quota until it ends. */
async function spentBy(github: Github, work: () => Promise<unknown>): Promise<number> {
  const before = github.world.spent;
  await work();
  return github.world.spent - before;
}

test('of three thousand open pull requests the first look costs three lists, and an hour of looks a hundred requests at most', async () => {
  const one = await crowded(many);
  const { github, clock } = one;
  const serve = await process(one);
  let [changes, said] = ['', ''];
  // What a service at rest asks for: what changed, what was said, every pull request for a pass and for the dashboard.
  const look = async () => {
    ({ cursor: changes } = await serve.changedSince(changes));
    ({ cursor: said } = await serve.saidSince(said));
    expect(await serve.pullRequests({ state: 'open' })).toHaveLength(many);
    expect(await serve.pullRequests({ state: 'all' })).toHaveLength(many);
  };
  const first = await spentBy(github, look);
  // A list of the open ones, one of all, and once everything that ever changed.
  expect(first).toBeGreaterThan((3 * many) / 100);
  expect(first).toBeLessThan((3 * many) / 100 + 10);
  const looks = 20;
  const later = await spentBy(github, async () => {
    for (let at = 0; at < looks; at += 1) {
      await clock.sleep(hour / looks);
      await look();
    }
  });
  // Three whole lists, each after 36 s for each of its pages; what of them is kept and did not change is a 304, as every other look.
  expect(later).toBeGreaterThan(0);
  expect(later).toBeLessThan(100);
  expect(github.requests.length).toBeGreaterThan(10 * looks);
}, 60_000);

test('what changed costs a page, however many are open', async () => {
  const one = await crowded(500);
  const { github, clock } = one;
  const serve = await process(one);
  await serve.pullRequests({ state: 'all' });
  const changed = pullsOf(github.world)[77];
  if (changed === undefined) throw new Error('there is no 78th');
  await clock.sleep(60_000);
  changed.title = 'moved';
  changed.updatedAt = clock.now();
  const spent = await spentBy(github, async () => {
    const all = await serve.pullRequests({ state: 'all' });
    expect(all.filter(({ title }) => title === 'moved').map(({ number }) => number)).toEqual([changed.number]);
  });
  expect(spent).toBe(1);
  expect(await spentBy(github, () => serve.pullRequests({ state: 'open' }))).toBe(0);
}, 60_000);

test('to look whether a shown plan still stands takes five requests', async () => {
  const { github, forge } = await crowded(1);
  const [{ number, head } = { number: 0, head: '' }] = await forge.pullRequests({ state: 'open' });
  const stands = async () => {
    await forge.reviews(number);
    await forge.ensureComment(number, 'plan', 'Plan');
    await forge.ensureStatus(head, { context: 'gitmend/plan', state: 'success', description: '1 change' });
    await forge.ensureStatus(head, { context: 'gitmend/policy', state: 'success', description: 'the merge approves' });
  };
  await stands();
  const before = github.requests.length;
  await stands();
  expect(github.requests.length - before).toBe(5);
}, 60_000);
