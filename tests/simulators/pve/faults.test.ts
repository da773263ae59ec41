import { describe, expect, it } from 'vitest';
import type { Pve } from '../../../simulators/pve/index.ts';
import { ask } from '../../support/pve-client.ts';
import { pveLab } from '../../support/pve-lab.ts';

const config = '/nodes/pve1/lxc/200/config';
const raise = (pve: Pve) => ask(pve, 'PUT', config, { memory: 3072 });
const memoryOf = (pve: Pve) => pve.world.guests.get(200)!.config.memory;

/** Resolves when the request was received and left without an answer. */
async function unanswered(pve: Pve): Promise<void> {
  while (!pve.requests.some(({ status }) => status === 'none')) await new Promise((next) => setImmediate(next));
}

describe('a fault', () => {
  it.each([
    ['timeout-before', 2048],
    ['timeout-after', 3072],
  ] as const)('%s leaves the caller without an answer and the memory at %i MiB', async (fault, memory) => {
    const pve = await pveLab();
    pve.faults.inject({ fault, method: 'PUT', path: /config$/ });
    const request = raise(pve).then(
      () => 'answered',
      () => 'cut off',
    );
    await unanswered(pve);
    expect(memoryOf(pve)).toBe(memory);
    expect(pve.requests[0]).toMatchObject({ status: 'none', fault });
    await pve.close();
    expect(await request).toBe('cut off');
  });

  it.each([
    ['reset-before', 2048],
    ['reset-after', 3072],
  ] as const)('%s resets the connection and leaves the memory at %i MiB', async (fault, memory) => {
    const pve = await pveLab();
    pve.faults.inject({ fault });
    await expect(raise(pve)).rejects.toThrow(/ECONNRESET|socket hang up/);
    expect(memoryOf(pve)).toBe(memory);
  });

  it.each([
    ['error-500', 500, 2048],
    ['error-596', 596, 2048],
    ['error-596-after', 596, 3072],
  ] as const)('%s answers %i and leaves the memory at %i MiB', async (fault, status, memory) => {
    const pve = await pveLab();
    pve.faults.inject({ fault });
    expect((await raise(pve)).status).toBe(status);
    expect(memoryOf(pve)).toBe(memory);
  });

  it('slow answers as usual, later', async () => {
    const pve = await pveLab();
    pve.faults.inject({ fault: 'slow', milliseconds: 1 });
    expect((await raise(pve)).status).toBe(200);
  });

  it('locked is a lock for one request', async () => {
    const pve = await pveLab();
    pve.faults.inject({ fault: 'locked', lock: 'snapshot' });
    expect((await raise(pve)).json.message).toBe('CT is locked (snapshot)\n');
    expect((await raise(pve)).status).toBe(200);
  });

  it('task-failure ends the task with its message and without its effect', async () => {
    const pve = await pveLab();
    pve.faults.inject({ fault: 'task-failure', message: 'command failed: exit code 1' });
    const { json } = await ask(pve, 'POST', '/nodes/pve1/lxc/200/status/stop');
    const { record } = await ask(pve, 'GET', `/nodes/pve1/tasks/${encodeURIComponent(String(json.data))}/status`);
    expect(record).toMatchObject({ status: 'stopped', exitstatus: 'command failed: exit code 1' });
    expect(pve.world.guests.get(200)!.status).toBe('running');
  });

  it('400-after-write leaves a VM’s change pending, and a revert takes it back', async () => {
    const pve = await pveLab();
    pve.faults.inject({ fault: '400-after-write' });
    const vm = '/nodes/pve1/qemu/203/config';
    const answer = await ask(pve, 'PUT', vm, { memory: 6144 });
    expect(answer).toMatchObject({ status: 400, json: { errors: { memory: 'hotplug problem - simulated' } } });
    expect(pve.world.guests.get(203)!.pending).toEqual({ memory: '6144' });
    await ask(pve, 'PUT', vm, { revert: 'memory' });
    expect(pve.world.guests.get(203)!.pending).toEqual({});
  });

  it('400-after-write has put part of a container’s change into force and leaves the rest pending', async () => {
    const pve = await pveLab();
    pve.faults.inject({ fault: '400-after-write' });
    const answer = await ask(pve, 'PUT', config, { cores: 4, memory: 3072 });
    expect(answer).toMatchObject({ status: 400, json: { errors: { memory: 'unable to hotplug memory: simulated' } } });
    expect(pve.world.guests.get(200)).toMatchObject({ config: { cores: 4, memory: 2048 }, pending: { memory: 3072 } });
  });

  it('strikes as often as told and only what it matches', async () => {
    const pve = await pveLab();
    pve.faults.inject({ fault: 'error-500', method: 'GET', path: /status\/current$/, count: 2 });
    expect((await raise(pve)).status).toBe(200);
    const looks = [];
    for (let look = 0; look < 3; look += 1) {
      looks.push((await ask(pve, 'GET', '/nodes/pve1/lxc/200/status/current')).status);
    }
    expect(looks).toEqual([500, 500, 200]);
    expect(pve.faults.pending).toBe(0);
  });

  it('can be disarmed', async () => {
    const pve = await pveLab();
    pve.faults.inject({ fault: 'error-500', count: 5 });
    pve.faults.clear();
    expect((await raise(pve)).status).toBe(200);
  });
});
