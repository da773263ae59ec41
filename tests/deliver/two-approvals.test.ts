import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeliverLab, deliverLab, set } from '../support/deliver-lab.ts';

describe('a guest that needs two people', () => {
  let lab: DeliverLab;
  let number: number;
  let alone: number;
  const statuses: { [moment: string]: string } = {};

  async function seen(moment: string): Promise<void> {
    await lab.plan(number);
    const { head } = await lab.lab.forge.pullRequest(number);
    const status = (await lab.lab.forge.statuses(head)).find(({ context }) => context === 'gitmend/policy');
    statuses[moment] = `${status?.state ?? ''}: ${status?.description ?? ''}`;
    lab.clock.advance(120_000);
  }

  beforeAll(async () => {
    lab = await deliverLab({
      begin: {
        'gitmend.yaml': (text) =>
          text.replace('window: 5s', 'window: 1s').replace('[maintainer]', '[maintainer, ann, ben]'),
        'guests/nextcloud.yaml': (text) => text.replace('tags: [web]', 'tags: [web, critical]'),
        'guests/frigate.yaml': (text) => text.replace('tags: [camera]', 'tags: [camera, critical]'),
      },
    });
    number = await lab.propose('more', { 'guests/nextcloud.yaml': set('memory', 5120) });
    // The tag that asks for two goes in the same pull request that it is asked for.
    alone = await lab.propose('less-critical', {
      'guests/frigate.yaml': (text) => set('memory', 5120)(text).replace('tags: [camera, critical]', 'tags: [camera]'),
    });
    await lab.plan(alone);
    await seen('before anybody looked');
    await (await lab.as('ann')).review(number, 'approved');
    await seen('after one approval');
    await lab.push('more', { 'guests/nextcloud.yaml': (text) => `${text}# said better\n` });
    await seen('after a new head with the same change');
    await lab.push('more', { 'guests/nextcloud.yaml': set('memory', 6144) });
    await seen('after another change');
    await (await lab.as('ann')).review(number, 'approved');
    await (await lab.as('ann')).review(number, 'changes-requested');
    await seen('after a change of mind');
    await (await lab.as('ann')).review(number, 'approved');
    await seen('after another one');
    await lab.merge(number, { by: 'ben' });
    await lab.merge(alone, { by: 'ben' });
    await lab.run();
  }, 120_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  it.each([
    ['before anybody looked', 'pending: 0 of 2 approvals, merging counts as one'],
    ['after one approval', 'success: 1 of 2 approvals, merging counts as one'],
    ['after a new head with the same change', 'success: 1 of 2 approvals, merging counts as one'],
    ['after another change', 'pending: 0 of 2 approvals, merging counts as one'],
    ['after a change of mind', 'pending: 0 of 2 approvals, merging counts as one'],
    ['after another one', 'success: 1 of 2 approvals, merging counts as one'],
  ])('shows in its status what counts %s', (moment, status) => {
    expect(statuses[moment]).toBe(status);
  });

  it('is changed when two of them, neither the author, have approved', async () => {
    const pullRequest = { approvedBy: ['ann', 'ben'], mergedBy: 'ben' };
    expect(await lab.record(number)).toMatchObject({ outcome: 'verified', pullRequest });
    expect(lab.live(201)).toBe(6144);
  });

  it('is not changed by one person who takes the tag away in the same merge', async () => {
    expect(await lab.record(alone)).toBeUndefined();
    expect(lab.live(202)).toBe(4096);
  });
});
