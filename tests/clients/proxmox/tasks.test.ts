import { describe, expect, test } from 'vitest';
import { waitAnswered, waitTask } from '../../../src/clients/proxmox/index.ts';
import { answer, canned, clientOf, errorOf, fakeClock, reset, serve } from './support.ts';

const upid = 'UPID:pve1:0001A2B3:00C4D5E6:691E8F10:vzreboot:200:gitmend@pve!write:';
const status = `GET /nodes/pve1/tasks/${encodeURIComponent(upid).replaceAll('%3A', ':')}/status`;
const log = status.replace(/status$/, 'log');
const wait = (timeout = 60_000) => ({ timeout, clock: fakeClock() });

describe('a task', () => {
  test('that ended with OK is OK', async () => {
    const { client } = await canned({ [status]: { status: 'stopped', exitstatus: 'OK' } });
    expect(await waitTask(client, 'pve1', upid, wait())).toEqual({ status: 'OK', log: [] });
  });

  test('that still runs is looked at again, on the given clock', async () => {
    let looks = 0;
    const server = await serve((_, response) =>
      answer(response, 200, {
        data: (looks += 1) < 4 ? { status: 'running' } : { status: 'stopped', exitstatus: 'OK' },
      }),
    );
    const clock = fakeClock();
    await waitTask(clientOf(server), 'pve1', upid, { timeout: 60_000, clock });
    expect(clock.slept).toEqual([250, 500, 1000]);
  });

  test('that ended with warnings says which', async () => {
    const lines = [
      { n: 1, t: 'starting' },
      { n: 2, t: 'WARN: old \u001b[1mcgroup' },
    ];
    const { client } = await canned({ [status]: { status: 'stopped', exitstatus: 'WARNINGS: 1' }, [log]: lines });
    expect(await waitTask(client, 'pve1', upid, wait())).toEqual({
      status: 'WARNINGS',
      log: ['starting', 'WARN: old [1mcgroup'],
    });
  });

  test('that failed is an error with the last ten lines of its log', async () => {
    const lines = Array.from({ length: 12 }, (_, index) => ({ n: index + 1, t: `line ${index + 1}` }));
    const { client } = await canned({
      [status]: { status: 'stopped', exitstatus: 'command failed: exit code 255' },
      [log]: lines,
    });
    const error = await errorOf(waitTask(client, 'pve1', upid, wait()));
    expect(error.code).toBe('PVE_TASK_FAILED');
    expect(error.message).toContain('ended with "command failed: exit code 255"; its log ends: line 3 / ');
    expect(error.message).toContain('line 12');
    expect(error.details).toMatchObject({ upid, maybeWritten: true, log: expect.arrayContaining(['line 12']) });
  });

  test('with a long log is read to its end', async () => {
    const server = await serve(({ url }, response) => {
      const start = Number(new URL(url, 'https://x').searchParams.get('start'));
      const lines = Array.from({ length: 1203 }, (_, index) => ({ n: index + 1, t: `line ${index + 1}` }));
      const ended = { status: 'stopped', exitstatus: 'failed' };
      answer(response, 200, { data: url.includes('/log') ? lines.slice(start, start + 500) : ended });
    });
    expect((await errorOf(waitTask(clientOf(server), 'pve1', upid, wait()))).details['log']).toEqual(
      Array.from({ length: 10 }, (_, index) => `line ${1194 + index}`),
    );
  });

  test('that failed without a readable log still failed', async () => {
    const { client } = await canned({ [status]: { status: 'stopped', exitstatus: 'interrupted by signal' } });
    expect((await errorOf(waitTask(client, 'pve1', upid, wait()))).message).toContain(
      'its log is empty or cannot be read',
    );
  });

  test('that ended without saying how is no success', async () => {
    const { client } = await canned({ [status]: { status: 'stopped' }, [log]: [] });
    expect((await errorOf(waitTask(client, 'pve1', upid, wait()))).code).toBe('PVE_TASK_FAILED');
  });

  test('that does not end in time may have had its effect', async () => {
    const { client } = await canned({ [status]: { status: 'running' } });
    const error = await errorOf(waitTask(client, 'pve1', upid, wait(5000)));
    expect(error).toMatchObject({ code: 'PVE_TIMEOUT', details: { maybeWritten: true, upid } });
    expect(error.message).toBe(`task ${upid} still runs after 5 s`);
  });

  test('that cannot be seen for a moment is looked at again', async () => {
    let looks = 0;
    const server = await serve((_, response, request) => {
      looks += 1;
      if (looks <= 2) reset(request);
      else if (looks === 3) answer(response, 596, '', 'Connection timed out');
      else answer(response, 200, { data: { status: 'stopped', exitstatus: 'OK' } });
    });
    expect((await waitTask(clientOf(server), 'pve1', upid, wait())).status).toBe('OK');
  });

  test('that the token may not see is an error at once', async () => {
    const server = await serve((_, response) =>
      answer(response, 403, { data: null, message: 'Permission check failed (/nodes/pve1, Sys.Audit)' }),
    );
    expect((await errorOf(waitTask(clientOf(server), 'pve1', upid, wait()))).code).toBe('PVE_FORBIDDEN');
    expect(server.arrivals).toHaveLength(1);
  });
});

describe('the answer to a write', () => {
  const place = { node: 'pve1', type: 'lxc', vmid: 200 } as const;

  test('is the UPID of the task that is waited for', async () => {
    const { client } = await canned({ [status]: { status: 'stopped', exitstatus: 'OK' } });
    expect(await waitAnswered(client, place, { call: '/resize', answer: upid }, wait())).toBe(upid);
    const failed = await canned({ [status]: { status: 'stopped', exitstatus: 'no space left' }, [log]: [] });
    const refusal = await errorOf(waitAnswered(failed.client, place, { call: '/resize', answer: upid }, wait()));
    expect(refusal.code).toBe('PVE_TASK_FAILED');
  });

  test('that is none names the call, and nothing is waited for', async () => {
    const { client } = await canned({});
    const error = await errorOf(waitAnswered(client, place, { call: '/resize', answer: null }, wait()));
    expect(error.code).toBe('PVE_ANSWER_INVALID');
    expect(error.message).toContain('/nodes/pve1/lxc/200/resize');
  });
});
