import { describe, expect, test } from 'vitest';
import { freshSetting } from '../contract/setting.ts';
import { inProcess } from './processes.ts';
import { localForge, type LocalForgeUnderTest } from './under-test.ts';

describe('several processes at once', { timeout: 30_000 }, () => {
  const setting = freshSetting(localForge);

  test('open one pull request per branch and lose no comment', { timeout: 60_000 }, async () => {
    const { forge, clone, folder } = setting.now as typeof setting.now & LocalForgeUnderTest;
    for (const branch of ['one', 'two']) await clone.push(branch, { [`${branch}.txt`]: 'x\n' });
    const turns = 5;
    const accounts = ['runner', 'heal', 'alice'];
    const ended = await Promise.all(
      accounts.map((account) => inProcess(folder, account, { kind: 'busy', branches: ['one', 'two'], turns })),
    );
    expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual(accounts.map(() => [0, '']));
    const pulls = await forge.pullRequests({ state: 'all' });
    expect(pulls.map((pull) => pull.branch).sort()).toEqual(['one', 'two']);
    for (const { number } of pulls) {
      const bodies = (await forge.comments(number)).map((comment) => comment.body);
      const own = bodies.filter((body) => !body.startsWith('<!--'));
      const expected = accounts.flatMap((account) => [0, 1, 2, 3, 4].map((turn) => `${account} ${turn}`));
      expect([...own].sort()).toEqual([...expected].sort());
      expect(bodies.filter((body) => body.startsWith('<!--'))).toEqual(
        accounts.map(() => `<!-- gitmend:plan -->\nturn ${turns - 1}`),
      );
    }
  });

  test('merge the same pull requests once each, whoever is first', { timeout: 60_000 }, async () => {
    const { forge, clone, folder, opened } = setting.now as typeof setting.now & LocalForgeUnderTest;
    const names = ['a', 'b', 'c', 'd'];
    const numbers: number[] = [];
    for (const name of names) numbers.push((await opened(name, { [`${name}.txt`]: 'x\n' })).number);
    const begun = await clone.tip('main');
    const orders = [numbers, [...numbers].reverse()];
    const ended = await Promise.all(
      orders.map((order, index) => inProcess(folder, `runner-${index}`, { kind: 'merge-all', numbers: order })),
    );
    expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual(orders.map(() => [0, '']));
    const pulls = await forge.pullRequests({ state: 'merged' });
    expect(pulls.map((pull) => pull.number)).toEqual(numbers);
    const tip = await clone.tip('main');
    expect(Object.keys(await clone.files(tip))).toEqual(expect.arrayContaining(names.map((name) => `${name}.txt`)));
    const firstParents = (await clone.git('rev-list', '--first-parent', `${begun}..${tip}`)).trim().split('\n');
    expect([...firstParents].sort()).toEqual(pulls.map((pull) => pull.mergeCommit ?? '').sort());
  });
});
