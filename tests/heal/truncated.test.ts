import { expect, it } from 'vitest';
import { webhook } from '../../demo/alertmanager.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import { healDelivery } from '../../src/pipeline/heal.ts';
import { deliverLab } from '../support/deliver-lab.ts';

it('a group of which Alertmanager left alerts out is looked at with them', async () => {
  const lab = await deliverLab({ trouble: memoryShort });
  try {
    const whole = webhook([lab.lab.alert]);
    const cut = JSON.stringify({ ...(JSON.parse(webhook([])) as object), status: 'firing', truncatedAlerts: 1 });
    const asked: string[] = [];
    const complete = async (payload: string) => {
      asked.push(payload);
      return whole;
    };
    const { read } = lab;
    const ground = {
      ...read,
      engines: (rules: Parameters<typeof read.engines>[0]) => ({ ...read.engines(rules), complete }),
    };
    expect(await lab.heal(cut, ground)).toMatchObject([{ state: 'opened', pullRequest: { number: 1 } }]);
    expect(asked).toEqual([cut]);
    await lab.heal(whole, ground);
    expect(asked).toHaveLength(1);
    // Beside another group it is asked for by its own labels still.
    const other = webhook([{ ...lab.lab.alert, resolved: true }]);
    await healDelivery(ground, [cut, other]);
    expect(asked).toEqual([cut, cut]);
  } finally {
    expect(await lab.close()).toEqual([]);
  }
});
