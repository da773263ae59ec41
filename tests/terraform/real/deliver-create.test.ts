import { describe, expect, it } from 'vitest';
import type { Files } from '../../support/deliver-lab.ts';
import { template } from '../../synth/examples.ts';
import { planOf, readable, terraformHome, writesIn } from './deliver-lab.ts';
import { hasTerraform } from './lab.ts';

/** guests/web.yaml, made of the template's gitea. */
const web: Files = {
  'guests/web.yaml': (template.get('guests/gitea.yaml') ?? '')
    .replace('name: gitea', 'name: web')
    .replace('vmid: 204', 'vmid: 210')
    .replace('192.168.1.24', '192.168.1.30')
    .replace(/^carries: .*$/m, 'carries: []'),
};

describe.skipIf(!hasTerraform())('a new file in guests/, with the real provider', () => {
  it('is a guest that is created, started and verified', async () => {
    const lab = await terraformHome();
    const number = await lab.propose('web', web);
    await lab.plan(number);
    const comment = readable(await planOf(lab, number));
    await expect(comment).toMatchFileSnapshot('golden/create-guest.md');
    await lab.merge(number);
    const said = await lab.run();
    expect(said).toEqual([
      '#1 applied: web created with cores 2, disk 32 GiB, memory 2048 MiB, swap 512 MiB',
      '#1 verified: web runs with cores 2, disk 32 GiB, memory 2048 MiB, swap 512 MiB',
    ]);
    expect(lab.lab.pve.world.guests.get(210)).toMatchObject({ type: 'lxc', status: 'running' });
    expect(await lab.record(number)).toMatchObject({
      outcome: 'verified',
      target: 'home/lxc/210',
      applied: { fields: { 'home/lxc/210': expect.arrayContaining(['memory', 'disk']) as unknown } },
    });
    expect(await lab.pass()).toMatchObject({ events: [], waiting: [] });
    // From then on it is a guest as any other.
    const next = await lab.propose('more', {
      'guests/web.yaml': (text) => text.replace('memory: 2048', 'memory: 3072'),
    });
    await lab.plan(next);
    await lab.merge(next);
    expect((await lab.run()).at(-1)).toBe(`#${next} verified: web runs with memory 3072 MiB`);
  });

  it('that Proxmox VE refuses leaves nothing behind, and its file can go again', async () => {
    const lab = await terraformHome();
    const number = await lab.propose('web', web);
    await lab.plan(number);
    await lab.merge(number);
    lab.lab.pve.faults.inject({
      fault: 'error-500',
      message: 'storage full',
      method: 'POST',
      path: /\/nodes\/pve1\/lxc$/,
      count: 9,
    });
    const said = await lab.run();
    expect(said[0]).toMatch(/^#1 not-applied \(refused\): .*storage full/);
    expect(lab.lab.pve.world.guests.has(210)).toBe(false);
    const undo = (await lab.open()).get('undo');
    await lab.plan();
    await lab.merge(undo?.number ?? 0);
    await lab.run();
    expect([...(await lab.open()).keys()]).toEqual([]);
    expect(writesIn(lab).every((one) => one === 'POST /nodes/pve1/lxc')).toBe(true);
  });

  it('that was ended half-way, behind the effect, is seen to be there, and verified', async () => {
    const lab = await terraformHome({ timeout: '14s' });
    const number = await lab.propose('web', web);
    await lab.plan(number);
    await lab.merge(number);
    lab.lab.pve.faults.inject({ fault: 'slow', milliseconds: 45_000, method: 'POST', path: /\/lxc$/ });
    expect((await lab.run()).at(-1)).toMatch(/^#1 verified: web runs with /);
  });

  it('is not taken for another one of its size that has its vmid, before the plan and after it', async () => {
    const lab = await terraformHome();
    const [early, gitea] = [await lab.propose('web', web), lab.lab.pve.world.guests.get(204)];
    await lab.plan(early);
    await lab.merge(early);
    if (gitea !== undefined) lab.lab.pve.world.guests.set(210, { ...structuredClone({ ...gitea }), vmid: 210 });
    expect((await lab.run())[0]).toMatch(/^#1 not-applied \(stale\): .*lxc\/210 is on pve1 already, called gitea/);
    const late = await terraformHome();
    if (gitea !== undefined) late.lab.pve.world.guests.set(210, { ...structuredClone({ ...gitea }), vmid: 210 });
    const number = await late.propose('web', web);
    await late.plan(number);
    expect(await planOf(late, number)).toMatch(/\*\*Refused\*\*.*called gitea/);
  });

  it('is refused where its vmid is another guest’s, and while policies have no rule for it', async () => {
    const lab = await terraformHome({}, { 'policies/guests.yaml': (text) => text.replaceAll(', create-guest', '') });
    const none = await lab.propose('web', web);
    const taken = await lab.propose('taken', {
      'guests/web.yaml': String(web['guests/web.yaml']).replace('vmid: 210', 'vmid: 202'),
      'guests/frigate.yaml': null,
    });
    await lab.plan();
    expect(await planOf(lab, none)).toMatch(/no rule in policies\/ decides about create-guest of web/);
    expect(await planOf(lab, taken)).toMatch(/\*\*Refused\*\*/);
  });
});
