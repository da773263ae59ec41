import { describe, expect, it, onTestFinished } from 'vitest';
import { deliverLab, type DeliverLab, type Files, shortWindow } from '../support/deliver-lab.ts';
import { inProcessBot } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { agreed, instead, planOf, showsPlan, writesIn } from '../terraform/real/deliver-lab.ts';

const moved = (name: string): Files => ({ [`guests/${name}.yaml`]: instead('node: pve1', 'node: pve2') });

describe('a guest whose file names another node', () => {
  it('as a running container is shut down here and started there, which the comment says at the top', async () => {
    const lab = await ready();
    const number = await agreed(lab, 'move', moved('frigate'), 'golden/migrate-guest.md');
    expect(await lab.run()).toEqual([
      '#1 applied: frigate migrated to pve2',
      '#1 verified: frigate runs with node pve2',
    ]);
    expect(guest(lab, 202)).toMatchObject({ node: 'pve2', status: 'running' });
    expect(lab.lab.pve.requests.find(({ path }) => path.endsWith('/migrate'))?.parameters).toEqual({
      target: 'pve2',
      restart: '1',
    });
    expect(await lab.record(number)).toMatchObject({
      steps: [
        {
          ...{ before: { node: 'pve1' }, after: { node: 'pve2' } },
          effect: expect.stringMatching(/^UPID:pve1:.*:vzmigrate:202:/) as string,
          undo: 'migrate it to pve1, shut down here and started there',
        },
      ],
    });
    expect(await lab.pass()).toMatchObject({ events: [], waiting: [] });
  });

  it('under HA is waited for as long as its manager is at it', async () => {
    const lab = await ready();
    Object.assign(guest(lab, 203), { ha: { seconds: 140 } });
    const number = await lab.propose('move', moved('homeassistant'));
    await lab.plan(number);
    await lab.merge(number);
    expect((await lab.run()).at(-1)).toBe('#1 verified: homeassistant runs with node pve2');
    expect(
      lab.lab.pve.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/migrate')),
    ).toHaveLength(1);
  });

  it('as a running virtual machine moves live with its local disks, and is asked about before the effect', async () => {
    const lab = await ready();
    const number = await lab.propose('move', moved('homeassistant'));
    await lab.plan(number);
    await showsPlan(lab, number, 'golden/migrate-live.md');
    await lab.merge(number);
    expect((await lab.run()).at(-1)).toBe('#1 verified: homeassistant runs with node pve2');
    const sent = lab.lab.pve.requests.filter(({ path }) => path.endsWith('/migrate'));
    expect(sent.at(-1)).toMatchObject({
      method: 'POST',
      parameters: { target: 'pve2', online: '1', 'with-local-disks': '1' },
    });
    expect(sent.map(({ method }) => method)).toContain('GET');
  });

  it('is not sent where the machine has a device of its node', async () => {
    const lab = await ready();
    await agreed(lab, 'move', moved('homeassistant'));
    Object.assign(guest(lab, 203).config, { usb0: 'host=1-2' });
    expect((await lab.run())[0]).toMatch(/^#1 not-applied \(refused\): it uses usb0 of pve1/);
    expect(writesIn(lab)).toEqual([]);
  });

  it.each<[string, (lab: DeliverLab) => void, RegExp]>([
    ['is no node', (lab) => lab.lab.pve.world.nodes.delete('pve2'), /pve2 is no node of this cluster/i],
    [
      'is not online',
      (lab) => Object.assign(lab.lab.pve.world.nodes.get('pve2') ?? {}, { online: false }),
      /pve2 is not online/i,
    ],
    [
      'does not have its storage',
      (lab) => Object.assign(lab.lab.pve.world.storages.get('local-lvm') ?? {}, { nodes: ['pve1'] }),
      /local-lvm is not among the active storages of pve2/i,
    ],
    [
      'has no room',
      (lab) => Object.assign(lab.lab.pve.world.storages.get('local-lvm') ?? {}, { used: 795 * 2 ** 30 }),
      /5 GiB are free in local-lvm of pve2, fewer than 32 GiB/,
    ],
    [
      'has not the memory',
      (lab) => Object.assign(lab.lab.pve.world.nodes.get('pve2') ?? {}, { memory: 3 * 2 ** 30, cpus: 1 }),
      /4 GiB do not fit on pve2.*pve2 has 1 CPUs, fewer than 2/s,
    ],
  ])('is refused where that %s', async (_, trouble, says) => {
    const lab = await ready();
    trouble(lab);
    const number = await lab.propose('move', moved('homeassistant'));
    await lab.plan(number);
    expect((await planOf(lab, number)).replaceAll('\\', '')).toMatch(says);
  });

  it.each([
    ['stopped as it was, where its file does not say', '', 'stopped', '#1 verified: frigate is stopped with node pve2'],
    ['so, also where somebody starts it meanwhile', '', 'running', '#1 verified: frigate runs with node pve2'],
    ['stopped, as its file says', 'started: false\n', 'stopped', '#1 verified: frigate is stopped with node pve2'],
    [
      'otherwise where its file says that it is stopped and somebody starts it',
      'started: false\n',
      'running',
      /^#1 not-verified: frigate is running, and was to be "stopped"/,
    ],
  ] as const)('that is stopped moves so, and is verified %s', async (_, more, status, says) => {
    const lab = await ready({ ...shortWindow, 'guests/frigate.yaml': (text) => `${text}${more}` }, 'stopped');
    const number = await lab.propose('move', moved('frigate'));
    await lab.plan(number);
    await lab.merge(number);
    await lab.pass();
    expect(writesIn(lab)).toEqual(['POST /nodes/pve1/lxc/202/migrate']);
    expect(guest(lab, 202)).toMatchObject({ node: 'pve2', status: 'stopped' });
    Object.assign(guest(lab, 202), { status });
    const said = (await lab.run()).find((line) => line.includes('verified:'));
    expect(said).toEqual(typeof says === 'string' ? says : expect.stringMatching(says));
  });

  it('is migrated once, also where the runner was killed behind it', async () => {
    const lab = await ready();
    await agreed(lab, 'move', moved('frigate'));
    const bot = inProcessBot(lab.lab, lab.clock, computer());
    await bot.runKilled();
    const said = await bot.run();
    expect(said.split('\n').at(-1)).toBe('#1 verified: frigate runs with node pve2');
    expect(writesIn(lab)).toEqual(['POST /nodes/pve1/lxc/202/migrate']);
  });

  it('stays where it is when the migration fails', async () => {
    const lab = await ready();
    lab.lab.pve.faults.inject({ fault: 'task-failure', message: 'no route', path: /migrate$/ });
    await agreed(lab, 'move', moved('frigate'));
    expect((await lab.run())[0]).toMatch(/^#1 not-applied \(refused\): .*no route/);
    expect(guest(lab, 202).node).toBe('pve1');
  });
});

async function ready(begin: Files = shortWindow, status: 'running' | 'stopped' = 'running'): Promise<DeliverLab> {
  const lab = await deliverLab({ begin });
  Object.assign(guest(lab, 202), { status });
  onTestFinished(async () => {
    expect(await lab.close()).toEqual([]);
  });
  const { nodes } = lab.lab.pve.world;
  const first = nodes.get('pve1');
  if (first === undefined) throw new Error('the lab has no pve1');
  nodes.set('pve2', { ...first, name: 'pve2', address: '192.168.1.11' });
  return lab;
}

function guest(lab: DeliverLab, vmid: number) {
  const found = lab.lab.pve.world.guests.get(vmid);
  if (found === undefined) throw new Error(`there is no ${vmid}`);
  return found;
}
