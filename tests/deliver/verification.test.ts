import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryShort, MiB } from '../../simulators/pve/index.ts';
import type { RunRecord } from '../../src/core/run.ts';
import { lookTimes, nextLook } from '../../src/deliver/looks.ts';
import { type DeliverLab, deliverLab, set } from '../support/deliver-lab.ts';

describe('the looks of a verification', () => {
  const look = (at: string) => ({ kind: 'look' as const, state: 'holds' as const, why: '', observed: {}, at });
  const from = Date.parse('2026-11-20T03:34:00Z');

  it.each([1, 2, 5, 7, 61, 100, 600, 3600])(
    'of a window of %i s are at whole seconds, the last at its end',
    (window) => {
      const times = lookTimes(window * 1000);
      expect(times.at(-1)).toBe(window * 1000);
      expect(times.every((time, index) => time % 1000 === 0 && time > (times[index - 1] ?? 0))).toBe(true);
      expect(times.length).toBeLessThanOrEqual(12);
    },
  );

  it('begin when a ten-second average has forgotten what was before', () => {
    expect(lookTimes(600_000)[0]).toBe(30_000);
    expect(lookTimes(0)).toEqual([0]);
  });

  it('are each made once, and go on past the end while they are asked for', () => {
    const until = from + 5000;
    const made: string[] = [];
    for (let round = 0; round < 7; round += 1) {
      const due = nextLook(from, until, made.map(look));
      made.push(new Date(due).toISOString().replace('.000', ''));
    }
    expect(made.map((at) => at.slice(17, 19))).toEqual(['02', '03', '04', '05', '06', '07', '08']);
  });
});

describe('what happens while a change is verified', () => {
  let lab: DeliverLab;
  const records: { [story: string]: RunRecord | undefined } = {};
  const comments: { [story: string]: string } = {};

  const merged = async (story: string, guest: string, memory = 5120, wait = 120_000) => {
    const number = await lab.propose(story.replace(' ', '-'), { [`guests/${guest}.yaml`]: set('memory', memory) });
    await lab.plan(number);
    lab.clock.advance(wait);
    await lab.merge(number);
    return number;
  };
  const ended = async (story: string, number: number) => {
    await lab.run();
    records[story] = await lab.record(number);
    comments[story] = (await lab.comments(number)).map(({ body }) => body).join('\n');
  };

  beforeAll(async () => {
    lab = await deliverLab();
    const { faults } = lab.lab.pve;
    const first = await merged('first', 'nextcloud');
    await lab.pass();
    const second = await merged('second', 'nextcloud', 6144, 0);
    await ended('second', second);
    records['first'] = await lab.record(first);
    const silent = await merged('silent', 'gitea');
    const { next } = await lab.pass();
    faults.inject({ fault: 'error-596', count: 10_000 });
    lab.clock.reach(next ?? 0);
    await ended('silent', silent);
    faults.clear();
    const blinking = await merged('blinking', 'postgres');
    lab.clock.reach((await lab.pass()).next ?? 0);
    faults.inject({ fault: 'error-596', count: 10_000 });
    lab.clock.reach((await lab.pass()).next ?? 0);
    faults.clear();
    await ended('blinking', blinking);
    const byHand = await merged('by hand', 'frigate');
    lab.clock.reach((await lab.pass()).next ?? 0);
    lab.setLive(202, { memory: 4608 });
    await ended('by hand', byHand);
  }, 180_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  it('ends as superseded when a later run changes the same field, and only the later one is verified', () => {
    const message = `#${records['second']?.pullRequest?.number ?? 0} changed the same thing before this was verified`;
    expect(records['first']).toMatchObject({ outcome: 'superseded', message, steps: [{ after: { memory: 5120 } }] });
    expect(records['second']).toMatchObject({
      outcome: 'verified',
      steps: [{ before: { memory: 5120 }, after: { memory: 6144 } }],
    });
    expect(lab.live(201)).toBe(6144);
  });

  it('ends as inconclusive when nobody could look: silence is never recovery, and never a reason to go back', () => {
    expect(records['silent']).toMatchObject({
      outcome: 'inconclusive',
      message: expect.stringMatching(/^PVE_FAILED: /) as string,
    });
    expect(records['silent']?.wayBack).toBeUndefined();
    expect(comments['silent']).toMatch(/\*\*Inconclusive\*\* .*What was applied stays/);
    expect(lab.live(204)).toBe(5120);
  });

  it('bears one look that could not be made', () => {
    expect(records['blinking']).toMatchObject({ outcome: 'verified', verification: { window: '5s', looks: 4 } });
  });

  it('ends as not verified when somebody changes it meanwhile, with what is live', () => {
    const message = expect.stringMatching(
      /what is live is no longer what was applied: memory 5120 → 4608 MiB/,
    ) as string;
    expect(records['by hand']).toMatchObject({ outcome: 'not-verified', message });
    expect(comments['by hand']).toContain('**Not verified**');
  });
});

describe('the alert of a verification', () => {
  const labs: DeliverLab[] = [];
  afterAll(async () => {
    for (const lab of labs) expect(await lab.close()).toEqual([]);
  });

  /** A proposal of heal, merged and about to be applied. */
  async function approved(): Promise<DeliverLab> {
    const lab = await deliverLab({ trouble: memoryShort });
    labs.push(lab);
    await lab.heal();
    lab.clock.advance(120_000);
    await lab.merge(1);
    return lab;
  }

  it('gives no credit when it resolved by itself before anything was applied', { timeout: 60_000 }, async () => {
    const lab = await approved();
    const guest = lab.lab.pve.world.guests.get(200);
    if (guest !== undefined) guest.load = { ...guest.load, anon: 800 * MiB, shared: 60 * MiB };
    await lab.run();
    const message = expect.stringMatching(/the alert had resolved .*before the apply: no credit$/) as string;
    expect(await lab.record(1)).toMatchObject({ outcome: 'inconclusive', message });
    expect(lab.live(200)).toBe(3072);
  });

  it(
    'makes it inconclusive when Alertmanager does not answer, however well the guest is',
    { timeout: 60_000 },
    async () => {
      const lab = await approved();
      await lab.pass();
      await lab.lab.alertmanager.close();
      await lab.run();
      const message = expect.stringMatching(/^whether the alert resolved is not known: Alertmanager at http/) as string;
      expect(await lab.record(1)).toMatchObject({ outcome: 'inconclusive', message });
    },
  );
});
