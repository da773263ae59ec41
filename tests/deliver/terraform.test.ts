import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runnerPass } from '../../src/pipeline/deliver.ts';
import type { RefUpdate } from '../../src/git/repository.ts';
import { deliverLab, type DeliverLab } from '../support/deliver-lab.ts';
import { hooked } from '../support/points.ts';
import { diskOf, instead, planOf, terraformIn, writesIn } from '../terraform/real/deliver-lab.ts';

const larger = { 'guests/nextcloud.yaml': instead('size: 64', 'size: 80') };
const stub = join(import.meta.dirname, '..', 'terraform', 'stub', 'program.ts');

describe('a step of Terraform in a run', () => {
  it('is shown, applied once, and verified on the guest', async () => {
    const { lab, number, calls, hasty } = await ready();
    // Who only plans lets Terraform take more memory in a small home; who applies does not.
    expect(hasty()).toEqual(calls());
    const planning = hasty().length;
    expect(await planOf(lab, number)).toContain('| 1 | nextcloud (lxc/201) | disk 64 → 80 GiB | live, Terraform |');
    await lab.merge(number);
    expect(await lab.run()).toEqual([
      '#1 applied: nextcloud disk 80 GiB, live',
      '#1 verified: nextcloud runs with disk 80 GiB',
    ]);
    expect(writesIn(lab)).toEqual(['PUT /nodes/pve1/lxc/201/resize']);
    expect([calls().includes('apply'), hasty().length]).toEqual([true, planning]);
    expect(await lab.pass()).toMatchObject({ events: [], waiting: [] });
  });

  it('is planned once to be shown and previewed, and not again at a look while nothing moves', async () => {
    const { lab, number, calls } = await ready();
    expect(await planOf(lab, number)).toContain('would be accepted. Terraform plans exactly this.');
    expect(calls().toSorted()).toEqual(['init', 'plan', 'show', 'version']);
    await lab.plan(number);
    expect(calls()).toHaveLength(4);
    Object.assign(lab.lab.pve.world.guests.get(201)?.config ?? {}, { tags: 'moved' });
    await lab.plan(number);
    expect(calls().slice(4)).toEqual(['plan', 'show']);
  });

  it('takes one synthesis of the default branch and one of the merge, and two readings of its guest', async () => {
    const { lab, number } = await ready();
    const state = lab.lab.env.read['GITMEND_STATE'] ?? '';
    const kept = readdirSync(state, { recursive: true }).map(String);
    expect(kept.filter((path) => /synthesized\/.*\.json$/.test(path))).toHaveLength(2);
    const readings = () => lab.lab.pve.requests.filter(({ path }) => path === '/nodes/pve1/lxc/201/config').length;
    const before = readings();
    await lab.plan(number);
    // For the steps, and for the plan: its preview is that plan, of that reading.
    expect(readings() - before).toBe(2);
  });

  it('waits while somebody else holds the state, says who, and goes on by itself', async () => {
    const { lab, number, trouble } = await ready();
    await lab.merge(number);
    trouble('locked');
    const pass = await lab.pass();
    expect(pass.waiting).toEqual([expect.stringMatching(/^#1: TERRAFORM_LOCKED: .*locked by alice@desk/)]);
    expect(pass.failed).toMatchObject([{ code: 'TERRAFORM_LOCKED' }]);
    trouble('');
    expect((await lab.run()).at(-1)).toBe('#1 verified: nextcloud runs with disk 80 GiB');
  });

  it('that finds the state held only when it applies takes its intent back, however often', async () => {
    const { lab, number, trouble } = await ready();
    await lab.merge(number);
    trouble('locked-late');
    for (let pass = 0; pass < 4; pass += 1)
      expect((await lab.pass()).waiting).toEqual([expect.stringMatching(/^#1: TERRAFORM_LOCKED: .*alice@desk/)]);
    expect(writesIn(lab)).toEqual([]);
    trouble('');
    expect((await lab.run()).at(-1)).toBe('#1 verified: nextcloud runs with disk 80 GiB');
  });

  it('plans once more behind its intent: what moved until then stops it before any effect', async () => {
    const { lab, number } = await ready();
    await lab.merge(number);
    const guest = lab.lab.pve.world.guests.get(201);
    const moved = hooked(lab.write, (point) => {
      if (point === 'before applier.apply')
        Object.assign(guest?.config ?? {}, { rootfs: 'local-lvm:vm-201-disk-0,size=70G' });
    });
    const { events } = await runnerPass(moved);
    expect(events[0]).toMatch(
      /^#1 not-applied \(stale\): Terraform would now do something else than was approved: .*70 → 80/,
    );
    expect(writesIn(lab)).toEqual([]);
  });

  it('that Proxmox VE refuses changed nothing, and ends so', async () => {
    const { lab, number, trouble } = await ready();
    await lab.merge(number);
    trouble('refused');
    expect((await lab.run())[0]).toMatch(/^#1 not-applied \(refused\): .*error resizing container disk/);
    expect([diskOf(lab, 201), writesIn(lab)]).toEqual([64, []]);
  });

  it('that is killed in its apply is looked at again and tried three times, then it is for a person', async () => {
    const { lab, number, trouble } = await ready();
    await lab.merge(number);
    trouble('killed apply');
    expect((await lab.pass()).waiting).toEqual([expect.stringMatching(/it was ended by SIGKILL; it was not done/)]);
    await lab.pass();
    await lab.pass();
    expect((await lab.run())[0]).toMatch(/^#1 unknown: step 1 was tried 3 times and is not done/);
    expect(diskOf(lab, 201)).toBe(64);
  });

  it('holds its stack while it runs: a lock beside the guest’s', async () => {
    const { lab, number } = await ready();
    await lab.merge(number);
    const seen: number[] = [];
    const push = lab.write.repo.push.bind(lab.write.repo);
    Object.assign(lab.write.repo, {
      push: async (updates: readonly RefUpdate[]) => {
        const locks = updates.filter(({ ref, to }) => ref.startsWith('refs/gitmend/locks/') && to !== null);
        if (locks.length > 0) seen.push(locks.length);
        return push(updates);
      },
    });
    await lab.run();
    // The cluster, the guest, the stack.
    expect(seen[0]).toBe(3);
  });

  it('of a plan record that shows another plan than its step binds is not believed', async () => {
    const { lab, number } = await ready();
    await lab.pusher.fetch();
    const ref = `refs/gitmend/plans/${number}`;
    const tip = (await lab.pusher.tip(ref)) ?? '';
    const tree = await lab.pusher.tree(tip);
    const [path = ''] = [...tree.keys()].filter((name) => name.endsWith('.json'));
    const forged = (tree.get(path) ?? '').replace('"after":{"value":80}', '"after":{"value":81}');
    expect(forged).not.toBe(tree.get(path));
    const commit = await lab.pusher.commit({
      tree: await lab.pusher.writeTree(tip, new Map([[path, forged]])),
      parents: [tip],
      message: await lab.pusher.message(tip),
      at: lab.clock.now(),
    });
    expect(await lab.pusher.push([{ ref, from: tip, to: commit }])).toBe(true);
    await lab.merge(number);
    expect((await lab.run())[0]).toMatch(/^#1 not-applied \(plan-tampered\): .*what it shows of home\/lxc\/201/);
    expect(writesIn(lab)).toEqual([]);
  });
});

interface Ready {
  lab: DeliverLab;
  number: number;
  trouble: (what: string) => void;
  /** Everything that Terraform was asked for so far. */
  calls: () => string[];
  /** Those of them for which Go was told to collect less often. */
  hasty: () => string[];
}

/** A home whose Terraform is the stub, and a pull request of a larger disk that is planned. */
async function ready(): Promise<Ready> {
  const folder = mkdtempSync(join(tmpdir(), 'gitmend-stub-'));
  const [program, troubles] = [join(folder, 'terraform'), join(folder, 'trouble')];
  const node = `exec ${process.execPath} --use-openssl-ca --disable-warning=ExperimentalWarning ${stub} "$@"`;
  const [calls, hasty] = [join(folder, 'calls'), join(folder, 'hasty')];
  writeFileSync(
    program,
    `#!/bin/sh\necho "$1" >> ${calls}\n[ -z "$GOGC" ] || echo "$1" >> ${hasty}\nSTUB_TROUBLE_FILE=${troubles} ${node}\n`,
  );
  chmodSync(program, 0o755);
  const lab = await deliverLab({ synthesis: true, begin: { 'gitmend.yaml': terraformIn({ program }) } });
  onTestFinished(async () => {
    await lab.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const number = await lab.propose('more-room', larger);
  await lab.plan(number);
  return {
    ...{ lab, number, trouble: (what) => writeFileSync(troubles, what) },
    calls: () => readFileSync(calls, 'utf8').trim().split('\n'),
    hasty: () => readFileSync(hasty, 'utf8').trim().split('\n'),
  };
}
