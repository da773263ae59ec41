import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { homeTokens } from '../../simulators/pve/index.ts';
import { readApplied } from '../../src/ledger/applied.ts';
import { printGuestTarget } from '../../src/core/target.ts';
import { kindsFor } from '../../src/deliver/ways-out.ts';
import { readLive } from '../../src/deliver/truth.ts';
import type { PullRequest } from '../../src/forges/forge.ts';
import { cli } from '../support/deliver-cli.ts';
import { type DeliverLab, deliverLab, set, shortWindow } from '../support/deliver-lab.ts';

/** The open ways out by `kind name`: `insist postgres`. */
async function ways(lab: DeliverLab): Promise<Map<string, PullRequest>> {
  const own = (await lab.lab.forge.pullRequests({ state: 'open' })).filter(({ branch }) =>
    branch.startsWith('gitmend/'),
  );
  return new Map(own.map((pr) => [pr.branch.replace(/^gitmend\/([\w-]+)\/([a-z]+)-.*$/, '$1 $2'), pr]));
}

/** Runs what was merged, and then all the ways out that it was offered: those, and what came of them. */
async function mergedEachWay(lab: DeliverLab): Promise<[Map<string, PullRequest>, string[]]> {
  await lab.run();
  const offered = await ways(lab);
  lab.clock.advance(120_000);
  for (const { number } of offered.values()) await lab.merge(number);
  return [offered, await lab.run()];
}

async function appliedMemory(lab: DeliverLab, ...vmids: number[]) {
  await lab.pusher.fetch();
  const targets = (await readApplied(lab.pusher))?.value?.targets;
  return vmids.map((vmid) => targets?.[`home/lxc/${vmid}`]?.declaration.memory);
}

const status = (lab: DeliverLab) =>
  cli({ directory: lab.lab.clone, clock: lab.clock, env: { ...lab.lab.env.read, HOME: lab.lab.folder } }, 'status');

describe('an import that grew just before it was merged', () => {
  let lab: DeliverLab;
  const said: string[] = [];

  beforeAll(async () => {
    lab = await deliverLab({ begin: { ...shortWindow, 'guests/frigate.yaml': null } });
    await lab.run();
    const env = { GITMEND_STATE: lab.lab.env.read['GITMEND_STATE'] ?? '', GITMEND_PVE_READ: homeTokens.read };
    const imported = () => cli({ directory: lab.lab.clone, clock: lab.clock, env }, 'import');
    lab.setLive(200, { memory: 4096 });
    said.push((await imported()).out);
    lab.clock.advance(900_000);
    lab.setLive(204, { memory: 1024 });
    said.push((await imported()).out);
    lab.clock.advance(4000);
    await lab.merge(1);
    said.push(...(await lab.run()));
  }, 60_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  it('was planned twice, without a step, for two heads', () => {
    expect(said.slice(0, 2)).toEqual([
      expect.stringMatching(/#1 home: import 1 new guest, 1 changed\n#1 planned: no step/),
      expect.stringMatching(/#1 home: import 1 new guest, 2 changed\n#1 planned: no step/),
    ]);
  });

  it('counts: its guests are applied as they are, and nothing is written', async () => {
    expect(await lab.record(1)).toMatchObject({ outcome: 'verified', pullRequest: { number: 1 } });
    expect(await appliedMemory(lab, 200, 202, 204)).toEqual([4096, 4096, 1024]);
    expect(lab.writes()).toBe(0);
  });

  it('leaves no way out, and nothing for a person', async () => {
    expect([...(await ways(lab)).keys()]).toEqual([]);
    expect((await status(lab)).out).not.toContain('unapproved');
  });
});

describe('what nobody approved, and is live as it is declared', () => {
  let lab: DeliverLab;
  let merged: number;
  let unplanned: number;
  let offered: Map<string, PullRequest>;
  let events: string[];

  beforeAll(async () => {
    lab = await deliverLab({ begin: shortWindow });
    await lab.run();
    for (const vmid of [200, 201, 204]) lab.setLive(vmid, { memory: 6144 });
    const files = { 'guests/postgres.yaml': set('memory', 6144), 'guests/gitea.yaml': set('memory', 6144) };
    merged = await lab.propose('catch-up', files);
    unplanned = await lab.propose('unplanned', { 'guests/nextcloud.yaml': set('memory', 6144) });
    await lab.push('unplanned', { 'README.md': (text) => `${text}more\n` });
    await lab.plan(merged);
    lab.clock.advance(120_000);
    await lab.push('catch-up', { 'guests/gitea.yaml': (text) => `${text}# again\n` });
    await lab.plan(merged);
    lab.clock.advance(4000);
    // By a rebase its two commits land as such, and the forge knows the last of them alone.
    await lab.merge(unplanned, { style: 'rebase' });
    await lab.merge(merged);
    [offered, events] = await mergedEachWay(lab);
  }, 60_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  it('stops where a person pushed something else just before the merge', async () => {
    expect(await lab.record(merged)).toMatchObject({ outcome: 'not-applied', reason: 'plan-replaced' });
  });

  it('has one way out for each guest, which says that nothing is left but to approve it', () => {
    expect([...offered].map(([way, { title }]) => [way, title]).sort()).toEqual([
      ['insist gitea', 'gitea: approve memory 6144 MiB, as it is live already'],
      ['insist nextcloud', 'nextcloud: approve memory 6144 MiB, as it is live already'],
      ['insist postgres', 'postgres: approve memory 6144 MiB, as it is live already'],
    ]);
  });

  it('names the pull request that brought it, of each of its guests, whatever its record is about', () => {
    const opening = (way: string) => offered.get(way)?.body.split('\n')[0];
    for (const name of ['postgres', 'gitea'])
      expect(opening(`insist ${name}`)).toMatch(
        new RegExp(
          `is as #${merged} declares it, which does not count as approved, and nothing was touched: a different plan was shown until 4 s before the merge`,
        ),
      );
    expect(opening('insist nextcloud')).toMatch(
      new RegExp(`is as #${unplanned} declares it, .*: guests/nextcloud.yaml was changed .* by a merge that was no`),
    );
  });

  it('is said once on the pull request that stopped, guest by guest', async () => {
    const of = (name: string) => offered.get(`insist ${name}`)?.number;
    const bodies = (await lab.comments(merged)).map(({ body }) => body).join('\n');
    expect(bodies).toContain(`postgres: approve 6144, as it is live already (#${of('postgres')})`);
    expect(bodies).toContain(`gitea: approve 6144, as it is live already (#${of('gitea')})`);
  });

  it('can be taken back as well where a run may have made it so', async () => {
    await lab.read.repo.fetch();
    const head = await lab.read.declaredAt((await lab.read.repo.tip('refs/heads/main')) ?? '');
    const guest = [...head.guests.values()].find(({ name }) => name === 'postgres');
    if (guest === undefined) throw new Error('postgres is not declared');
    const target = printGuestTarget(guest);
    const live = await readLive(lab.read.engines(head), guest);
    const fields = ['memory' as const];
    const divergence = { target, guest, live, fields, applied: { ...guest, memory: 2048 }, unseen: false };
    const cause = { is: { pullRequest: merged }, why: '' };
    expect(kindsFor(divergence, { ...cause, untouched: true })).toEqual(['insist']);
    expect(kindsFor(divergence, { ...cause, untouched: false })).toEqual(['insist', 'undo']);
  });

  it('is settled by merging it, without any write', async () => {
    expect(events.filter((line) => line.startsWith('way out'))).toEqual([]);
    expect(await appliedMemory(lab, 200, 201, 204)).toEqual([6144, 6144, 6144]);
    expect([[...(await ways(lab)).keys()], lab.writes()]).toEqual([[], 0]);
    expect((await status(lab)).out).not.toContain('unapproved');
  });
});

describe('a node and a disk that nobody approved, and that are live as they are declared', () => {
  let lab: DeliverLab;
  let offered: Map<string, PullRequest>;
  let events: string[];

  beforeAll(async () => {
    lab = await deliverLab({ begin: shortWindow });
    await lab.run();
    const { nodes, guests } = lab.lab.pve.world;
    const pve1 = nodes.get('pve1');
    if (pve1 !== undefined) nodes.set('pve2', { ...pve1, name: 'pve2' });
    Object.assign(guests.get(203) ?? {}, { node: 'pve2' });
    Object.assign(guests.get(202)?.config ?? {}, { rootfs: 'local-lvm:vm-202-disk-0,size=48G' });
    const merged = await lab.propose('by-hand', {
      'guests/homeassistant.yaml': (text) => text.replace('node: pve1', 'node: pve2'),
      'guests/frigate.yaml': (text) => text.replace('size: 32', 'size: 48'),
    });
    await lab.merge(merged);
    [offered, events] = await mergedEachWay(lab);
  }, 60_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  it('have one way out each, which approves what is live', () => {
    expect([...offered].map(([way, { title }]) => [way, title]).sort()).toEqual([
      ['insist frigate', 'frigate: approve disk 48 GiB, as it is live already'],
      ['insist homeassistant', 'homeassistant: approve node pve2, as it is live already'],
    ]);
  });

  it('are settled by merging it, without any write', async () => {
    expect(events.filter((line) => line.startsWith('way out'))).toEqual([]);
    expect([[...(await ways(lab)).keys()], lab.writes()]).toEqual([[], 0]);
    expect((await status(lab)).out).not.toContain('unapproved');
    await lab.pusher.fetch();
    const targets = (await readApplied(lab.pusher))?.value?.targets;
    expect(targets?.['home/qemu/203']?.declaration.node).toBe('pve2');
    expect(targets?.['home/lxc/202']?.declaration.disk.size).toBe(48);
  });
});
