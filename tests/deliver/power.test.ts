import { describe, expect, it, onTestFinished } from 'vitest';
import { deliverLab, type DeliverLab, type Files, shortWindow } from '../support/deliver-lab.ts';
import { inProcessBot } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { agreed, planOf, showsPlan, writesIn } from '../terraform/real/deliver-lab.ts';

const declares = (started: boolean): Files => ({
  'guests/frigate.yaml': (text) => `${text.replace(/^started:.*\n/m, '').trimEnd()}\nstarted: ${started}\n`,
});

describe('a guest that is declared as stopped', () => {
  it('is shut down cleanly, verified as stopped, and started again by the opposite', async () => {
    const lab = await ready();
    const number = await agreed(lab, 'stop', declares(false), 'golden/stop-guest.md');
    expect(await lab.run()).toEqual(['#1 applied: frigate shut down', '#1 verified: frigate is stopped']);
    expect(statusOf(lab)).toBe('stopped');
    expect(await lab.record(number)).toMatchObject({
      outcome: 'verified',
      steps: [
        {
          ...{ action: 'shut it down cleanly, within 300 s', undo: 'start it' },
          ...{ before: { status: 'running' }, after: { status: 'stopped' } },
          effect: expect.stringMatching(/^UPID:.*vzshutdown/) as string,
        },
      ],
    });
    const back = await lab.propose('start', declares(true));
    await lab.plan(back);
    await showsPlan(lab, back, 'golden/start-guest.md');
    await lab.merge(back);
    expect(await lab.run()).toEqual(['#2 applied: frigate started', '#2 verified: frigate runs']);
    expect(writesIn(lab)).toEqual([
      'POST /nodes/pve1/lxc/202/status/shutdown',
      'POST /nodes/pve1/lxc/202/status/start',
    ]);
    expect(await lab.pass()).toMatchObject({ events: [], waiting: [] });
    expect([...(await lab.open()).keys()]).toEqual([]);
  });

  it('keeps running where it does not follow in time, and nothing is said to be done', async () => {
    const lab = await ready();
    lab.lab.pve.faults.inject({ fault: 'task-failure', message: 'got timeout', path: /shutdown$/ });
    await agreed(lab, 'stop', declares(false));
    expect((await lab.run())[0]).toMatch(/^#1 not-applied \(refused\): .*got timeout/);
    expect(statusOf(lab)).toBe('running');
    expect(writesIn(lab)).toHaveLength(1);
  });

  it('is shut down once, also where the runner was killed behind it', async () => {
    const lab = await ready();
    await agreed(lab, 'stop', declares(false));
    const bot = inProcessBot(lab.lab, lab.clock, computer());
    await bot.runKilled();
    const said = await bot.run();
    expect(said.split('\n').at(-1)).toBe('#1 verified: frigate is stopped');
    expect(writesIn(lab)).toHaveLength(1);
  });

  it('is not verified where somebody starts it again, and the way back declares that it runs', async () => {
    const lab = await ready();
    await agreed(lab, 'stop', declares(false));
    await lab.pass();
    Object.assign(lab.lab.pve.world.guests.get(202) ?? {}, { status: 'running' });
    expect((await lab.run()).find((line) => line.includes('verified'))).toMatch(/not-verified: frigate is running/);
    const back = (await lab.open()).get('revert');
    await lab.pusher.fetch();
    const text = (await lab.pusher.tree(back?.head ?? '')).get('guests/frigate.yaml');
    expect(text).toContain('started: true');
  });

  it('is resized as it is, and not looked for as running', async () => {
    const lab = await ready({ ...shortWindow, ...declares(false) }, 'stopped');
    await agreed(lab, 'more', { 'guests/frigate.yaml': (text) => text.replace('4096', '5120') });
    expect((await lab.run()).at(-1)).toMatch(/^#1 verified: frigate is stopped with memory 5120 MiB/);
  });

  it('that ran when gitmend saw it first is not applied, and not stopped', async () => {
    const lab = await ready({ ...shortWindow, ...declares(false) });
    await lab.plan();
    await lab.run();
    expect(writesIn(lab)).toEqual([]);
    expect((await lab.records())[0]?.message).toMatch(/^4 of 5 guests/);
  });
});

describe('a stopped guest whose file does not say whether it runs', () => {
  it('takes more memory, loses no way, and is verified as stopped as it was', async () => {
    const lab = await ready(shortWindow, 'stopped');
    const number = await lab.propose('grow', {
      'guests/frigate.yaml': (text) => text.replace(/memory: \d+/, 'memory: 5120'),
    });
    await lab.plan(number);
    // Not that it runs: it does not.
    expect(await planOf(lab, number)).toContain('verified when for 1 second it stays as declared.');
    await lab.merge(number);
    expect((await lab.run()).at(-1)).toBe('#1 verified: frigate is stopped with memory 5120 MiB');
    expect([...(await lab.open()).keys()]).toEqual([]);
  });
});

describe('the guest that carries the forge', () => {
  it('is not stopped, whoever approves', async () => {
    const lab = await ready();
    const number = await lab.propose('stop', {
      'guests/gitea.yaml': (text) => `${text}started: false\n`,
    });
    await lab.plan(number);
    await showsPlan(lab, number, 'golden/stop-refused.md');
  });
});

async function ready(begin: Files = shortWindow, status: 'running' | 'stopped' = 'running'): Promise<DeliverLab> {
  const lab = await deliverLab({ begin });
  onTestFinished(async () => {
    expect(await lab.close()).toEqual([]);
  });
  Object.assign(lab.lab.pve.world.guests.get(202) ?? {}, { status });
  return lab;
}

function statusOf(lab: DeliverLab): string | undefined {
  return lab.lab.pve.world.guests.get(202)?.status;
}
