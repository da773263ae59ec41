import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Alert } from '../../demo/alertmanager.ts';
import { webhook } from '../../demo/alertmanager.ts';
import { memoryShort, MiB, type World } from '../../simulators/pve/index.ts';
import { readTruth } from '../../src/deliver/truth.ts';
import { promisedOn } from '../../src/heal/history.ts';
import { type DeliverLab, deliverLab, set } from '../support/deliver-lab.ts';

/** Three containers are as short of memory as postgres is. */
function threeShort(world: World, now: number): World {
  memoryShort(world, now);
  const postgres = world.guests.get(200);
  for (const [vmid, more] of [
    [201, 2048],
    [204, 0],
  ] as const) {
    const guest = world.guests.get(vmid);
    if (guest === undefined || postgres === undefined) continue;
    guest.load = { ...postgres.load, anon: postgres.load.anon + more * MiB };
    if (postgres.loadBefore) guest.loadBefore = { ...postgres.loadBefore, anon: postgres.loadBefore.anon + more * MiB };
    if (postgres.loadSince !== undefined) guest.loadSince = postgres.loadSince;
  }
  return world;
}

describe('proposals of heal within the limits of policy', () => {
  let lab: DeliverLab;
  const said: { [moment: string]: string[] } = {};
  let promised: number[];

  const alertFor = (vmid: number): Alert => ({
    ...lab.lab.alert,
    labels: { ...lab.lab.alert.labels, id: `lxc/${vmid}` },
    fingerprint: `00000000000${vmid}`,
  });
  const heal = async (...vmids: number[]) => {
    const healed = await lab.heal(webhook(vmids.map(alertFor)));
    return healed.map((one) => `${one.diagnosis.name} ${one.state === 'refused' ? one.refusal.reason : one.state}`);
  };

  beforeAll(async () => {
    lab = await deliverLab({
      trouble: threeShort,
      begin: {
        'gitmend.yaml': (text) =>
          `${text.replace('window: 5s', 'window: 1s')}limits: { openPullRequests: 1, perHour: 10 }\n`,
        'policies/guests.yaml': (text) =>
          `${text.replace('cooldown: 30m', 'cooldown: 30m\n    window: { from: "03:00", to: "05:00" }')}freezes:\n  - { name: holidays, from: 2026-12-24, to: 2027-01-02 }\n`,
        'guests/gitea.yaml': (text) => text.replace('tags: [git]', 'tags: [git, critical]'),
      },
    });
    said['together'] = await heal(200, 201, 204);
    const world = { ...lab.read, ...lab.read.engines((await readTruth(lab.read)).rules) };
    promised = [
      await promisedOn(world, 'pve1', 'home/lxc/201'),
      await promisedOn(world, 'pve1', 'home/lxc/200'),
      await promisedOn(world, 'pve2', 'home/lxc/201'),
    ];
    lab.clock.advance(120_000);
    await lab.merge(1);
    await lab.run();
    // More than the new size wants it again, and the alert fires on.
    const guest = lab.lab.pve.world.guests.get(200);
    if (guest !== undefined) guest.load = { ...guest.load, anon: 3000 * MiB };
    lab.lab.stubborn = true;
    said['just after a change'] = await heal(200);
    said['the same again'] = await heal(200);
    await lab.run();
    lab.clock.advance(31 * 60_000);
    said['after it came back'] = await heal(200);
    lab.clock.reach(Date.parse('2026-11-21T06:00:00Z'));
    said['outside the window'] = await heal(200);
    lab.clock.reach(Date.parse('2026-12-24T03:30:00Z'));
    said['in the holidays'] = await heal(200);
    const byHand = await lab.propose('by-hand', { 'guests/nextcloud.yaml': set('cores', 3) });
    const shown = (await lab.plan(byHand)).get(byHand);
    said['a person in the holidays'] = [
      shown?.state === 'shown' && shown.record.refusals.length === 0 ? 'planned' : 'refused',
    ];
  }, 180_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  it('are refused one by one, each with its own reason', () => {
    expect(said['together']).toEqual(['postgres opened', 'nextcloud too-many-open', 'gitea unreachable-level']);
  });

  it('count what open ones promise of the memory of a node, their own aside', () => {
    expect(promised).toEqual([1024 * MiB, 0, 0]);
  });

  it.each([
    ['just after a change', 'postgres cooldown'],
    ['the same again', 'postgres cooldown'],
    ['after it came back', 'postgres circuit-open'],
    ['outside the window', 'postgres outside-window'],
    ['in the holidays', 'postgres frozen'],
    ['a person in the holidays', 'planned'],
  ])('%s: %s', (moment, outcome) => {
    expect(said[moment]).toEqual([outcome]);
  });

  it('are recorded when refused, once while the reason stays the same', async () => {
    const refused = (await lab.records()).filter(({ outcome }) => outcome === 'report-only');
    expect(refused.map(({ name, reason }) => `${name ?? ''} ${reason ?? ''}`)).toEqual([
      'nextcloud too-many-open',
      'gitea unreachable-level',
      'postgres cooldown',
      'postgres circuit-open',
      'postgres outside-window',
      'postgres frozen',
    ]);
    expect(refused.every(({ message }) => (message ?? '').length > 20)).toBe(true);
  });

  it('open the circuit because the fault came back, which is recorded once', async () => {
    const outcomes = (await lab.records())
      .filter(({ pullRequest }) => pullRequest?.number === 1)
      .map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['verified', 'regressed']);
  });
});

describe('a repository without policies', () => {
  let lab: DeliverLab;
  let healed: string[];
  let plan: string;
  let number: number;

  beforeAll(async () => {
    const begin = { 'policies/guests.yaml': null, 'policies/repository.yaml': null };
    lab = await deliverLab({ trouble: memoryShort, begin });
    healed = (await lab.heal()).map((one) => (one.state === 'refused' ? one.refusal.message : one.state));
    number = await lab.propose('by-hand', { 'guests/nextcloud.yaml': set('memory', 5120) });
    await lab.plan();
    plan = (await lab.comments(number)).at(-1)?.body ?? '';
    lab.clock.advance(120_000);
    await lab.merge(number);
    await lab.run();
  }, 60_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  it('gets no proposal, and the reason', async () => {
    expect(healed).toEqual(['no policies are in force, so nothing is applied']);
    expect((await lab.records()).at(-1)).toMatchObject({ outcome: 'report-only', reason: 'no-policy' });
    expect((await lab.open()).has('resize-guest')).toBe(false);
  });

  it('gets nothing applied, whoever merges it', () => {
    expect(plan).toContain('**Refused** (`no-policy`): no policies are in force, so nothing is applied');
    expect([lab.live(201), lab.writes()]).toEqual([4096, 0]);
  });
});
