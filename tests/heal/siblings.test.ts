import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { webhook } from '../../demo/alertmanager.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import { parsePullRequest, signalsIn } from '../../src/records/pull-request.ts';
import { type DeliverLab, deliverLab } from '../support/deliver-lab.ts';

describe('two alerts about one fault', () => {
  let lab: DeliverLab;
  beforeEach(async () => {
    const alerts = { 'gitmend.yaml': (text: string) => `${text}\nalerts: { MemoryPressure: memory }\n` };
    lab = await deliverLab({ trouble: memoryShort, begin: alerts });
  });
  afterEach(async () => expect(await lab.close()).toEqual([]));

  const first = () => lab.lab.alert;
  const second = () => ({
    ...first(),
    labels: { ...first().labels, alertname: 'MemoryPressure' },
    fingerprint: 'b0b0b0b0b0b0b0b0',
  });
  const send = (...alerts: Parameters<typeof webhook>[0]) => lab.heal(webhook(alerts));
  const pull = () => lab.lab.forge.pullRequest(1);
  const names = async () => signalsIn((await pull()).body).map(({ name }) => name);

  it('are one pull request, which stays for as long as one of them fires', async () => {
    await send(first());
    await send(second());
    expect(await names()).toEqual(['LxcMemoryHigh', 'MemoryPressure']);
    await send({ ...first(), resolved: true });
    expect((await pull()).state).toBe('open');
    expect(parsePullRequest((await pull()).body)?.signal?.name).toBe('MemoryPressure');
    await send({ ...second(), resolved: true });
    expect(await pull()).toMatchObject({ state: 'closed', closedBy: 'gitmend' });
  });

  it('of which one has resolved in the same delivery leave the other one answered', async () => {
    await send(first(), second());
    expect(await names()).toEqual(['LxcMemoryHigh', 'MemoryPressure']);
    await send({ ...first(), resolved: true }, second());
    expect([(await pull()).state, await names()]).toEqual(['open', ['MemoryPressure']]);
  });

  it('are written down once, however often they repeat', async () => {
    await send(first());
    await send(second());
    const before = await pull();
    lab.clock.advance(60_000);
    await send(second(), first());
    expect(await pull()).toEqual(before);
  });
});
