import { describe, expect, it } from 'vitest';
import { holderOf, isGone, thisMachine } from '../../src/ledger/holder.ts';
import { computer } from '../support/machines.ts';

const time = '2026-11-20T03:41:07Z';

describe('whether the holder of a lock is gone', () => {
  const here = computer();
  const [dead, alive] = [here.process(), here.process()];
  here.kill(dead);
  const holder = holderOf(dead, 'run', time);

  it('is proven by the same boot and pid namespace without its process', async () => {
    expect(await isGone(holder, alive)).toBe(true);
    expect(await isGone(holderOf(alive, 'run', time), alive)).toBe(false);
  });

  it('is proven where its pid is now another process', async () => {
    expect(await isGone({ ...holderOf(alive, 'run', time), started: '1' }, alive)).toBe(true);
  });

  it('is proven by another boot of the same machine', async () => {
    expect(await isGone({ ...holderOf(alive, 'run', time), boot: 'an earlier boot' }, alive)).toBe(true);
  });

  it('is proven on the same boot of a machine without an id', async () => {
    expect(await isGone({ ...holder, machine: '' }, { ...alive, machine: '' })).toBe(true);
  });

  it.each([
    ['on another machine', { ...holder, machine: 'another', boot: 'another' }],
    ['in another pid namespace of the same boot', { ...holder, pidNamespace: 'pid:[container]' }],
    ['where its pid namespace is not known', { ...holder, pidNamespace: '' }],
    ['where its boot is not known', { ...holder, boot: '' }],
    ['after another boot of a machine without an id', { ...holder, machine: '', boot: 'another' }],
    ['where it runs, and its start time was not known', { ...holderOf(alive, 'run', time), started: '' }],
  ])('is not proven %s', async (_, other) => {
    expect(await isGone(other, alive)).toBe(false);
  });

  it('is not proven by a machine that knows neither its boot nor its processes', async () => {
    expect(await isGone({ ...holder, boot: '' }, { ...alive, boot: '' })).toBe(false);
  });
});

describe('this machine', () => {
  it('knows this process and none that there is not', async () => {
    const machine = await thisMachine();
    expect(await machine.startOf(machine.pid)).toBe(machine.started);
    expect(await machine.startOf(2 ** 30)).toBeUndefined();
    expect(await isGone(holderOf(machine, 'run', time), machine)).toBe(false);
    expect(await isGone({ ...holderOf(machine, 'run', time), pid: 2 ** 30 }, machine)).toBe(
      machine.boot !== '' && machine.pidNamespace !== '',
    );
  });

  it('never makes two holdings alike', async () => {
    const machine = await thisMachine();
    expect(holderOf(machine, 'run', time)).not.toEqual(holderOf(machine, 'run', time));
  });
});
