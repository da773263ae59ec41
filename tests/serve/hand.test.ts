import { readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { webhook } from '../../demo/alertmanager.ts';
import { isGitmendError } from '../../src/core/errors.ts';
import { openHand } from '../../src/serve/hand.ts';
import { openMetrics } from '../../src/serve/metrics.ts';
import { doorLab, setupOf } from './served.ts';

/** Of every thread of this process: the 19th field of its stat. */
function niceness(): number[] {
  const stats = readdirSync('/proc/self/task').map((task) => readFileSync(`/proc/self/task/${task}/stat`, 'utf8'));
  return stats.map((stat) => Number(stat.replace(/^.*\) /, '').split(' ')[16]));
}

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
    expect(logged).toContain('planned');
    expect(logged).not.toContain('storm-thread-not-nicer');
    if (process.platform === 'linux') expect(niceness()).toContain(Math.min(getPriority() + 5, 19));
    await hand.stop();
    await expect(hand.heal(['{}'])).rejects.toThrow('the thread that heals has ended');
  });

  it('is of no use while it cannot open what it needs, and is of use again once it can', async () => {
    const lab = await doorLab();
    const { directory, account, env } = setupOf(lab);
    const hand = openHand({ directory, account, env }, { metrics: openMetrics(), log: () => undefined });
    onTestFinished(() => hand.stop());
    const file = join(lab.clone, 'gitmend.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, 'no: configuration\n');
    const refused = await hand.heal(['{}']).catch((error: unknown) => error);
    expect(isGitmendError(refused)).toBe(false);
    expect(String(refused)).toContain('gitmend.yaml');
    await writeFile(file, text);
    await expect(hand.heal(['{}'])).rejects.toMatchObject({ code: 'SIGNAL_INVALID' });
  });
});
