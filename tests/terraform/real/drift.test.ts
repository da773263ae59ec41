import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runnerPass } from '../../../src/pipeline/deliver.ts';
import { driftPass } from '../../../src/pipeline/drift.ts';
import type { DeliverLab } from '../../support/deliver-lab.ts';
import { openRunner, runToEnd } from '../../support/in-process.ts';
import { type Computer, computer } from '../../support/machines.ts';
import { Killed, mortal } from '../../support/points.ts';
import { diskOf, instead, planOf, proposedDrift, readable, restoring, terraformHome, writesIn } from './deliver-lab.ts';
import { hasTerraform } from './lab.ts';

describe.skipIf(!hasTerraform())('what somebody changed past the repository, with the real provider', () => {
  it('is accepted: the plan at the guest’s address is empty, which its comment shows, and the merge writes nothing', async () => {
    const lab = await adopted();
    resize(lab, 72);
    const pr = await proposedDrift(lab);
    expect(pr.title).toBe('nextcloud: accept disk.size 72 GiB as it is on pve1');
    await expect(readable(await planOf(lab, pr.number))).toMatchFileSnapshot('golden/drift-accept.md');
    await lab.merge(pr.number);
    await lab.run();
    expect(await lab.record(pr.number)).toMatchObject({ outcome: 'verified', steps: [] });
    expect(writesIn(lab)).toEqual([]);
  });

  it('is restored: Terraform brings it back beside what the API does, also where the runner is killed on the way', async () => {
    const lab = await adopted();
    resize(lab, 48);
    lab.setLive(201, { memory: 2048 });
    const accepting = await proposedDrift(lab);
    const number = await restoring(lab, 'home/lxc/201');
    await lab.plan(number);
    const comment = readable(await planOf(lab, number)).replace(/operation `\w{26}`/, 'operation `…`');
    await expect(comment).toMatchFileSnapshot('golden/drift-restore.md');
    await lab.merge(number);
    const here = computer();
    for (const step of [1, 2]) await runUntilKilled(lab, here, step);
    const said = await runToEnd(await openRunner(lab.lab, here), lab.clock);
    expect(said.split('\n').at(-1)).toBe(`#${number} verified: nextcloud runs with memory 4096 MiB, disk 64 GiB`);
    expect([diskOf(lab, 201), lab.live(201)]).toEqual([64, 4096]);
    expect(writesIn(lab).filter((one) => one.endsWith('/resize'))).toEqual(['PUT /nodes/pve1/lxc/201/resize']);
    expect((await lab.lab.forge.pullRequest(accepting.number)).state).toBe('closed');
  });

  it('is not accepted where the state would make a moved container anew, until it has forgotten it', async () => {
    const lab = await adopted();
    const first = await lab.propose('room', { 'guests/nextcloud.yaml': instead('size: 64', 'size: 80') });
    await lab.plan(first);
    await lab.merge(first);
    await lab.run();
    const { nodes, guests } = lab.lab.pve.world;
    const home = nodes.get('pve1');
    const guest = guests.get(201);
    if (home === undefined || guest === undefined) throw new Error('the lab has no pve1');
    nodes.set('pve2', { ...home, name: 'pve2', address: '192.168.1.11' });
    guest.node = 'pve2';
    const { number, title } = await proposedDrift(lab);
    expect(title).toBe('nextcloud: accept that it is on pve2');
    const refused = (await planOf(lab, number)).replaceAll('\\', '');
    expect(refused).toContain('terraform-other-guest');
    expect(refused).toContain('terraform state rm proxmox_virtual_environment_container.nextcloud');
    forget(lab);
    lab.clock.advance(600_000);
    await lab.plan(number);
    const comment = await planOf(lab, number);
    expect(comment).toContain('Merging makes the declaration catch up with what is live.');
    expect(comment).toContain('imported from pve2/201');
  });
});

/** The lab with what is live adopted, so that it can drift. */
async function adopted(): Promise<DeliverLab> {
  const lab = await terraformHome();
  await driftPass(lab.read);
  return lab;
}

function resize(lab: DeliverLab, size: number): void {
  const guest = lab.lab.pve.world.guests.get(201);
  Object.assign(guest ?? {}, { diskSize: size * 2 ** 30 });
  Object.assign(guest?.config ?? {}, { rootfs: `local-lvm:vm-201-disk-0,size=${size}G` });
}

/** Proxmox VE has done this step, and nobody wrote it down: the first one of each run that still sends anything. */
async function runUntilKilled({ lab }: DeliverLab, here: Computer, step: number): Promise<void> {
  const ground = await openRunner(lab, here);
  await expect(runnerPass(mortal(ground, (point) => point === 'after applier.apply')), `step ${step}`).rejects.toThrow(
    Killed,
  );
  here.kill(ground.machine);
}

/** As `terraform state rm` of the only resource that the state has. */
function forget({ lab }: DeliverLab): void {
  const root = join(lab.folder, 'state');
  for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' }))
    if (path.endsWith('guests.tfstate')) rmSync(join(root, path));
}
