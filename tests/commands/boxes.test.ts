import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryShort, MiB } from '../../simulators/pve/index.ts';
import { boardRef, readBoardNotes } from '../../src/ledger/board.ts';
import { dashboardPass } from '../../src/pipeline/dashboard.ts';
import { openAs } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { set } from '../support/deliver-lab.ts';
import { begin, bothShort, healOf, onBoard } from './boards.ts';
import { type CommandLab, commandLab, rememberedCursors } from './setting.ts';

describe('boxes about proposals', () => {
  let lab: CommandLab;
  let board: ReturnType<typeof onBoard>;
  const heal = (vmid: number) => healOf(lab, vmid);
  const proposalOf = async (name: string) =>
    (await lab.lab.forge.pullRequests({ state: 'open' })).find(({ title }) => title.startsWith(name));
  /** The box of that deed on the dashboard. */
  const boxOf = async (deed: string) => new RegExp(`${deed}/[0-9a-f]+`).exec(await board.body())?.[0] ?? `no ${deed}`;

  beforeAll(async () => {
    lab = await commandLab({ trouble: bothShort, begin });
    board = onBoard(lab);
    // One that resolved before: it says nothing of the limit after it.
    expect(await heal(200)).toEqual(['opened']);
    await healOf(lab, 200, true);
    lab.clock.advance(60_000);
    expect(await heal(201)).toEqual(['opened']);
    expect(await heal(200)).toEqual(['too-many-open']);
  });
  afterAll(async () => expect(await lab.close()).toEqual([]));

  test('what the limit holds back is opened beside it, once, and is counted', async () => {
    const box = await boxOf('open');
    expect((await board.issue()).title).toBe('gitmend: 1 open, 1 limited');
    await board.tick(box);
    expect(await board.did()).toEqual([box]);
    const opened = await proposalOf('postgres');
    expect(opened?.body).toContain('"kind":"heal"');
    const { title, body } = await board.issue();
    expect(title).toBe('gitmend: 2 open');
    expect(body).toContain(`opened: #&#8203;${opened?.number ?? 0} for postgres`);
    expect(body).not.toContain('[x]');
    // It is not offered any more: written by hand it does nothing, and the same alert finds the one that is open.
    await board.forge(`- [x] <!-- gitmend:box ${box} -->`);
    expect(await board.did()).toEqual([]);
    expect(await heal(200)).toEqual(['unchanged']);
    expect(await lab.lab.forge.pullRequests({ state: 'all' })).toHaveLength(3);
  });

  test('a proposal is snoozed for a day, and the line says which box ends that', async () => {
    const { number = 0 } = (await proposalOf('postgres')) ?? {};
    await board.tick(`snooze/${number}`);
    expect(await board.did()).toEqual([`snooze/${number}`]);
    expect((await lab.lab.forge.pullRequest(number)).state).toBe('closed');
    expect((await board.issue()).title).toBe('gitmend: 1 open, 1 snoozed');
    expect((await board.issue()).body).toContain(`by a box of the dashboard until 2026-11-21`);
    expect(await heal(200)).toEqual(['snoozed']);
    expect(await lab.ask(number, '/status')).toContain('a box of the dashboard snoozed it');
  });

  test('the end of a snooze looks at once, steps over no limit, and holds on every replica', async () => {
    const before = await lab.lab.forge.pullRequests({ state: 'closed' });
    const { number = 0 } = before.at(-1) ?? {};
    await board.tick(`wake/${number}`);
    expect(await board.did()).toEqual([`wake/${number}`]);
    expect((await board.issue()).title).toBe('gitmend: 1 open, 1 limited');
    expect(await lab.ask(number, '/status')).not.toContain('snoozed it');
    const replica = await openAs(lab.lab, 'read', computer());
    delete replica.synthesize;
    expect(await dashboardPass(replica, { cursors: rememberedCursors() })).toMatchObject({ did: [] });
    expect((await board.issue()).title).toBe('gitmend: 1 open, 1 limited');
    await lab.merge((await proposalOf('nextcloud'))?.number ?? 0);
    expect(await heal(200)).toEqual(['opened']);
  });

  test('a snooze whose alert does not fire any more ends, and nothing is proposed', async () => {
    const { number = 0 } = (await proposalOf('postgres')) ?? {};
    await board.body();
    await board.tick(`snooze/${number}`);
    await board.did();
    const guest = lab.lab.pve.world.guests.get(200);
    const load = guest?.load;
    if (guest !== undefined && load !== undefined) guest.load = { ...load, anon: 300 * MiB };
    await board.tick(`wake/${number}`);
    expect(await board.did()).toEqual([`wake/${number}`]);
    expect((await board.issue()).body).toContain(`#${number} 2026`);
    expect((await board.issue()).body).toContain('its alert does not fire any more');
    expect(await proposalOf('postgres')).toBeUndefined();
    if (guest !== undefined && load !== undefined) guest.load = load;
  });

  test('what a person committed to is theirs: no box closes it', async () => {
    expect(await heal(200)).toEqual(['opened']);
    const pr = await proposalOf('postgres');
    await lab.push(pr?.branch ?? '', { 'guests/postgres.yaml': set('swap', 1024) });
    await board.body();
    await board.tick(`snooze/${pr?.number ?? 0}`);
    expect(await board.did()).toEqual([`snooze/${pr?.number ?? 0}`]);
    expect((await board.issue()).body).toContain('a person has committed to it');
    expect((await proposalOf('postgres'))?.number).toBe(pr?.number);
    await (await lab.as('maintainer')).close(pr?.number ?? 0, 'no');
  });

  test('a person’s no has no box, and none steps over it', async () => {
    lab.clock.advance(3_600_000);
    expect(await heal(200)).toEqual(['declined']);
    expect((await board.body()).match(/gitmend:box (?!observe)\w+/g) ?? []).toEqual([]);
  });
});

describe('boxes about what was merged', () => {
  let lab: CommandLab;
  let board: ReturnType<typeof onBoard>;
  let number = 0;

  beforeAll(async () => {
    lab = await commandLab({ trouble: memoryShort, begin });
    board = onBoard(lab);
    await lab.heal();
    number = (await lab.open()).get('resize-guest')?.number ?? 0;
    lab.clock.advance(120_000);
    await lab.merge(number);
  });
  afterAll(async () => expect(await lab.close()).toEqual([]));

  const journals = async () => {
    await lab.pusher.fetch();
    return [...(await lab.pusher.refs('refs/gitmend/runs/'))];
  };
  const observed = async () => {
    await board.body();
    const writes = lab.writes();
    const before = await journals();
    await board.tick(`observe/${number}`);
    expect(await board.did()).toEqual([`observe/${number}`]);
    // It reads, and writes nothing: neither to Proxmox VE nor to the run.
    expect(lab.writes()).toBe(writes);
    expect(await journals()).toEqual(before);
    return (await board.issue()).body;
  };

  test('one that waits is looked at, and is not applied by that', async () => {
    expect(await observed()).toMatch(/2026-11-20 03:\d\dZ: not applied yet; it is not as it should be: .*memory/);
    expect((await board.issue()).title).toBe('gitmend: 1 waiting');
    expect(lab.live(200)).toBe(2048);
  });

  test('one that is being verified is looked at between its looks, and ends no earlier', async () => {
    lab.lab.stubborn = true;
    const { next } = await lab.pass();
    lab.clock.advance(3_000);
    const body = await observed();
    expect(body).toMatch(/verifying until .*\n {2}- 2026-11-20 03:\d\dZ: it (is|cannot).*; its alert fires\n/);
    expect((await lab.pass()).next).toBeGreaterThanOrEqual(next ?? Infinity);
  });

  test('one that did not go through is looked at by reading', async () => {
    await lab.run();
    expect((await lab.record(number))?.outcome).toBe('not-verified');
    lab.lab.stubborn = false;
    lab.clock.advance(60_000);
    expect(await observed()).toMatch(/: it is as it should be: .*; its alert does not fire\n/);
    expect((await lab.record(number))?.outcome).toBe('not-verified');
  });

  test('what somebody has seen is listed no more: not after a restart, nor elsewhere', async () => {
    await board.tick(`seen/${number}`);
    expect(await board.did()).toEqual([`seen/${number}`]);
    expect((await board.issue()).title).not.toContain('failed');
    lab.cursors.values.clear();
    const replica = await openAs(lab.lab, 'read', computer());
    delete replica.synthesize;
    await dashboardPass(replica, { cursors: lab.cursors });
    expect((await board.issue()).title).not.toContain('failed');
    // Whoever deletes the memory has it listed again, and the record was never touched.
    const tip = (await lab.pusher.tip(boardRef)) ?? '';
    await lab.pusher.fetch();
    expect(await lab.pusher.push([{ ref: boardRef, from: (await lab.pusher.tip(boardRef)) ?? tip, to: null }])).toBe(
      true,
    );
    expect(await board.body()).toContain('not-verified');
    expect((await readBoardNotes(lab.read.repo)).seen).toEqual({});
  });
});
