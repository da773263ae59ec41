import { describe, expect, test } from 'vitest';
import { readNode, readRrd, readStatus, readVersion } from '../../../src/clients/proxmox/index.ts';
import { canned, errorOf } from './support.ts';

const lxc = 'GET /nodes/pve1/lxc/200';
const vm = 'GET /nodes/pve1/qemu/203';
const strings = {
  pressurecpusome: '0.00',
  pressurecpufull: '0.00',
  pressureiosome: '1.25',
  pressureiofull: '0.50',
  pressurememorysome: '31.00',
  pressurememoryfull: '24.07',
};

describe('the status', () => {
  test('of a container has its pressure, which comes as strings in percent, as fractions', async () => {
    const { client } = await canned({
      [`${lxc}/status/current`]: {
        status: 'running',
        mem: 2061584302,
        maxmem: 2147483648,
        swap: 524288000,
        maxswap: 536870912,
        cpus: 2,
        cpu: 0.2,
        ...strings,
      },
    });
    const status = await readStatus(client, 'pve1', 'lxc', 200);
    expect(status).toMatchObject({
      mem: 2061584302,
      maxmem: 2147483648,
      swap: 524288000,
      maxswap: 536870912,
      cpus: 2,
      cpu: 0.2,
    });
    expect(status.pressure).toEqual({
      cpu: { some: 0, full: 0 },
      io: { some: 0.0125, full: 0.005 },
      memory: { some: 0.31, full: 0.2407 },
    });
    expect(Object.keys(status).filter((key) => key.startsWith('pressure'))).toEqual(['pressure']);
  });

  test('of a container on PVE 8 has no pressure rather than none', async () => {
    const { client } = await canned({ [`${lxc}/status/current`]: { status: 'running', mem: 1 } });
    const status = await readStatus(client, 'pve1', 'lxc', 200);
    expect(status).not.toHaveProperty('pressure');
    expect(status).not.toHaveProperty('swap');
    expect(status).toMatchObject({
      node: 'pve1',
      type: 'lxc',
      vmid: 200,
      template: false,
      tags: [],
      uptime: 0,
      at: '2026-11-20T03:34:10Z',
    });
  });

  test('of a container of which some pressure is missing has the rest', async () => {
    const { client } = await canned({
      [`${lxc}/status/current`]: { status: 'running', pressurememorysome: '3.10', pressureiosome: null },
    });
    expect((await readStatus(client, 'pve1', 'lxc', 200)).pressure).toEqual({
      cpu: {},
      io: {},
      memory: { some: 0.031 },
    });
  });

  test('of a VM has its pressure as numbers, and the figures of the balloon', async () => {
    const ballooninfo = {
      actual: 4294967296,
      free_mem: 1568669696,
      total_mem: '4100000000',
      last_update: 1795261260,
      odd: {},
    };
    const { client } = await canned({
      [`${vm}/status/current`]: {
        status: 'running',
        qmpstatus: 'running',
        balloon: 4294967296,
        freemem: 1568669696,
        ballooninfo,
        pressurememoryfull: 2.5,
        lock: 'backup',
      },
    });
    const status = await readStatus(client, 'pve1', 'qemu', 203);
    expect(status).toMatchObject({
      balloon: 4294967296,
      freemem: 1568669696,
      lock: 'backup',
      pressure: { memory: { full: 0.025 } },
    });
    expect(status.ballooninfo).toEqual({
      actual: 4294967296,
      free_mem: 1568669696,
      total_mem: 4100000000,
      last_update: 1795261260,
    });
  });

  test('without a state is refused', async () => {
    const { client } = await canned({ [`${lxc}/status/current`]: { mem: 1 } });
    expect((await errorOf(readStatus(client, 'pve1', 'lxc', 200))).code).toBe('PVE_ANSWER_INVALID');
  });
});

describe('the history', () => {
  test('is in order, without what was not measured, and its pressure in fractions', async () => {
    const { client, arrivals } = await canned({
      [`${lxc}/rrddata`]: [
        { time: 1795262400, mem: 2e9, maxmem: 2147483648, pressurememoryfull: 31, id: 'x' },
        { time: 1795260600, mem: null, maxmem: '2147483648' },
        { time: 1795258800 },
      ],
    });
    expect(await readRrd(client, 'pve1', 'lxc', 200, 'month', 'MAX')).toEqual([
      { time: 1795258800, values: {} },
      { time: 1795260600, values: { maxmem: 2147483648 } },
      { time: 1795262400, values: { mem: 2e9, maxmem: 2147483648, pressurememoryfull: 0.31 } },
    ]);
    expect(arrivals[0]?.url).toBe('/api2/json/nodes/pve1/lxc/200/rrddata?timeframe=month&cf=MAX');
  });
});

describe('a node', () => {
  test.each([
    ['says what is available', { total: 100, used: 60, free: 10, available: 45 }, 45],
    ['says only what is used', { total: 100, used: 60, free: 10 }, 40],
    ['says only what is free', { total: 100, free: 10 }, 10],
    ['says nothing of it', { total: 100 }, 0],
  ])('that %s has its memory counted so', async (_, memory, available) => {
    const { client } = await canned({
      'GET /nodes/pve1/status': { memory, cpuinfo: { cpus: 8 }, pveversion: 'pve-manager/9.1.3/x' },
    });
    expect(await readNode(client, 'pve1')).toMatchObject({
      node: 'pve1',
      memoryTotal: 100,
      memoryAvailable: available,
      cpus: 8,
      version: 'pve-manager/9.1.3/x',
    });
  });

  test('without its memory is refused: headroom is never guessed', async () => {
    const { client } = await canned({ 'GET /nodes/pve1/status': { cpuinfo: { cpus: 8 } } });
    expect((await errorOf(readNode(client, 'pve1'))).code).toBe('PVE_ANSWER_INVALID');
  });
});

test('the version may be all that PVE says of itself', async () => {
  const { client } = await canned({ 'GET /version': { version: 8.4 } });
  expect(await readVersion(client)).toEqual({ version: '8.4' });
});
