import { describe, expect, it } from 'vitest';
import { MiB, leaking } from '../../../simulators/pve/index.ts';
import type { Pve } from '../../../simulators/pve/index.ts';
import { ask } from '../../support/pve-client.ts';
import { labTime, pveLab } from '../../support/pve-lab.ts';

const read = async (pve: Pve, timeframe: string, cf = 'AVERAGE') =>
  (await ask(pve, 'GET', '/nodes/pve1/lxc/200/rrddata', { timeframe, cf })).list;
const known = (points: Record<string, unknown>[]) => points.filter(({ mem }) => mem !== undefined);

describe('a guest’s history', () => {
  it.each([
    ['hour', 60, 60],
    ['day', 60, 1440],
    ['week', 1800, 336],
    ['month', 1800, 1440],
    ['year', 21_600, 1440],
  ])('for %s has a point every %i s, %i of them', async (timeframe, step, count) => {
    const pve = await pveLab();
    const points = await read(pve, timeframe);
    expect(points).toHaveLength(count);
    const times = points.map(({ time }) => Number(time));
    expect(times.every((time, index) => time % step === 0 && (index === 0 || time - times[index - 1]! === step))).toBe(
      true,
    );
    expect(times.at(-1)).toBe(Math.floor(labTime / 1000 / step) * step - step);
  });

  it('of a month has 672 points of 14 flat days; older points have only their time', async () => {
    const pve = await pveLab();
    const points = await read(pve, 'month', 'MAX');
    expect(known(points)).toHaveLength(672);
    expect(Object.keys(points[0]!)).toEqual(['time']);
    const used = known(points).map(({ mem }) => Number(mem) / MiB);
    expect(Math.min(...used.slice(0, -2))).toBeGreaterThan(1890);
    expect(Math.max(...used.slice(0, -2))).toBeLessThanOrEqual(1905);
  });

  it('of an hour shows when it began: 22 minutes ago', async () => {
    const pve = await pveLab();
    const stalled = (await read(pve, 'hour')).filter(({ pressurememoryfull }) => Number(pressurememoryfull) > 5);
    expect(stalled).toHaveLength(22);
    expect(stalled[0]!.time).toBe(labTime / 1000 - 22 * 60);
  });

  it('carries memory, CPU, disk, traffic and pressure under PVE 9’s names, as numbers', async () => {
    const pve = await pveLab();
    const point = (await read(pve, 'hour')).at(-1)!;
    const pressure = ['cpusome', 'cpufull', 'iosome', 'iofull', 'memorysome', 'memoryfull'].map(
      (key) => `pressure${key}`,
    );
    const columns = ['maxcpu', 'cpu', 'maxmem', 'mem', 'maxdisk', 'disk', 'netin', 'netout', 'diskread', 'diskwrite'];
    expect(Object.keys(point)).toEqual(['time', ...columns, ...pressure]);
    expect(Object.values(point).every((value) => typeof value === 'number')).toBe(true);
  });

  it('keeps the cap of its day', async () => {
    const pve = await pveLab();
    await ask(pve, 'PUT', '/nodes/pve1/lxc/200/config', { memory: 3072 });
    pve.advance(120);
    const caps = (await read(pve, 'hour')).map(({ maxmem }) => Number(maxmem) / MiB);
    expect(caps.slice(-3)).toEqual([2048, 3072, 3072]);
  });

  it('of a leak climbs by 60 MiB a day', async () => {
    const pve = await pveLab({ world: leaking });
    const used = known(await read(pve, 'month', 'MAX')).map(({ mem }) => Number(mem) / MiB);
    expect(used.at(-1)! - used[0]!).toBeCloseTo(14 * 60, -2);
  });

  it('has a maximum that is never below the average', async () => {
    const pve = await pveLab();
    const [highest, average] = [known(await read(pve, 'month', 'MAX')), known(await read(pve, 'month'))];
    expect(highest.every(({ mem }, index) => Number(mem) >= Number(average[index]!.mem))).toBe(true);
  });

  it('must be asked for by a timeframe that exists', async () => {
    const pve = await pveLab({ offContract: true });
    const answer = await ask(pve, 'GET', '/nodes/pve1/lxc/200/rrddata', { timeframe: 'fortnight' });
    expect(answer.json.errors?.timeframe).toContain("does not have a value in the enumeration 'hour, day");
  });
});

describe('a node’s history', () => {
  it('adds up to its memory', async () => {
    const pve = await pveLab();
    const { list } = await ask(pve, 'GET', '/nodes/pve1/rrddata', { timeframe: 'hour' });
    const point = list.at(-1)!;
    expect(Number(point.memused) + Number(point.memavailable)).toBe(point.memtotal);
  });
});
