import { describe, expect, test } from 'vitest';
import { homeTokens } from '../../../simulators/pve/index.ts';
import { errorOf } from '../../clients/proxmox/support.ts';
import { grow, growVm, rebootVm, resize, type Stage, stage, token } from './support.ts';

const config = '/nodes/pve1/lxc/200/config';
const reboot = '/nodes/pve1/qemu/203/status/reboot';

describe('a new size', () => {
  test('is one PUT with exactly its keys and the digest that was seen, and its effect is the digest after it', async () => {
    const { applier, writes, live } = await stage();
    const before = await live('home/lxc/200');
    const effect = await applier.apply(grow(), token(before));
    expect(writes()).toEqual([{ method: 'PUT', path: config, parameters: { memory: '3072', digest: before.digest } }]);
    const after = await live('home/lxc/200');
    expect(effect).toBe(after.digest);
    expect(effect).not.toBe(before.digest);
    expect(after.running).toEqual({ cores: 2, memory: 3072, swap: 512 });
    expect((await applier.observe(grow())).state).toBe('done');
  });

  test('of several values is one PUT', async () => {
    const { applier, writes, live } = await stage();
    await applier.apply(resize({}, { cores: 4, memory: 3072, swap: 0 }), token(await live('home/lxc/200')));
    expect(writes()).toHaveLength(1);
    expect((await live('home/lxc/200')).running).toEqual({ cores: 4, memory: 3072, swap: 0 });
  });

  test('of a VM waits for its restart', async () => {
    const { applier, live } = await stage();
    const before = await live('home/qemu/203');
    expect(await applier.apply(growVm(), token(before))).not.toBe(before.digest);
    expect(await live('home/qemu/203')).toMatchObject({ running: { memory: 4096 }, pending: { memory: 6144 } });
    expect((await applier.observe(growVm())).state).toBe('done');
  });

  test('follows the guest to the node where it is now', async () => {
    const { pve, applier, writes, live } = await stage();
    const before = await live('home/lxc/200');
    pve.world.nodes.set('pve2', { ...pve.world.nodes.get('pve1')!, name: 'pve2' });
    pve.world.guests.get(200)!.node = 'pve2';
    await applier.apply(grow(), token(before));
    expect(writes().map(({ path }) => path)).toEqual(['/nodes/pve2/lxc/200/config']);
  });
});

describe('nothing is sent', () => {
  test.each([
    ['to a locked container', grow(), 200],
    ['to a locked VM', growVm(), 203],
    ['to a locked VM that shall restart', rebootVm(), 203],
  ])('%s', async (_, step, vmid) => {
    const { pve, applier, writes, live } = await stage();
    const before = await live(step.target);
    pve.world.guests.get(vmid)!.config['lock'] = 'backup';
    const error = await errorOf(applier.apply(step, token(before)));
    expect(error).toMatchObject({ code: 'PVE_LOCKED', details: { maybeWritten: false } });
    expect(error.message).toContain('is locked (backup); nothing was sent');
    expect(writes()).toEqual([]);
  });

  test.each([
    ['a new size', grow(), 200],
    ['a restart', rebootVm(), 203],
  ])('as %s where the configuration changed since it was seen', async (_, step, vmid) => {
    const { pve, applier, writes, live } = await stage();
    const before = await live(step.target);
    pve.world.guests.get(vmid)!.config['description'] = 'somebody was here';
    expect(await errorOf(applier.apply(step, token(before)))).toMatchObject({
      code: 'PVE_CONFLICT',
      details: { maybeWritten: false },
    });
    expect(writes()).toEqual([]);
  });

  test.each([
    ['a key that is none of ours', { memory: 3072, protection: 0 }],
    ['a fraction', { memory: 3072.5 }],
    ['a negative number', { swap: -1 }],
    ['nothing', {}],
  ])('that would write %s', async (_, set: { [key: string]: number }) => {
    const { applier, writes, live } = await stage();
    const step = grow({ action: { kind: 'set-guest-config', set } });
    expect((await errorOf(applier.apply(step, token(await live('home/lxc/200'))))).code).toBe('INTERNAL');
    expect(writes()).toEqual([]);
  });

  test('that would give a VM swap', async () => {
    const { applier, writes, live } = await stage();
    const step = growVm({ action: { kind: 'set-guest-config', set: { swap: 512 } } });
    expect((await errorOf(applier.apply(step, token(await live('home/qemu/203'))))).code).toBe('INTERNAL');
    expect(writes()).toEqual([]);
  });
});

describe('a write that PVE refuses', () => {
  test.each([
    ['container', grow(), 200],
    ['VM', growVm(), 203],
  ])(
    'because the configuration of a %s changed in the last moment is a conflict, and nothing is written',
    async (_, step, vmid) => {
      const { pve, applier, live } = await stage();
      const before = await live(step.target);
      const guest = pve.world.guests.get(vmid)!;
      // The change falls between our last read and our write: the simulator answers the write by the newer file.
      pve.faults.inject({ fault: 'slow', milliseconds: 0, method: 'PUT' });
      const take = pve.faults.take.bind(pve.faults);
      pve.faults.take = (method, path) => {
        if (method === 'PUT') guest.config['description'] = 'somebody was here';
        return take(method, path);
      };
      expect(await errorOf(applier.apply(step, token(before)))).toMatchObject({
        code: 'PVE_CONFLICT',
        details: { status: 500, maybeWritten: false },
      });
      expect(Number(guest.config['memory'])).toBe(vmid === 200 ? 2048 : 4096);
    },
  );

  test('because a lock came in the last moment is locked, and nothing is written', async () => {
    const { pve, applier, live } = await stage();
    const before = await live('home/lxc/200');
    pve.faults.inject({ fault: 'locked', lock: 'snapshot', method: 'PUT' });
    const error = await errorOf(applier.apply(grow(), token(before)));
    expect(error).toMatchObject({ code: 'PVE_LOCKED', details: { status: 500, maybeWritten: false } });
    expect(error.message).toContain('CT is locked (snapshot)');
    expect((await applier.observe(grow())).state).toBe('not-done');
  });

  test('because the token only reads names the privilege and the path', async () => {
    const { applier, live } = await stage({ token: homeTokens.read });
    const error = await errorOf(applier.apply(grow(), token(await live('home/lxc/200'))));
    expect(error).toMatchObject({ code: 'PVE_FORBIDDEN', details: { maybeWritten: false } });
    expect(error.message).toMatch(/VM\.Config\.Memory.* on \/vms\/200/);
  });
});

describe('a write of which the answer is lost', () => {
  test.each([
    ['timeout-before', 'PVE_TIMEOUT', 'not-done'],
    ['timeout-after', 'PVE_TIMEOUT', 'done'],
    ['reset-before', 'PVE_UNREACHABLE', 'not-done'],
    ['reset-after', 'PVE_UNREACHABLE', 'done'],
    ['error-500', 'PVE_FAILED', 'not-done'],
    ['error-596', 'PVE_FAILED', 'not-done'],
    ['error-596-after', 'PVE_FAILED', 'done'],
  ] as const)('%s was sent once, may have happened, and looking tells', async (fault, code, state) => {
    const { pve, applier, writes, live } = await stage({ timeout: 500 });
    const before = await live('home/lxc/200');
    pve.faults.inject({ fault, method: 'PUT' });
    expect(await errorOf(applier.apply(grow(), token(before)))).toMatchObject({
      code,
      details: { maybeWritten: true },
    });
    expect(writes()).toHaveLength(1);
    expect((await applier.observe(grow())).state).toBe(state);
  });

  test('by the look after it says that it may have happened', async () => {
    const { pve, applier, writes, live } = await stage();
    const before = await live('home/lxc/200');
    const take = pve.faults.take.bind(pve.faults);
    pve.faults.take = (method, path) => {
      if (method === 'PUT') pve.faults.inject({ fault: 'error-500', method: 'GET', path: /config$/ });
      return take(method, path);
    };
    const error = await errorOf(applier.apply(grow(), token(before)));
    expect(error).toMatchObject({ code: 'PVE_FAILED', details: { method: 'GET', maybeWritten: true } });
    expect(error.message).toContain('(after the write)');
    expect(writes()).toHaveLength(1);
  });
});

describe('a restart', () => {
  const written = async () => {
    const stood = await stage();
    await stood.applier.apply(growVm(), token(await stood.live('home/qemu/203')));
    return stood;
  };

  test('is one POST, waits for its task, and its effect is the UPID', async () => {
    const { applier, writes, live } = await written();
    const effect = await applier.apply(rebootVm(), token(await live('home/qemu/203')));
    expect(effect).toMatch(/^UPID:pve1:.*:qmreboot:203:/);
    expect(writes().slice(1)).toEqual([{ method: 'POST', path: reboot, parameters: { timeout: '300' } }]);
    expect(await live('home/qemu/203')).toMatchObject({ running: { memory: 6144 }, pending: {}, status: 'running' });
    expect((await applier.observe(rebootVm())).state).toBe('done');
  });

  test('of which the task fails is an error that says why', async () => {
    const { pve, applier, live } = await written();
    pve.faults.inject({ fault: 'task-failure', message: 'VM quit/powerdown failed - got timeout', method: 'POST' });
    const error = await errorOf(applier.apply(rebootVm(), token(await live('home/qemu/203'))));
    expect(error).toMatchObject({ code: 'PVE_TASK_FAILED', details: { maybeWritten: true } });
    expect(error.message).toContain('VM quit/powerdown failed - got timeout');
    expect((await applier.observe(rebootVm())).state).toBe('not-done');
  });

  /** PVE's own way: the task ends when the VM is down, and `qm cleanup` starts it seconds later. */
  const downFor = ({ pve, clock }: Stage, seconds: number): void => {
    let since: number | undefined;
    Object.defineProperty(pve.world.guests.get(203)!, 'status', {
      get: () => {
        if (pve.requests.some(({ method }) => method === 'POST')) since ??= clock.now();
        return since === undefined || clock.now() >= since + seconds * 1000 ? 'running' : 'stopped';
      },
      set: () => undefined,
    });
  };

  test('lasts until the guest runs again, not only until its task ends', async () => {
    const stood = await written();
    downFor(stood, 6);
    await stood.applier.apply(rebootVm(), token(await stood.live('home/qemu/203')));
    expect((await stood.live('home/qemu/203')).status).toBe('running');
  });

  test('after which the guest does not start again is an error that says so', async () => {
    const stood = await written();
    downFor(stood, 3600);
    const error = await errorOf(stood.applier.apply(rebootVm(), token(await stood.live('home/qemu/203'))));
    expect(error).toMatchObject({ code: 'PVE_TIMEOUT', details: { maybeWritten: true } });
    expect(error.message).toMatch(/^task UPID:.* ended, and qemu\/203 is stopped on pve1 120 s later, not running/);
    expect(stood.writes().filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  test.each(['timeout-after', 'reset-after', 'timeout-before'] as const)(
    'of which the answer is lost (%s) is sent once',
    async (fault) => {
      const { pve, applier, writes, live } = await stage({ timeout: 500 });
      await applier.apply(growVm(), token(await live('home/qemu/203')));
      const before = await live('home/qemu/203');
      pve.faults.inject({ fault, method: 'POST' });
      expect((await errorOf(applier.apply(rebootVm(), token(before)))).details).toMatchObject({ maybeWritten: true });
      expect(writes().filter(({ method }) => method === 'POST')).toHaveLength(1);
    },
  );

  test.each([
    ['another key', { memory: '6144', description: 'x' }, 'description x'],
    ['another value', { memory: '8192' }, 'memory 8192 MiB'],
  ])('that would also put in force %s, which nobody approved, is not sent', async (_, pending, named) => {
    const { pve, applier, writes, live } = await stage();
    pve.world.guests.get(203)!.pending = pending;
    const error = await errorOf(applier.apply(rebootVm(), token(await live('home/qemu/203'))));
    expect(error).toMatchObject({ code: 'PVE_CONFLICT', details: { maybeWritten: false } });
    expect(error.message).toContain(named);
    expect(writes()).toEqual([]);
  });

  test('for which nothing waits any more is not sent', async () => {
    const { applier, writes, live } = await stage();
    const error = await errorOf(applier.apply(rebootVm(), token(await live('home/qemu/203'))));
    expect(error).toMatchObject({ code: 'PVE_REFUSED', details: { maybeWritten: false } });
    expect(error.message).toContain('memory of home/qemu/203 no longer waits for a restart');
    expect(writes()).toEqual([]);
  });

  test('of a stopped guest is not sent', async () => {
    const { pve, applier, writes, live } = await stage();
    pve.world.guests.get(203)!.status = 'stopped';
    expect(await errorOf(applier.apply(rebootVm(), token(await live('home/qemu/203'))))).toMatchObject({
      code: 'PVE_REFUSED',
      details: { maybeWritten: false },
    });
    expect(writes()).toEqual([]);
  });
});
