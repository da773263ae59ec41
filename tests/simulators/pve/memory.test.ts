import { describe, expect, it } from 'vitest';
import {
  GiB,
  MiB,
  falseAlarm,
  homeLab,
  memoryShort,
  noHeadroom,
  notHealed,
  usageAt,
} from '../../../simulators/pve/index.ts';
import { nodeAvailable } from '../../../simulators/pve/load.ts';
import { ask } from '../../support/pve-client.ts';
import { labTime, pveLab } from '../../support/pve-lab.ts';

const current = '/nodes/pve1/lxc/200/status/current';
const percent = (part: unknown, whole: unknown): number => Math.round((100 * Number(part)) / Number(whole));

describe('the memory scenario', () => {
  it('shows a guest that is out of memory: 96 % in use, 500 MiB swapped out, stalled 31 % of the time', async () => {
    const pve = await pveLab();
    const { record: status } = await ask(pve, 'GET', current);
    expect(percent(status.mem, status.maxmem)).toBe(96);
    expect(status.maxmem).toBe(2048 * MiB);
    expect(status.swap).toBe(500 * MiB);
    expect(status.pressurememoryfull).toMatch(/^31\.\d\d$/);
  });

  it('reacts to the larger cap at once: 64 % in use, nothing swapped, stalled 0.4 % of the time', async () => {
    const pve = await pveLab();
    await ask(pve, 'PUT', '/nodes/pve1/lxc/200/config', { memory: 3072 });
    const { record: status } = await ask(pve, 'GET', current);
    expect(percent(status.mem, status.maxmem)).toBe(64);
    expect(status).toMatchObject({
      maxmem: 3072 * MiB,
      swap: 0,
      pressurememoryfull: '0.40',
      pressurememorysome: '0.60',
    });
  });

  it('goes on stalling, less, where the raise is too small', async () => {
    const pve = await pveLab();
    await ask(pve, 'PUT', '/nodes/pve1/lxc/200/config', { memory: 2304 });
    const { record: status } = await ask(pve, 'GET', current);
    expect(Number(status.pressurememoryfull)).toBeGreaterThan(10);
    expect(Number(status.pressurememoryfull)).toBeLessThan(31);
    expect(status.swap).toBe(244 * MiB);
  });

  it('leaves 11.2 GiB free on the node', () => {
    const world = memoryShort(homeLab(labTime), labTime);
    expect(nodeAvailable(world, 'pve1', labTime) / GiB).toBeCloseTo(11.2, 1);
  });
});

describe('the other scenarios', () => {
  it('false-alarm shows 40 % in use and no stalls', () => {
    const world = falseAlarm(homeLab(labTime));
    const usage = usageAt(world, world.guests.get(200)!, labTime);
    expect(percent(usage.mem, usage.maxmem)).toBe(40);
    expect(usage.pressure.memory.some).toBeLessThan(1);
  });

  it('no-headroom leaves the node 1.1 GiB and the guest as short as before', () => {
    const world = noHeadroom(homeLab(labTime), labTime);
    expect(nodeAvailable(world, 'pve1', labTime) / GiB).toBeCloseTo(1.1, 3);
    expect(usageAt(world, world.guests.get(200)!, labTime).pressure.memory.full).toBeCloseTo(31, 0);
  });

  it('not-healed takes the larger cap too: 98 % in use and stalled 24 % of the time', async () => {
    const pve = await pveLab({ world: (world, now) => notHealed(world, now, { oldCapSafe: false }) });
    await ask(pve, 'PUT', '/nodes/pve1/lxc/200/config', { memory: 3072 });
    const { record: status } = await ask(pve, 'GET', current);
    expect(percent(status.mem, status.maxmem)).toBe(98);
    expect(Number(status.pressurememoryfull)).toBeCloseTo(24, 0);
    expect(Number(status.mem) * 1.15).toBeGreaterThan(2048 * MiB);
  });

  it('not-healed with a safe way back shows no fault after the raise, and would fit into the old cap', async () => {
    const pve = await pveLab({ world: (world, now) => notHealed(world, now, { oldCapSafe: true }) });
    expect(Number((await ask(pve, 'GET', current)).record.pressurememoryfull)).toBeCloseTo(31, 0);
    await ask(pve, 'PUT', '/nodes/pve1/lxc/200/config', { memory: 3072 });
    const { record: status } = await ask(pve, 'GET', current);
    expect(Number(status.pressurememorysome)).toBeLessThan(1);
    expect(Number(status.mem) * 1.15).toBeLessThan(2048 * MiB);
  });
});

describe('accounting', () => {
  it('writes the pressure of a container as text and that of a VM as a number', async () => {
    const pve = await pveLab();
    const container = (await ask(pve, 'GET', current)).record;
    const machine = (await ask(pve, 'GET', '/nodes/pve1/qemu/203/status/current')).record;
    expect(typeof container.pressurecpusome).toBe('string');
    expect(typeof machine.pressurecpusome).toBe('number');
  });

  it('counts page cache for a VM, and not for a container', async () => {
    const pve = await pveLab({ world: falseAlarm });
    const machine = (await ask(pve, 'GET', '/nodes/pve1/qemu/203/status/current')).record;
    expect(machine.mem).toBe(2600 * MiB);
    expect(machine.freemem).toBe(4096 * MiB - 2600 * MiB);
    expect(Number((await ask(pve, 'GET', current)).record.mem)).toBeLessThanOrEqual(823 * MiB);
  });

  it('shows about 100 % for a VM without balloon statistics', async () => {
    const pve = await pveLab();
    pve.world.guests.get(203)!.load.balloon = false;
    const { record: machine } = await ask(pve, 'GET', '/nodes/pve1/qemu/203/status/current');
    expect(percent(machine.mem, machine.maxmem)).toBeGreaterThan(97);
    expect(machine).not.toHaveProperty('balloon');
  });

  it('leaves shared memory out of a container’s figure although the cap counts it', () => {
    const world = homeLab(labTime);
    const guest = world.guests.get(200)!;
    guest.load = { ...guest.load, anon: 1000 * MiB, shared: 1200 * MiB };
    const usage = usageAt(world, guest, labTime);
    expect(usage.mem).toBeLessThan(1000 * MiB + 1);
    expect(usage.pressure.memory.full).toBeGreaterThan(10);
  });

  it('has nothing to show for a stopped guest', async () => {
    const pve = await pveLab();
    await ask(pve, 'POST', '/nodes/pve1/lxc/200/status/stop');
    const { record: status } = await ask(pve, 'GET', current);
    expect(status).toMatchObject({ status: 'stopped', mem: 0, swap: 0, uptime: 0, maxmem: 2048 * MiB });
    expect(status).not.toHaveProperty('pressurememoryfull');
  });
});

describe('Proxmox VE 8', () => {
  it('shows no pressure, neither now nor in the history, and coarser points', async () => {
    const pve = await pveLab();
    pve.world.version = { version: '8.4.14', release: '8.4', repoid: '0d1c2b3a' };
    const { record: status } = await ask(pve, 'GET', current);
    const { list } = await ask(pve, 'GET', '/nodes/pve1/lxc/200/rrddata', { timeframe: 'month', cf: 'MAX' });
    const keys = [status, ...list].flatMap((entry) => Object.keys(entry));
    expect(keys.filter((key) => key.startsWith('pressure'))).toEqual([]);
    expect(list).toHaveLength(70);
    expect(Number(list[1]!.time) - Number(list[0]!.time)).toBe(12 * 3600);
  });
});
