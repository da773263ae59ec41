import { expect, it } from 'vitest';
import { webhook } from '../../demo/alertmanager.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import { deliverLab } from '../support/deliver-lab.ts';

it('an alert that resolves while its run is verified, or after it, leaves no record beside that of the run', async () => {
  const lab = await deliverLab({ trouble: memoryShort });
  try {
    await lab.heal();
    lab.clock.advance(120_000);
    await lab.merge(1);
    await lab.pass();
    const resolved = webhook([{ ...lab.lab.alert, resolved: true }]);
    expect(await lab.heal(resolved)).toMatchObject([{ state: 'noted', recorded: false }]);
    await lab.run();
    expect(await lab.heal(resolved)).toMatchObject([{ state: 'noted', recorded: false }]);
    expect((await lab.records()).map(({ outcome }) => outcome)).toEqual(['adopted', 'verified']);
  } finally {
    expect(await lab.close()).toEqual([]);
  }
});
