import { describe, expect, it } from 'vitest';
import { falseAlarm, homeTokens, leaking, memoryShort, noHeadroom, type World } from '../../../simulators/pve/index.ts';
import { listGuests, proxmoxClient } from '../../../src/clients/proxmox/index.ts';
import type { Diagnosis } from '../../../src/core/diagnosis.ts';
import { memoryDiagnoser } from '../../../src/diagnosers/memory/index.ts';
import { evidenceSources, gatherEvidence, proxmoxReads } from '../../../src/evidence/index.ts';
import { collapse, identify } from '../../../src/inventory/index.ts';
import { doors } from '../../../src/signals/index.ts';
import { pveLab } from '../../support/pve-lab.ts';
import { payload } from '../../signals/alertmanager/payload.ts';

/** From the webhook to the diagnosis, over the real client, against the stand-in for Proxmox VE. */
async function diagnose(world: (world: World, now: number) => World): Promise<Diagnosis> {
  const pve = await pveLab({ world });
  const clock = { now: pve.now, sleep: async () => undefined };
  const client = proxmoxClient({
    cluster: 'home',
    endpoint: pve.endpoint,
    token: homeTokens.read,
    ca: pve.caPem,
    clock,
  });
  const read = doors.alertmanager.read(payload());
  if (!read.ok) throw new Error(read.problems.join('; '));
  const live = (await listGuests(client)).map((guest) => ({ ...guest, cluster: 'home' }));
  const postgres = live.find(({ vmid }) => vmid === 200);
  const declared = {
    ...{
      cluster: 'home',
      type: 'lxc' as const,
      vmid: 200,
      name: postgres?.name ?? '',
      node: 'pve1',
      file: 'guests/postgres.yaml',
    },
    ...{ cores: 2, memory: 2048, disk: { storage: 'l', size: 8 }, network: { bridge: 'b' }, tags: [], carries: [] },
  };
  const clusters = [{ name: 'home', endpoint: pve.endpoint, read: { env: 'X' }, exporters: [] }];
  const inventory = { clusters, live, declared: [{ guest: declared, line: 5 }] };
  const { signals } = doors.alertmanager.signals(read.delivery, {});
  const [only] = collapse(signals.map((signal) => ({ signal, identity: identify(signal, inventory) })));
  if (only?.identity.ok !== true) throw new Error('not identified');
  const source = evidenceSources.proxmox(() => proxmoxReads(client), clock);
  const { facts, gaps } = await gatherEvidence(memoryDiagnoser.needs(only.signal, only.identity), [source], { clock });
  const limits = { overcommit: 1, promisedByOpenProposals: 0 };
  return memoryDiagnoser.decide({ ...only.identity, signal: only.signal, facts, gaps, limits, now: clock.now() });
}

describe('against the stand-in for Proxmox VE', () => {
  it('a container out of memory gets the value of the example', async () => {
    const diagnosis = await diagnose(memoryShort);
    expect(diagnosis).toMatchObject({
      outcome: 'proposed',
      parameters: { memory: 3072 },
      basis: { window: '14 days', points: 672 },
    });
    expect(diagnosis.considered).toContainEqual({ cause: 'leak', verdict: 'no: both weeks are flat' });
    expect(diagnosis.summary).toBe(
      'has been out of memory for 22 minutes: 96 % of 2048 MiB in use without cache, 500 MiB swapped out, tasks stalled on memory 31 % of the time.',
    );
  });

  it('a false alarm changes nothing', async () => {
    expect(await diagnose(falseAlarm)).toMatchObject({ outcome: 'no-change', rule: 'contradicted' });
  });

  it('a node without room is reported', async () => {
    expect(await diagnose(noHeadroom)).toMatchObject({ outcome: 'report-only', rule: 'no-headroom' });
  });

  it('a leak is reported', async () => {
    expect(await diagnose(leaking)).toMatchObject({ outcome: 'report-only', rule: 'leak-growth' });
  });
});
