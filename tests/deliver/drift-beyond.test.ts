import { afterEach, describe, expect, it } from 'vitest';
import { linesOf } from '../../src/cli/drift.ts';
import type { DeclaredGuest } from '../../src/core/declared-guest.ts';
import { lookForDrift } from '../../src/deliver/drift-look.ts';
import { readTruth, type Truth } from '../../src/deliver/truth.ts';
import { readDrifts } from '../../src/ledger/drift.ts';
import { driftPass } from '../../src/pipeline/drift.ts';
import { type DriftLab, driftLab, minutes, withRules } from './drift-setting.ts';

let lab: DriftLab;
afterEach(async () => expect(await lab.close()).toEqual([]));

describe('what gitmend cannot propose', () => {
  it('is listed and not guessed: a guest that is called otherwise, or has what no file can say', async () => {
    lab = await driftLab();
    await lab.look();
    const { guests } = lab.lab.pve.world;
    const [postgres, nextcloud] = [guests.get(200), guests.get(201)];
    if (postgres === undefined || nextcloud === undefined) throw new Error('no guests');
    postgres.config['hostname'] = 'mysql';
    postgres.config['memory'] = 8192;
    nextcloud.config['rootfs'] = String(nextcloud.config['rootfs']).replace(/size=\d+G/, 'size=8704M');
    delete nextcloud.config['net0'];
    await lab.look();
    const said = await lab.look();
    expect(said).toEqual([
      'beyond      nextcloud (lxc/201 on pve1) has a first disk of 8.5 GiB on local-lvm, which is not whole; gitmend proposes nothing',
      'beyond      nextcloud (lxc/201 on pve1) has no first network card on a bridge; gitmend proposes nothing',
      'beyond      postgres (lxc/200 on pve1) is called mysql on pve1; gitmend proposes nothing',
    ]);
    expect(await lab.drifts('all')).toEqual([]);
  });

  it('is said where a guest cannot be looked at, and ends nothing', async () => {
    lab = await driftLab();
    const { number } = await lab.drifted();
    lab.lab.pve.faults.inject({ fault: 'error-500', path: /\/lxc\/200\/config$/, count: 9 });
    const pass = await driftPass(lab.read);
    expect(pass.failed).toBe(true);
    expect(linesOf(pass)[0]).toMatch(/^unseen {6}postgres could not be looked at: PVE_/);
    expect((await lab.lab.forge.pullRequest(number)).state).toBe('open');
    // Nor does its time begin anew.
    lab.lab.pve.faults.clear();
    expect((await lab.look(0))[0]).toMatch(/^unchanged/);
  });

  it('a cluster that does not answer is asked once', async () => {
    lab = await driftLab();
    const { requests, faults } = lab.lab.pve;
    const before = requests.length;
    for (const fault of ['reset-before'] as const) faults.inject({ fault, count: 50 });
    const { failed, lines } = await driftPass(lab.read);
    expect([failed, lines.map(({ word }) => word)]).toEqual([true, Array.from({ length: 5 }, () => 'unseen')]);
    expect(requests.length - before).toBeLessThan(5);
    faults.clear();
  });
});

describe('what is seen', () => {
  it('is kept in git, so any machine may make the second look; who forges it only hastens or delays it', async () => {
    lab = await driftLab();
    lab.setLive(200, { memory: 4096 });
    await lab.look();
    await lab.pusher.fetch();
    const { tip, seen } = await readDrifts(lab.pusher);
    expect(seen).toEqual({
      'home/lxc/200': {
        name: 'postgres',
        where: 'lxc/200 on pve1',
        values: { since: '2026-11-20T03:44:00Z', declared: { memory: 2048 }, live: { memory: 4096 } },
      },
    });
    const tree = await lab.pusher.writeTree(undefined, new Map([['drift.json', '{"version":1,"targets":{"x":1}}']]));
    const commit = await lab.pusher.commit({ tree, parents: [], message: 'forged', at: lab.clock.now() });
    await lab.pusher.push([{ ref: 'refs/gitmend/drift', from: tip ?? null, to: commit }]);
    expect((await lab.look())[0]).toMatch(/^settling/);
  });

  it('is looked at again when it has settled, and otherwise as often as gitmend.yaml says', async () => {
    lab = await driftLab(withRules('drift: { every: 2h, settle: 15m }'));
    const next = async () => ((await driftPass(lab.read)).next ?? 0) - lab.clock.now();
    expect(await next()).toBe(120 * minutes);
    lab.setLive(200, { memory: 4096 });
    expect(await next()).toBe(15 * minutes);
  });

  it('a variable that is not set stops the look at its own cluster; and everything, where that is all there is', async () => {
    lab = await driftLab();
    lab.setLive(200, { memory: 4096 });
    const truth = await readTruth(lab.read);
    const { config } = truth.rules;
    const [home] = config?.clusters ?? [];
    const [target, frigate] = [...truth.head.guests].find(([, { name }]) => name === 'frigate') ?? [];
    if (config === undefined || home === undefined || target === undefined)
      throw new Error('no cluster, or no frigate');
    const other = 'away/lxc/202';
    const away = { ...home, name: 'away', read: { env: 'GITMEND_AWAY_READ' } };
    // Engines are made once for each commit of rules.
    const rules = { ...truth.rules, commit: 'f'.repeat(40), config: { ...config, clusters: [home, away] } };
    const world = { ...lab.read, ...lab.read.engines(rules) };
    const moved = { ...frigate, cluster: 'away' } as DeclaredGuest;
    const guests = new Map([[other, moved] as const, ...[...truth.head.guests].filter(([one]) => one !== target)]);
    const targets = { ...truth.applied.targets, [other]: { ...truth.applied.targets[target], declaration: moved } };
    const of = (some: Iterable<readonly [string, DeclaredGuest]>) =>
      ({ ...truth, applied: { ...truth.applied, targets }, head: { ...truth.head, guests: new Map(some) } }) as Truth;
    const looks = await lookForDrift(world, of(guests), { ignore: [] }, []);
    const unset = 'ENV_MISSING: GITMEND_AWAY_READ is not set: the read token of cluster away';
    expect(looks.filter(({ state }) => state !== 'seen')).toMatchObject([
      { target: other, state: 'unseen', why: unset },
    ]);
    expect(looks.find(({ guest }) => guest.name === 'postgres')).toMatchObject({ drift: { values: [{ live: 4096 }] } });
    expect(looks).toHaveLength(5);
    await expect(lookForDrift(world, of([[other, moved]]), { ignore: [] }, [])).rejects.toMatchObject({
      code: 'ENV_MISSING',
    });
  });
});
