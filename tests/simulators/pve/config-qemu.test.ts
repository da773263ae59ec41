import { describe, expect, it } from 'vitest';
import { ask } from '../../support/pve-client.ts';
import { pveLab } from '../../support/pve-lab.ts';

const config = '/nodes/pve1/qemu/203/config';

describe('a running VM', () => {
  it('keeps memory and cores pending until a reboot', async () => {
    const pve = await pveLab();
    await ask(pve, 'PUT', config, { memory: 6144, cores: 4 });
    expect((await ask(pve, 'GET', config)).record).toMatchObject({ memory: '6144', cores: 4 });
    expect((await ask(pve, 'GET', config, { current: 1 })).record).toMatchObject({ memory: '4096', cores: 2 });
    await ask(pve, 'POST', '/nodes/pve1/qemu/203/status/reboot');
    expect((await ask(pve, 'GET', config, { current: 1 })).record).toMatchObject({ memory: '6144', cores: 4 });
  });

  it('takes memory at once where hotplug and numa allow it, and cores not even then', async () => {
    const pve = await pveLab();
    Object.assign(pve.world.guests.get(203)!.config, { hotplug: 'network,disk,cpu,memory', numa: 1 });
    await ask(pve, 'PUT', config, { memory: 6144, cores: 4 });
    expect((await ask(pve, 'GET', config, { current: 1 })).record).toMatchObject({ memory: '6144', cores: 2 });
  });

  it('takes what no guest notices at once', async () => {
    const pve = await pveLab();
    await ask(pve, 'PUT', config, { onboot: 0, description: 'lights' });
    expect((await ask(pve, 'GET', config, { current: 1 })).record).toMatchObject({ onboot: 0, description: 'lights' });
  });

  it('writes memory as text', async () => {
    const pve = await pveLab();
    expect((await ask(pve, 'GET', config)).record.memory).toBe('4096');
  });

  it('answers a POST with a task that does the same', async () => {
    const pve = await pveLab();
    const answer = await ask(pve, 'POST', config, { memory: 6144 });
    expect(answer.json.data).toMatch(/^UPID:pve1:.*:qmconfig:203:gitmend@pve!write:$/);
    expect((await ask(pve, 'GET', config)).record.memory).toBe('6144');
  });

  it('ends the task of a POST with the error that a PUT would answer', async () => {
    const pve = await pveLab();
    pve.world.guests.get(203)!.config.lock = 'backup';
    const { json } = await ask(pve, 'POST', config, { memory: 6144 });
    const status = await ask(pve, 'GET', `/nodes/pve1/tasks/${encodeURIComponent(String(json.data))}/status`);
    expect(status.record).toMatchObject({ status: 'stopped', exitstatus: 'VM is locked (backup)' });
  });
});

describe('a refused write', () => {
  it('has its own words for a wrong digest', async () => {
    const pve = await pveLab();
    const answer = await ask(pve, 'PUT', config, { cores: 4, digest: 'a'.repeat(40) });
    expect(answer).toMatchObject({
      status: 500,
      json: { message: 'checksum mismatch (file change by other user?)\n' },
    });
  });

  it('looks at the digest before the lock, unlike a container', async () => {
    const pve = await pveLab();
    pve.world.guests.get(203)!.config.lock = 'backup';
    expect((await ask(pve, 'PUT', config, { cores: 4, digest: 'a'.repeat(40) })).json.message).toMatch(
      /^checksum mismatch/,
    );
    expect((await ask(pve, 'PUT', config, { cores: 4 })).json.message).toBe('VM is locked (backup)\n');
  });
});

describe('the guest agent', () => {
  const interfaces = '/nodes/pve1/qemu/203/agent/network-get-interfaces';

  it('answers with addresses where it runs', async () => {
    const pve = await pveLab();
    const { record } = await ask(pve, 'GET', interfaces);
    expect(JSON.stringify(record)).toContain('192.168.1.23');
  });

  it.each([
    ['is not configured', 'No QEMU guest agent configured\n', { agent: undefined, config: undefined }],
    ['does not run', 'QEMU guest agent is not running\n', { agent: undefined, config: '1' }],
  ])('is an error where it %s', async (_title, message, given) => {
    const pve = await pveLab();
    const guest = pve.world.guests.get(203)!;
    delete guest.agent;
    if (given.config === undefined) delete guest.config.agent;
    expect(await ask(pve, 'GET', interfaces)).toMatchObject({ status: 500, json: { message } });
  });

  it('is an error while the VM is stopped', async () => {
    const pve = await pveLab();
    await ask(pve, 'POST', '/nodes/pve1/qemu/203/status/stop');
    expect((await ask(pve, 'GET', interfaces)).json.message).toBe('VM 203 is not running\n');
  });
});
