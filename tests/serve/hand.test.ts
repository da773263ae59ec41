import { describe, expect, it, onTestFinished } from 'vitest';
import { webhook } from '../../demo/alertmanager.ts';
import { openHand } from '../../src/serve/hand.ts';
import { openMetrics } from '../../src/serve/metrics.ts';
import { doorLab, setupOf } from './served.ts';

describe('the thread of a storm', () => {
  it('heals with a mirror and a forge of its own, says what it wrote, and tells a coded error as one', async () => {
    const lab = await doorLab();
    const setup = setupOf(lab);
    const metrics = openMetrics();
    const logged: string[] = [];
    const { directory, account, env } = setup;
    const hand = openHand({ directory, account, env }, { metrics, log: (event) => logged.push(event) });
    onTestFinished(() => hand.stop());
    const [healed] = await hand.heal([webhook([{ ...lab.alert, resolved: false }])]);
    expect(healed).toMatchObject({ state: 'opened', pullRequest: { number: 1 } });
    expect((await lab.forge.pullRequests({ state: 'open' })).map(({ title }) => title)).toEqual([
      'postgres: memory 2048 → 3072 MiB',
    ]);
    expect((await metrics.print()).text).toContain(
      'gitmend_forge_writes_total{intent="ensurePullRequest",result="done"} 1',
    );
    await expect(hand.heal(['{}'])).rejects.toMatchObject({ code: 'SIGNAL_INVALID' });
    await hand.stop();
    await expect(hand.heal(['{}'])).rejects.toThrow('the thread that heals has ended');
  });
});
