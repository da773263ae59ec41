import { describe, expect, test } from 'vitest';
import { expectRefused, freshSetting, postgres, wanted } from '../contract/setting.ts';
import { localForge, type LocalForgeUnderTest } from './under-test.ts';

describe('a protected default branch', { timeout: 30_000 }, () => {
  const setting = freshSetting(localForge);
  const local = (): typeof setting.now & LocalForgeUnderTest => setting.now as typeof setting.now & LocalForgeUnderTest;

  test('refuses a merge with everything that is missing, and changes nothing', async () => {
    const { forge, clone, opened } = local();
    const { number, head } = await opened('fix', postgres('memory', 3072));
    const onto = await clone.tip('main');
    await forge.protect({ requiredStatuses: ['gitmend/plan', 'ci'], requiredApprovals: 2, styles: ['squash'] });
    await forge.ensureStatus(head, { context: 'ci', state: 'pending', description: '' });
    await expectRefused(
      forge.merge(number, { style: 'merge', head }),
      /^#1 is protected: status gitmend\/plan is not success; status ci is not success; 0 of 2 approvals of [0-9a-f]{7}; merge is not allowed, only squash$/,
    );
    expect(await clone.tip('main')).toBe(onto);
    expect(await forge.protection()).toEqual({
      requiredStatuses: ['gitmend/plan', 'ci'],
      requiredApprovals: 2,
      styles: ['squash'],
    });
  });

  test('lets it through once the statuses of the head are success', async () => {
    const { forge, clone, opened } = local();
    const { number, head } = await opened('fix', postgres('memory', 3072));
    await forge.protect({ requiredStatuses: ['ci'] });
    await forge.ensureStatus(head, { context: 'ci', state: 'success', description: '' });
    const next = await clone.push('fix', postgres('memory', 4096));
    await expectRefused(forge.merge(number, { style: 'merge', head: next }), /ci is not success/);
    await forge.ensureStatus(next, { context: 'ci', state: 'success', description: '' });
    expect((await forge.merge(number, { style: 'merge', head: next })).state).toBe('merged');
  });

  test('counts different people who approve the present head, each by their last word', async () => {
    const { forge, clone, opened, open } = local();
    const { number, head } = await opened('fix', postgres('memory', 3072));
    await forge.protect({ requiredApprovals: 2 });
    const [alice, bob] = [await open('alice'), await open('bob')];
    await alice.review(number, 'approved');
    await alice.review(number, 'approved');
    await expectRefused(forge.merge(number, { style: 'merge', head }), /1 of 2 approvals/);
    await bob.review(number, 'approved');
    await bob.review(number, 'changes-requested', 'too much');
    await expectRefused(forge.merge(number, { style: 'merge', head }), /1 of 2 approvals.*bob asked for changes/);
    await bob.review(number, 'approved');
    const next = await clone.push('fix', postgres('memory', 4096));
    await expectRefused(forge.merge(number, { style: 'merge', head: next }), /0 of 2 approvals/);
    for (const person of [alice, bob]) await person.review(number, 'approved');
    await bob.review(number, 'commented', 'nice');
    expect((await forge.merge(number, { style: 'merge', head: next })).state).toBe('merged');
  });

  test('does not count a dismissed approval, and a dismissed objection no longer blocks', async () => {
    const { forge, opened, open } = local();
    const { number, head } = await opened('fix', postgres('memory', 3072));
    await forge.protect({ requiredApprovals: 1 });
    const [alice, bob] = [await open('alice'), await open('bob')];
    const approval = await alice.review(number, 'approved');
    const objection = await bob.review(number, 'changes-requested');
    await alice.dismissReview(number, approval.id, 'too early');
    await expectRefused(forge.merge(number, { style: 'merge', head }), /0 of 1 approvals.*bob asked/);
    await alice.review(number, 'approved');
    await alice.dismissReview(number, objection.id, 'answered');
    expect((await forge.merge(number, { style: 'merge', head })).state).toBe('merged');
  });

  test('says nothing about other branches', async () => {
    const { forge, clone } = local();
    await forge.protect({ requiredApprovals: 1 });
    await clone.push('next', { 'next.txt': 'x\n' });
    const head = await clone.push('fix', { 'fix.txt': 'x\n' });
    const { number } = await forge.ensurePullRequest(wanted('fix', { base: 'next' }));
    const merged = await forge.merge(number, { style: 'merge', head });
    expect(merged.mergeCommit).toBe(await clone.tip('next'));
  });
});
