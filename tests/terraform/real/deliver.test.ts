import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { homeTokens } from '../../../simulators/pve/index.ts';
import { set } from '../../support/deliver-lab.ts';
import { inProcessBot } from '../../support/in-process.ts';
import { computer } from '../../support/machines.ts';
import { diskOf, instead, planOf, readable, terraformHome, writesIn } from './deliver-lab.ts';
import { hasTerraform } from './lab.ts';

const larger = { 'guests/nextcloud.yaml': instead('size: 64', 'size: 80') };

describe.skipIf(!hasTerraform())('a larger disk in a guest’s file, with the real provider', () => {
  it('is planned, shown, merged, applied exactly, and verified on the guest itself', async () => {
    const lab = await terraformHome();
    const number = await lab.propose('more-room', larger);
    await lab.plan(number);
    const comment = await planOf(lab, number);
    await expect(readable(comment)).toMatchFileSnapshot('golden/grow-disk.md');
    expect(writesIn(lab)).toEqual([]);
    await lab.merge(number);
    expect(await lab.run()).toEqual([
      '#1 applied: nextcloud disk 80 GiB, live',
      '#1 verified: nextcloud runs with disk 80 GiB',
    ]);
    // The provider sends the whole rootfs behind the resize, which would wait for the next start; it is taken back.
    const config = 'PUT /nodes/pve1/lxc/201/config';
    expect(writesIn(lab)).toEqual(['PUT /nodes/pve1/lxc/201/resize', config, config]);
    expect(lab.lab.pve.world.guests.get(201)).toMatchObject({
      pending: {},
      config: { rootfs: 'local-lvm:vm-201-disk-0,size=80G' },
    });
    expect(diskOf(lab, 201)).toBe(80);
    expect(await lab.record(number)).toMatchObject({
      outcome: 'verified',
      steps: [{ action: 'terraform apply', before: { disk: 64 }, after: { disk: 80 }, undo: 'irreversible' }],
    });
    const home = filesBelow(join(lab.lab.folder, 'state'));
    expect(home.filter((path) => path.endsWith('.tfplan'))).toEqual([]);
    const states = home.filter((path) => path.includes('.tfstate'));
    expect(states.length).toBeGreaterThan(0);
    for (const path of states) expect(statSync(path).mode & 0o077).toBe(0);
    expect(comment).not.toContain(homeTokens.read.split('=')[1]);
  });

  it('beside more memory is a step of its own after the live one, and nothing restarts', async () => {
    const lab = await terraformHome();
    const startedAt = lab.lab.pve.world.guests.get(201)?.startedAt;
    const both = (text: string) => larger['guests/nextcloud.yaml'](set('memory', 8192)(text));
    const number = await lab.propose('both', { 'guests/nextcloud.yaml': both });
    await lab.plan(number);
    expect(await planOf(lab, number)).toMatch(
      /\| 2 \| nextcloud \(lxc\/201\) \| disk 64 → 80 GiB [\s\S]*\| 1 \| nextcloud \(lxc\/201\) \| memory 4096 → 8192 MiB/,
    );
    await lab.merge(number);
    expect((await lab.run()).at(-1)).toBe('#1 verified: nextcloud runs with memory 8192 MiB, disk 80 GiB');
    expect(writesIn(lab)[0]).toBe('PUT /nodes/pve1/lxc/201/config');
    expect(writesIn(lab).filter((one) => one.includes('/status/'))).toEqual([]);
    expect(lab.lab.pve.world.guests.get(201)).toMatchObject({ startedAt, config: { memory: 8192 } });
  });

  it('leaves alone what nobody approved: memory that was pushed, and a neighbour that drifted', async () => {
    const lab = await terraformHome();
    await lab.plan();
    await lab.push('main', { 'guests/nextcloud.yaml': set('memory', 2048) });
    lab.setLive(202, { memory: 6144 });
    const number = await lab.propose('more-room', larger);
    await lab.plan(number);
    await lab.merge(number);
    expect((await lab.run()).filter((line) => line.startsWith('#'))).toContain(
      '#1 verified: nextcloud runs with disk 80 GiB',
    );
    expect([lab.live(201), lab.live(202)]).toEqual([4096, 6144]);
  });

  it('stops before any effect where the disk was grown by hand since, and offers the ways out', async () => {
    const lab = await terraformHome();
    const number = await lab.propose('more-room', larger);
    await lab.plan(number);
    await lab.merge(number);
    const guest = lab.lab.pve.world.guests.get(201);
    Object.assign(guest ?? {}, { diskSize: 70 * 2 ** 30 });
    Object.assign(guest?.config ?? {}, { rootfs: 'local-lvm:vm-201-disk-0,size=70G' });
    expect((await lab.run())[0]).toBe(
      '#1 not-applied (stale): disk of nextcloud is 70 GiB on pve1, no longer the 64 GiB that this plan started from',
    );
    expect(writesIn(lab)).toEqual([]);
    const open = await lab.open();
    expect([...open.keys()].sort()).toEqual(['accept', 'undo']);
    await lab.plan();
    await lab.merge(open.get('accept')?.number ?? 0);
    await lab.run();
    expect([...(await lab.open()).keys()]).toEqual([]);
    expect(diskOf(lab, 201)).toBe(70);
  });

  it('that Proxmox VE refuses behind the import says why, and is proposed and applied again', async () => {
    const lab = await terraformHome();
    const number = await lab.propose('more-room', larger);
    await lab.plan(number);
    await lab.merge(number);
    const fault = { fault: 'error-500', message: 'no space left in thin pool' } as const;
    lab.lab.pve.faults.inject({ ...fault, method: 'PUT', path: /resize$/, count: 9 });
    expect((await lab.run())[0]).toMatch(/^#1 not-applied \(refused\): .*no space left in thin pool/);
    const undo = (await lab.open()).get('undo')?.number ?? 0;
    expect((await lab.comments(number)).map(({ body }) => body).join('\n')).toContain(
      `Nothing was touched. Choose: undo this merge (#${undo}).`,
    );
    await lab.plan();
    await lab.merge(undo);
    await lab.run();
    lab.lab.pve.faults.clear();
    // What was planned before is not shown again.
    lab.clock.advance(6 * 60_000);
    const again = await lab.propose('more-room-again', larger);
    await lab.plan(again);
    const comment = await planOf(lab, again);
    expect(comment).toContain('disk 64 → 80 GiB');
    // The import was done, although the change was not.
    expect(comment).not.toContain('to import');
    await lab.merge(again);
    expect((await lab.run()).at(-1)).toBe(`#${again} verified: nextcloud runs with disk 80 GiB`);
  });

  it('is not sent again by the runner that comes after one that was killed behind the effect', async () => {
    const lab = await terraformHome();
    const number = await lab.propose('more-room', larger);
    await lab.plan(number);
    await lab.merge(number);
    const bot = inProcessBot(lab.lab, lab.clock, computer());
    await bot.runKilled();
    expect(diskOf(lab, 201)).toBe(80);
    const before = writesIn(lab).length;
    const said = await bot.run();
    expect(said.split('\n').at(-1)).toBe('#1 verified: nextcloud runs with disk 80 GiB');
    expect(writesIn(lab)).toHaveLength(before);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
