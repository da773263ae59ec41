import { expect, it } from 'vitest';
import { memoryShort } from '../../simulators/pve/index.ts';
import { deliverLab } from '../support/deliver-lab.ts';

it('a proposal of which somebody deleted the branch is pushed again, and can be merged', async () => {
  const lab = await deliverLab({ trouble: memoryShort });
  try {
    await lab.heal();
    const { branch, head } = await lab.lab.forge.pullRequest(1);
    await lab.pusher.fetch();
    await lab.pusher.push([{ ref: `refs/heads/${branch}`, from: head, to: null }]);
    expect(await lab.heal()).toMatchObject([{ pullRequest: { number: 1, state: 'open' } }]);
    lab.clock.advance(120_000);
    expect(await lab.merge(1)).toMatchObject({ state: 'merged' });
    await lab.run();
    expect(await lab.record(1)).toMatchObject({ outcome: 'verified' });
  } finally {
    expect(await lab.close()).toEqual([]);
  }
});
