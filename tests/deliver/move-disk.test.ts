import { describe, expect, it, onTestFinished } from 'vitest';
import type { Storage } from '../../simulators/pve/world.ts';
import { deliverLab, type DeliverLab, type Files, shortWindow } from '../support/deliver-lab.ts';
import { inProcessBot } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { agreed, instead, planOf, writesIn } from '../terraform/real/deliver-lab.ts';

const zfs = {
  name: 'zfs',
  type: 'zfspool',
  content: ['images', 'rootdir'],
  shared: false,
  total: 800 * 2 ** 30,
  used: 0,
} as const;

const moved = (name: string): Files => ({ [`guests/${name}.yaml`]: instead('storage: local-lvm', 'storage: zfs') });

describe('a guest whose file names another storage', () => {
  it('as a running virtual machine has its disk moved live, and the old volume is kept', async () => {
    const lab = await ready();
    const number = await agreed(lab, 'move', moved('homeassistant'), 'golden/move-disk.md');
    expect(await lab.run()).toEqual([
      '#1 applied: homeassistant has its disk on zfs; the old volume is kept as unused',
      '#1 verified: homeassistant runs with storage zfs',
    ]);
    expect(guest(lab, 203).config).toMatchObject({
      scsi0: expect.stringMatching(/^zfs:vm-203-disk-0/) as string,
      unused0: 'local-lvm:vm-203-disk-0',
    });
    const sent = lab.lab.pve.requests.find(({ path }) => path.endsWith('/move_disk'));
    expect(Object.keys(sent?.parameters ?? {}).sort()).toEqual(['digest', 'disk', 'storage']);
    expect(await lab.record(number)).toMatchObject({
      steps: [{ effect: expect.stringMatching(/^UPID:pve1:.*:qmmove:203:/) as string }],
    });
    expect(await lab.pass()).toMatchObject({ events: [], waiting: [] });
  });

  it('as a stopped container has it moved, and as a running one is refused with the way there', async () => {
    const lab = await ready();
    const number = await lab.propose('move', moved('frigate'));
    await lab.plan(number);
    expect(await planOf(lab, number)).toMatch(
      /`target-not-ready`\): frigate is running, and Proxmox VE moves the disk of a/,
    );
    guest(lab, 202).status = 'stopped';
    await lab.plan(number);
    lab.clock.advance(120_000);
    await lab.merge(number);
    expect((await lab.run()).at(-1)).toBe('#1 verified: frigate is stopped with storage zfs');
    expect(writesIn(lab)).toEqual(['POST /nodes/pve1/lxc/202/move_volume']);
  });

  it.each<[string, Partial<Storage> | undefined, RegExp]>([
    ['is not there', undefined, /zfs is not among the active storages of pve1/i],
    ['has no room', { used: 790 * 2 ** 30 }, /10 GiB are free in zfs, fewer than 32 GiB/],
    ['takes no such disks', { content: ['rootdir'] }, /zfs takes no images/i],
  ])('is refused where that %s', async (_, other, says) => {
    const lab = await ready();
    if (other === undefined) lab.lab.pve.world.storages.delete('zfs');
    else Object.assign(lab.lab.pve.world.storages.get('zfs') ?? {}, other);
    const number = await lab.propose('move', moved('homeassistant'));
    await lab.plan(number);
    expect((await planOf(lab, number)).replaceAll('\\', '')).toMatch(says);
  });
});

describe('a move that is under way', () => {
  it('is sent once, also where the runner was killed behind it', async () => {
    const lab = await ready();
    await agreed(lab, 'move', moved('homeassistant'));
    const bot = inProcessBot(lab.lab, lab.clock, computer());
    await bot.runKilled();
    const said = await bot.run();
    expect(said.split('\n').at(-1)).toBe('#1 verified: homeassistant runs with storage zfs');
    expect(writesIn(lab)).toEqual(['POST /nodes/pve1/qemu/203/move_disk']);
  });

  it('leaves the disk where it is when the task fails', async () => {
    const lab = await ready();
    lab.lab.pve.faults.inject({ fault: 'task-failure', message: 'mirroring failed', path: /move_disk$/ });
    await agreed(lab, 'move', moved('homeassistant'));
    expect((await lab.run())[0]).toMatch(/^#1 not-applied \(refused\): .*mirroring failed/);
    expect(guest(lab, 203).config).not.toHaveProperty('unused0');
  });
});

async function ready(): Promise<DeliverLab> {
  const lab = await deliverLab({ begin: shortWindow });
  onTestFinished(async () => {
    expect(await lab.close()).toEqual([]);
  });
  lab.lab.pve.world.storages.set('zfs', { ...zfs, content: [...zfs.content], files: new Map() });
  return lab;
}

function guest(lab: DeliverLab, vmid: number) {
  const found = lab.lab.pve.world.guests.get(vmid);
  if (found === undefined) throw new Error(`there is no ${vmid}`);
  return found;
}
