import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunRecord } from '../../src/core/run.ts';
import { type DeliverLab, deliverLab, set, shortWindow } from '../support/deliver-lab.ts';

describe('pull requests planned on one base and merged within one second', () => {
  let lab: DeliverLab;
  let events: string[];
  let records: RunRecord[];
  const numbers: { [story: string]: number } = {};
  const of = (story: string) => records.find(({ pullRequest }) => pullRequest?.number === numbers[story]);

  beforeAll(async () => {
    lab = await deliverLab({ begin: shortWindow });
    numbers['merge'] = await lab.propose('one', { 'guests/nextcloud.yaml': set('memory', 5120) });
    numbers['squash'] = await lab.propose('two', { 'guests/frigate.yaml': set('memory', 5120) });
    await lab.push('two', { 'guests/frigate.yaml': set('cores', 3) }, 'and a core');
    numbers['rebase'] = await lab.propose('three', { 'guests/gitea.yaml': set('memory', 2560) });
    await lab.push('three', { 'guests/gitea.yaml': set('cores', 3) }, 'and a core');
    await lab.push('three', { 'guests/gitea.yaml': set('memory', 3072) }, 'rather a whole GiB');
    numbers['one-field'] = await lab.propose('four', { 'guests/postgres.yaml': set('cores', 4) });
    numbers['another-field'] = await lab.propose('five', { 'guests/postgres.yaml': set('swap', 1024) });
    await lab.plan();
    lab.clock.advance(300_000);
    // The base moves past everybody's approval too, in a file that one of them touches.
    await lab.push('main', { 'guests/nextcloud.yaml': (text) => text.replace('tags: [web]', 'tags: [web, public]') });
    await lab.merge(numbers['rebase'], { style: 'rebase' });
    await lab.merge(numbers['merge']);
    await lab.merge(numbers['squash'], { style: 'squash' });
    await lab.merge(numbers['one-field'], { style: 'squash' });
    await lab.merge(numbers['another-field']);
    events = await lab.run();
    records = await lab.records();
  }, 120_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  it.each(['merge', 'squash', 'rebase'])('verifies the one merged by %s', (style) => {
    const pullRequest = { mergedBy: 'maintainer', approvedBy: ['maintainer'] };
    expect(of(style)).toMatchObject({ outcome: 'verified', pullRequest });
  });

  it('makes one run of a rebase merge of three commits, with both values of the whole', () => {
    const values = { before: { memory: 2048, cores: 2 }, after: { memory: 3072, cores: 3 } };
    expect(of('rebase')?.steps).toMatchObject([{ target: 'home/lxc/204', ...values }]);
    expect(records.filter(({ outcome }) => outcome === 'verified')).toHaveLength(5);
  });

  it('lets two that change different fields of one guest both end', () => {
    expect(of('one-field')).toMatchObject({ outcome: 'verified', steps: [{ after: { cores: 4 } }] });
    expect(of('another-field')).toMatchObject({ outcome: 'verified', steps: [{ after: { swap: 1024 } }] });
  });

  it('applies them in the order of the default branch', () => {
    const applied = events.flatMap((line) => /^#(\d+) applied/.exec(line)?.[1] ?? []).map(Number);
    const order = ['rebase', 'merge', 'squash', 'one-field', 'another-field'];
    expect(applied).toEqual(order.map((story) => numbers[story]));
  });

  it('brings every value live, with one write for each', () => {
    const live = [lab.live(204), lab.live(204, 'cores'), lab.live(201), lab.live(202), lab.live(202, 'cores')];
    expect([...live, lab.live(200, 'cores'), lab.live(200, 'swap')]).toEqual([3072, 3, 5120, 5120, 3, 4, 1024]);
    expect(lab.writes()).toBe(5);
  });

  it('does not carry along what was pushed in between to the same file', () => {
    expect(of('merge')?.applied?.fields).toEqual({ 'home/lxc/201': ['memory'] });
  });

  it('leaves no plan, journal or lock behind', async () => {
    await lab.pusher.fetch();
    expect([...(await lab.pusher.refs('refs/gitmend')).keys()]).toEqual(['refs/gitmend/applied']);
  });

  it('says on the merge commit what became of it', async () => {
    const tip = (await lab.pusher.tip('refs/notes/gitmend')) ?? '';
    const merge = of('rebase')?.pullRequest?.merge ?? '';
    expect((await lab.pusher.tree(tip)).get(merge)).toBe(`gitmend: verified\nrun: ${of('rebase')?.run ?? ''}\n`);
  });
});

describe('a base that moved where a pull request touches it', () => {
  let lab: DeliverLab;
  let number: number;
  let conflicting: unknown;
  let headings: string[];

  beforeAll(async () => {
    lab = await deliverLab({ begin: shortWindow });
    number = await lab.propose('later', { 'guests/nextcloud.yaml': set('memory', 6144) });
    const first = await lab.propose('first', { 'guests/nextcloud.yaml': set('memory', 5120) });
    await lab.plan();
    headings = [await heading()];
    lab.clock.advance(300_000);
    await lab.merge(first);
    conflicting = await lab.merge(number).catch((error: unknown) => error);
    await lab.run();
    await lab.plan();
    headings.push(await heading());
    await mergeMainInto('later');
    await lab.plan();
    headings.push(await heading());
    lab.clock.advance(61_000);
    await lab.merge(number);
    await lab.run();
  }, 120_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  const heading = async () => /^### Plan .*$/m.exec((await lab.comments(number))[0]?.body ?? '')?.[0] ?? '';

  /** A person brings the default branch into theirs and settles the conflict for their own value. */
  async function mergeMainInto(branch: string): Promise<void> {
    const { pusher, clock } = lab;
    await pusher.fetch();
    const [ours = '', main = ''] = [await pusher.tip(`refs/heads/${branch}`), await pusher.tip('refs/heads/main')];
    const text = (await pusher.tree(ours)).get('guests/nextcloud.yaml') ?? '';
    const tree = await pusher.writeTree(main, new Map([['guests/nextcloud.yaml', text]]));
    const commit = await pusher.commit({ tree, parents: [ours, main], message: 'merge main\n', at: clock.now() });
    await pusher.push([{ ref: `refs/heads/${branch}`, from: ours, to: commit }]);
  }

  it('makes the forge refuse the merge', () => {
    expect(conflicting).toMatchObject({ code: 'FORGE_REFUSED' });
  });

  it('is said in the plan comment until somebody settles it, and then planned anew', () => {
    expect(headings).toEqual([
      expect.stringMatching(/: 1 change/),
      expect.stringMatching(/: refused, merging applies nothing$/),
      expect.stringMatching(/: 1 change/),
    ]);
  });

  it('is applied from what became live meanwhile', async () => {
    const steps = [{ before: { memory: 5120 }, after: { memory: 6144 } }];
    expect(await lab.record(number)).toMatchObject({ outcome: 'verified', steps });
    expect(lab.live(201)).toBe(6144);
  });
});
