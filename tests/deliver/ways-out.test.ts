import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readApplied } from '../../src/ledger/applied.ts';
import type { PullRequest } from '../../src/forges/forge.ts';
import { type DeliverLab, deliverLab, set, shortWindow } from '../support/deliver-lab.ts';
import { readable } from '../terraform/real/deliver-lab.ts';

/** Ways out by `kind name`: `accept postgres`. */
async function ways(lab: DeliverLab, state: 'open' | 'all' = 'open'): Promise<Map<string, PullRequest>> {
  const all = await lab.lab.forge.pullRequests({ state });
  const own = all.filter(({ branch }) => branch.startsWith('gitmend/'));
  return new Map(own.map((pr) => [pr.branch.replace(/^gitmend\/([\w-]+)\/([a-z]+)-.*$/, '$1 $2'), pr]));
}

async function applied(lab: DeliverLab, vmid: number) {
  await lab.pusher.fetch();
  return (await readApplied(lab.pusher))?.value?.targets[`home/lxc/${vmid}`];
}

const guests = { postgres: 200, nextcloud: 201, frigate: 202, gitea: 204 } as const;

describe('changes that somebody made on the node between plan and merge', () => {
  let lab: DeliverLab;
  let offered: Map<string, PullRequest>;
  let plans: Map<string, string>;
  let shown: string[];
  let stops: number[];
  let mixed: number;
  let events: string[];

  beforeAll(async () => {
    lab = await deliverLab({ begin: shortWindow });
    stops = [];
    for (const name of Object.keys(guests))
      stops.push(await lab.propose(name, { [`guests/${name}.yaml`]: set('memory', 5120) }));
    await lab.plan();
    lab.clock.advance(120_000);
    for (const vmid of Object.values(guests)) lab.setLive(vmid, { memory: 6144 });
    for (const number of stops) await lab.merge(number);
    await lab.run();
    offered = await ways(lab);
    shown = [];
    for (const [way, { number }] of offered)
      if ((await lab.comments(number)).some(({ body }) => body.includes('<!-- gitmend:plan -->'))) shown.push(way);
    // Somebody builds on what nobody approved.
    mixed = await lab.propose('more', { 'guests/postgres.yaml': set('memory', 7168) });
    await lab.plan();
    plans = new Map();
    for (const [way, { number }] of offered) plans.set(way, (await lab.comments(number)).at(-1)?.body ?? '');
    plans.set('more', (await lab.comments(mixed)).at(-1)?.body ?? '');
    lab.clock.advance(120_000);
    for (const way of ['accept postgres', 'insist nextcloud', 'undo frigate'])
      await lab.merge(offered.get(way)?.number ?? 0);
    await lab.lab.forge.close(offered.get('accept gitea')?.number ?? 0, 'no');
    events = await lab.run();
    await lab.run();
  }, 180_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  it('stop every run with what moved, and touch nothing', async () => {
    const message = 'memory of postgres is 6144 MiB on pve1, no longer the 2048 MiB that this plan started from';
    expect(await lab.record(stops[0] ?? 0)).toMatchObject({
      outcome: 'not-applied',
      reason: 'stale',
      message,
      steps: [],
    });
    const records = await lab.records();
    expect(records.filter(({ reason }) => reason === 'stale')).toHaveLength(4);
  });

  it('lead to three ways out each, named in the comment of the stopped run', async () => {
    const names = Object.keys(guests).flatMap((name) => ['accept', 'insist', 'undo'].map((kind) => `${kind} ${name}`));
    expect([...offered.keys()].sort()).toEqual(names.sort());
    const said = (await lab.comments(stops[0] ?? 0)).map(({ body }) => body).join('\n');
    const [accept, insist, undo] = ['accept', 'insist', 'undo'].map(
      (kind) => offered.get(`${kind} postgres`)?.number ?? 0,
    );
    expect(said).toContain(
      `Choose: keep 6144 (#${accept}), insist on 5120, with its own plan (#${insist}), or undo this merge (#${undo}).`,
    );
  });

  it('are shown with their plans by whoever offers them, so that merging one at once approves it', () => {
    expect(shown).toEqual([...offered.keys()]);
  });

  it('leave keeping with no step, and insisting with the step from what is live', async () => {
    expect(plans.get('accept postgres')).toContain('Merging makes the declaration catch up with what is live.');
    await expect(readable(plans.get('insist nextcloud') ?? '')).toMatchFileSnapshot('golden/insist.md');
    // Back to the declaration of before is not back to what was live before: nobody approved that.
    await expect(readable(plans.get('undo frigate') ?? '')).toMatchFileSnapshot('golden/undo.md');
  });

  it('make a pull request that builds on them refused until one way is taken', async () => {
    await expect(readable(plans.get('more') ?? '')).toMatchFileSnapshot('golden/refused-base.md');
  });

  it('end with the way that was merged: kept, insisted on, taken back', async () => {
    const outcomes = ['accept postgres', 'insist nextcloud', 'undo frigate'].map(
      async (way) => (await lab.record(offered.get(way)?.number ?? 0))?.outcome,
    );
    expect(await Promise.all(outcomes)).toEqual(['verified', 'verified', 'verified']);
    expect([lab.live(200), lab.live(201), lab.live(202), lab.live(204)]).toEqual([6144, 5120, 6144, 6144]);
  });

  it('move the pointer to what each way declares', async () => {
    const memory = async (vmid: number) => (await applied(lab, vmid))?.declaration.memory;
    expect([await memory(200), await memory(201), await memory(202), await memory(204)]).toEqual([
      6144, 5120, 4096, 2048,
    ]);
  });

  it('close the other ways once one is taken, and say why', async () => {
    const all = await ways(lab, 'all');
    const closed = [...all].filter(([, { state }]) => state === 'closed').map(([way]) => way);
    const names = ['postgres', 'nextcloud', 'frigate'].flatMap((name) =>
      ['accept', 'insist', 'undo'].map((kind) => `${kind} ${name}`),
    );
    const taken = ['accept postgres', 'insist nextcloud', 'undo frigate'];
    expect(closed.sort()).toEqual([...names.filter((way) => !taken.includes(way)), 'accept gitea'].sort());
    const other = all.get('undo postgres')?.number ?? 0;
    expect(all.get('undo postgres')?.closedBy).toBe('gitmend');
    expect((await lab.comments(other)).at(-1)?.body).toContain('this is settled, another way was taken');
  });

  it('do not come back with a way that a person declined', async () => {
    expect([...(await ways(lab)).keys()].sort()).toEqual(['insist gitea', 'undo gitea']);
    expect(events.filter((line) => line.startsWith('way out: keep'))).toEqual([]);
  });
});
