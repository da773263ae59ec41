import { expect, it } from 'vitest';
import { memoryShort } from '../../simulators/pve/index.ts';
import type { Forge } from '../../src/forges/forge.ts';
import { computer } from '../support/machines.ts';
import { deliverLab } from '../support/deliver-lab.ts';
import { openAs } from '../support/in-process.ts';

type Ensure = Forge['ensurePullRequest'];

it('who finds the branch pushed and no pull request yet lets whoever pushed it open it', async () => {
  const lab = await deliverLab({ trouble: memoryShort });
  try {
    const [pushed, mayOpen] = [gate(), gate()];
    const slow = await healer('slow', async (wanted, ensure) => {
      pushed.open();
      await mayOpen.opened;
      return ensure(wanted);
    });
    const openBefore: number[] = [];
    const quick = await healer('quick', async (wanted, ensure) => {
      openBefore.push((await lab.lab.forge.pullRequests({ state: 'open' })).length);
      return ensure(wanted);
    });
    const first = lab.heal(undefined, slow);
    await pushed.opened;
    // The quick one has read git after the push: only its first wait lets the slow one go on.
    const waits: number[] = [];
    const clock = {
      ...lab.clock,
      async sleep(milliseconds: number) {
        waits.push(milliseconds);
        mayOpen.open();
        await first;
      },
    };
    expect(await lab.heal(undefined, { ...quick, clock })).toMatchObject([{ pullRequest: { number: 1 } }]);
    expect(waits).toEqual([300]);
    expect(openBefore).toEqual([1]);
  } finally {
    expect(await lab.close()).toEqual([]);
  }

  async function healer(name: string, around: (wanted: Parameters<Ensure>[0], ensure: Ensure) => ReturnType<Ensure>) {
    const ground = await openAs(lab.lab, 'read', computer(name));
    delete ground.synthesize;
    const { forge } = ground;
    return {
      ...ground,
      forge: {
        ...forge,
        ensurePullRequest: (wanted: Parameters<Ensure>[0]) => around(wanted, (one) => forge.ensurePullRequest(one)),
      },
    };
  }
});

/** Something that others wait for. */
function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { opened: promise, open: () => resolve(undefined) };
}
