import { describe, expect, it } from 'vitest';
import { proxmoxApplier } from '../../src/appliers/proxmox/index.ts';
import { type DeliverLab, shortWindow } from '../support/deliver-lab.ts';
import { inProcessBot } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { planOf, readable, showsPlan, writesIn } from '../terraform/real/deliver-lab.ts';
import { backUp, clientOf, configOf, gone, ready, setStatus } from './destroy-lab.ts';

describe('a guest whose file is removed', () => {
  it('is destroyed where it is stopped and was backed up, approved with that backup, and verified as gone', async () => {
    const lab = await ready();
    await backUp(lab, 202);
    const number = await lab.propose('gone', gone);
    await lab.plan(number);
    const comment = readable(await planOf(lab, number)).replace(/UPID:pve1:[^`]*/, 'UPID:pve1:…');
    await expect(comment).toMatchFileSnapshot('golden/destroy-guest.md');
    await lab.merge(number);
    expect(await lab.run()).toEqual(['#1 applied: frigate destroyed', '#1 verified: frigate is gone']);
    expect(writesIn(lab).slice(1)).toEqual(['DELETE /nodes/pve1/lxc/202']);
    expect(await lab.record(number)).toMatchObject({
      outcome: 'verified',
      target: 'home/lxc/202',
      steps: [
        { action: 'destroy', undo: 'irreversible', effect: expect.stringMatching(/^UPID:.*vzdestroy/) as string },
      ],
    });
    expect(await lab.pass()).toMatchObject({ events: [], waiting: [] });
    expect([...(await lab.open()).keys()]).toEqual([]);
  });

  it.each<[string, (lab: DeliverLab) => Promise<void> | void, RegExp]>([
    ['no backup', () => undefined, /`no-backup`\): no backup of frigate ended well .* Next: make one: vzdump 202/],
    [
      'a backup of two days ago',
      async (lab) => {
        await backUp(lab, 202);
        lab.clock.advance(48 * 3600_000);
      },
      /`no-backup`/,
    ],
    ['the backup of another', (lab) => backUp(lab, 201), /`no-backup`/],
    ['one backup of several others', (lab) => backUp(lab, 200, 201), /`no-backup`/],
    [
      'a backup of several in which this one failed',
      async (lab) => {
        Object.assign(configOf(lab), { lock: 'backup' });
        await backUp(lab, 201, 202);
        Object.assign(configOf(lab), { lock: undefined });
      },
      /`no-backup`\): no backup of frigate ended well/,
    ],
    [
      'a mount point that came after the backup',
      async (lab) => {
        await backUp(lab, 201, 202);
        Object.assign(configOf(lab), { mp0: 'local-lvm:vm-202-disk-1,mp=/media,size=5G,backup=1' });
      },
      /`no-backup`\): the backup of frigate that ended \S+ does not hold mp0\. Next: make one that does: vzdump 202/,
    ],
    [
      'one that failed',
      async (lab) => {
        lab.lab.pve.faults.inject({ fault: 'task-failure', message: 'full', path: /vzdump$/ });
        await backUp(lab, 202);
      },
      /`no-backup`/,
    ],
    [
      'it runs',
      async (lab) => {
        await backUp(lab, 202);
        setStatus(lab, 'running');
      },
      /only what is stopped is destroyed\. Next: stop it first: pct shutdown 202/,
    ],
    [
      'it is protected',
      async (lab) => {
        Object.assign(configOf(lab), { protection: 1 });
        await backUp(lab, 202);
      },
      /`target-not-ready`\): frigate is protected.* Next: take the protection away first: pct set 202 --protection 0/,
    ],
    [
      'high availability that manages it',
      async (lab) => {
        await backUp(lab, 202);
        Object.assign(lab.lab.pve.world.guests.get(202) ?? {}, { ha: { seconds: 10 } });
      },
      /`target-not-ready`\): frigate is managed by high availability.* Next: .*: ha-manager remove ct:202 on pve1/,
    ],
    [
      'a resource of high availability that is only ignored',
      async (lab) => {
        await backUp(lab, 202);
        Object.assign(lab.lab.pve.world.guests.get(202) ?? {}, { ha: { seconds: 10, state: 'ignored' } });
      },
      /`target-not-ready`\): frigate is configured in high availability \(ignored\).* Next: .*: ha-manager remove ct:202 on pve1/,
    ],
    [
      'a replication job',
      async (lab) => {
        await backUp(lab, 202);
        Object.assign(lab.lab.pve.world.guests.get(202) ?? {}, { replication: { '202-0': { target: 'pve2' } } });
      },
      /`target-not-ready`\): frigate is replicated \(202-0 to pve2\).* Next: .*: pvesr delete 202-0 on pve1/,
    ],
    [
      'a mount point that no backup holds',
      async (lab) => {
        Object.assign(configOf(lab), { mp0: 'local-lvm:vm-202-disk-1,mp=/media,size=500G' });
        await backUp(lab, 202);
      },
      /`no-backup`\): mp0 of frigate would be destroyed with it, and is in no backup\. Next: have it backed up/,
    ],
    [
      'another one has its number',
      async (lab) => {
        await backUp(lab, 202);
        Object.assign(lab.lab.pve.world.guests.get(202)?.config ?? {}, { hostname: 'other' });
      },
      /`target-mismatch`/,
    ],
  ])('is refused with the next command where there is %s', async (_name, given, says) => {
    const lab = await ready();
    await given(lab);
    const number = await lab.propose('gone', gone);
    await lab.plan(number);
    expect((await planOf(lab, number)).replaceAll('\\', '')).toMatch(says);
    expect(writesIn(lab).filter((one) => one.startsWith('DELETE'))).toEqual([]);
  });

  it('needs two people by the default policies, and carries nothing', async () => {
    const lab = await ready(shortWindow);
    await backUp(lab, 202);
    const number = await lab.propose('gone', gone);
    await lab.plan(number);
    expect(await planOf(lab, number)).toMatch(
      /`unreachable-level`\): the rule "destroying needs two people" asks for approve-2/,
    );
  });

  it('is not destroyed where it was started, or made anew, after the plan', async () => {
    const lab = await ready();
    await backUp(lab, 202);
    const number = await lab.propose('gone', gone);
    await lab.plan(number);
    await lab.merge(number);
    setStatus(lab, 'running');
    expect((await lab.run())[0]).toMatch(/^#1 not-applied \(stale\): frigate is running, and only what is stopped/);
    expect(lab.lab.pve.world.guests.has(202)).toBe(true);
  });

  it.each([
    ['a mount point', { mp0: 'local-lvm:vm-202-disk-1,mp=/media,size=500G,backup=1' }],
    ['its notes', { description: 'made anew, with other data' }],
    ['the protection', { protection: 1 }],
  ])('is not destroyed where %s came after the plan', async (_name, config) => {
    const lab = await ready();
    await backUp(lab, 202);
    const number = await lab.propose('gone', gone);
    await lab.plan(number);
    await lab.merge(number);
    Object.assign(configOf(lab), config);
    expect((await lab.run())[0]).toMatch(/^#1 not-applied \(stale\): /);
    expect(writesIn(lab).filter((one) => one.startsWith('DELETE'))).toEqual([]);
  });

  it('is destroyed with mount points that its backup holds, and with those that are the node’s', async () => {
    const lab = await ready();
    Object.assign(configOf(lab), { mp0: 'local-lvm:vm-202-disk-1,mp=/media,size=5G,backup=1', mp1: '/srv,mp=/srv' });
    await backUp(lab, 202);
    const number = await lab.propose('gone', gone);
    await lab.plan(number);
    await lab.merge(number);
    expect((await lab.run()).at(-1)).toBe('#1 verified: frigate is gone');
  });

  it.each([
    ['of several guests', {}],
    ['of several guests, of which another failed', { lock: 'migrate' }],
  ])('is destroyed by one backup %s, whose task names none of them', async (_name, other) => {
    const lab = await ready();
    Object.assign(lab.lab.pve.world.guests.get(201)?.config ?? {}, other);
    await backUp(lab, 201, 202);
    Object.assign(lab.lab.pve.world.guests.get(201)?.config ?? {}, { lock: undefined });
    const number = await lab.propose('gone', gone);
    await lab.plan(number);
    expect((await planOf(lab, number)).replaceAll('\\', '')).toMatch(/UPID:pve1:[^`]*:vzdump::/);
    await lab.merge(number);
    expect((await lab.run()).at(-1)).toBe('#1 verified: frigate is gone');
  });

  it('is not destroyed where the backup that was approved is no longer listed', async () => {
    const lab = await ready();
    await backUp(lab, 202);
    const number = await lab.propose('gone', gone);
    await lab.plan(number);
    await lab.merge(number);
    lab.lab.pve.world.tasks.clear();
    await backUp(lab, 202);
    expect((await lab.run())[0]).toMatch(/^#1 not-applied \(stale\): no backup of frigate/);
    expect(lab.lab.pve.world.guests.has(202)).toBe(true);
  });

  it('is not taken for another one that has its number by then, and not sent where it changed behind the look', async () => {
    const lab = await ready();
    await backUp(lab, 202);
    const number = await lab.propose('gone', gone);
    const shown = (await lab.plan(number)).get(number);
    const step = shown?.state === 'shown' ? shown.record.steps[0] : undefined;
    if (step === undefined) throw new Error('there is no step');
    const applier = proxmoxApplier(() => clientOf(lab), lab.clock);
    const { live } = await applier.observe(step);
    if (live === undefined) throw new Error('there is no guest');
    Object.assign(lab.lab.pve.world.guests.get(202)?.config ?? {}, { hostname: 'other' });
    expect(await applier.observe(step)).toMatchObject({
      state: 'unknown',
      saw: expect.stringContaining('other') as string,
    });
    await expect(applier.apply(step, { run: 'r', index: 0, live })).rejects.toMatchObject({
      code: 'PVE_CONFLICT',
      details: { maybeWritten: false },
    });
    expect(writesIn(lab).filter((one) => one.startsWith('DELETE'))).toEqual([]);
  });

  it('is destroyed once, also where the runner was killed behind it', async () => {
    const lab = await ready();
    await backUp(lab, 202);
    const number = await lab.propose('gone', gone);
    await lab.plan(number);
    await lab.merge(number);
    const bot = inProcessBot(lab.lab, lab.clock, computer());
    await bot.runKilled();
    const said = await bot.run();
    expect(said.split('\n').at(-1)).toBe('#1 verified: frigate is gone');
    expect(writesIn(lab).filter((one) => one.startsWith('DELETE'))).toHaveLength(1);
  });

  it('is not verified where it is there again', async () => {
    const lab = await ready();
    await backUp(lab, 202);
    const guest = lab.lab.pve.world.guests.get(202);
    const number = await lab.propose('gone', gone);
    await lab.plan(number);
    await lab.merge(number);
    await lab.pass();
    if (guest !== undefined) lab.lab.pve.world.guests.set(202, guest);
    expect((await lab.run()).find((line) => line.includes('verified'))).toMatch(
      /#1 not-verified: lxc\/202 is there on pve1/,
    );
  });

  it('that is gone already leaves the repository by a note alone', async () => {
    const lab = await ready();
    await lab.plan();
    lab.lab.pve.world.guests.delete(202);
    const number = await lab.propose('gone', gone);
    await lab.plan(number);
    await showsPlan(lab, number, 'golden/gone-guest.md');
  });
});
