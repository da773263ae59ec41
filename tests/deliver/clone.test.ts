import { describe, expect, it, onTestFinished } from 'vitest';
import { homeTokens } from '../../simulators/pve/index.ts';
import { runnerPass } from '../../src/pipeline/deliver.ts';
import { deliverLab, type DeliverLab, type Files, shortWindow } from '../support/deliver-lab.ts';
import { inProcessBot, openRunner, runToEnd } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { Killed, mortal } from '../support/points.ts';
import { addTemplates } from '../support/templates.ts';
import { instead, planOf, readable, writesIn } from '../terraform/real/deliver-lab.ts';

const container = `name: wiki
cluster: home
node: pve1
vmid: 210
type: lxc
cores: 1
memory: 1024
swap: 256
disk: { storage: local-lvm, size: 16 }
network: { bridge: vmbr0 }
tags: [web]
started: true
clone: { from: 900 }
`;
const machine = `name: builder
cluster: home
node: pve1
vmid: 211
type: qemu
cores: 4
memory: 2048
disk: { storage: local-lvm, size: 8 }
network: { bridge: vmbr0 }
clone: { from: 901 }
`;
const wiki: Files = { 'guests/wiki.yaml': container };
const end = '#1 verified: wiki runs with cores 1, disk 16 GiB, memory 1024 MiB, swap 256 MiB, tags base, web';
const allParts = [
  'POST /nodes/pve1/lxc/900/clone',
  'PUT /nodes/pve1/lxc/210/config',
  'PUT /nodes/pve1/lxc/210/resize',
  'POST /nodes/pve1/lxc/210/status/start',
];

describe('a new guest whose file names a template', () => {
  it('is cloned in full, brought to its sizes and started, which the comment says', async () => {
    const lab = await ready();
    const number = await lab.propose('wiki', wiki);
    await lab.plan(number);
    await expect(readable(await planOf(lab, number))).toMatchFileSnapshot('golden/clone-guest.md');
    await lab.merge(number);
    expect(await lab.run()).toEqual([
      '#1 applied: wiki cloned from template 900 with cores 1, disk 16 GiB, memory 1024 MiB, swap 256 MiB, tags base, web',
      end,
    ]);
    expect(writesIn(lab)).toEqual(allParts);
    expect(guest(lab, 210)).toMatchObject({ status: 'running', node: 'pve1' });
    expect(guest(lab, 210).config).toMatchObject({
      ...{ hostname: 'wiki', cores: 1, memory: 1024, swap: 256, tags: 'base;web' },
      rootfs: 'local-lvm:vm-210-disk-0,size=16G',
    });
    expect(sent(lab, '/clone')).toMatchObject({ newid: '210', full: '1', storage: 'local-lvm', hostname: 'wiki' });
    expect(await lab.pass()).toMatchObject({ events: [], waiting: [] });
  });

  it('as a virtual machine of the same size is only written to, and stays stopped where nobody says started', async () => {
    const lab = await ready();
    const number = await lab.propose('builder', { 'guests/builder.yaml': machine });
    await lab.plan(number);
    expect(await planOf(lab, number)).toContain('it is not started');
    await lab.merge(number);
    expect((await lab.run()).at(-1)).toMatch(/^#1 verified: builder /);
    expect(writesIn(lab)).toEqual(['POST /nodes/pve1/qemu/901/clone', 'PUT /nodes/pve1/qemu/211/config']);
    expect(guest(lab, 211)).toMatchObject({ status: 'stopped', config: { name: 'builder', cores: 4, memory: '2048' } });
  });

  it.each<[string, (lab: DeliverLab) => void, RegExp, ((text: string) => string)?]>([
    ['the template is gone', (lab) => lab.lab.pve.world.guests.delete(900), /lxc\/900, which is not there/],
    [
      'it is no template',
      (lab) => Reflect.deleteProperty(guest(lab, 900).config, 'template'),
      /lxc\/900 \(base\) is not a template/i,
    ],
    ['its disk is larger', () => undefined, /has 8 GiB, and wiki declares 4/, instead('size: 16', 'size: 4')],
    [
      'its network is another',
      () => undefined,
      /declares the network vmbr1, and its clone would have the template's: vmbr0/,
      instead('bridge: vmbr0', 'bridge: vmbr1'),
    ],
    [
      'the number is taken',
      (lab) => lab.lab.pve.world.guests.set(210, { ...guest(lab, 204), vmid: 210 }),
      /lxc\/210 is on pve1 already, called gitea/,
    ],
    [
      'the number is taken by the other kind',
      (lab) => lab.lab.pve.world.guests.set(210, { ...guest(lab, 203), vmid: 210 }),
      /210 is taken already/,
    ],
    [
      'the name is taken',
      (lab) => Object.assign(guest(lab, 204).config, { hostname: 'wiki' }),
      /the name wiki is taken by lxc\/204 on pve1/i,
    ],
    [
      'the storage lacks room',
      (lab) => Object.assign(lab.lab.pve.world.storages.get('local-lvm') ?? {}, { used: 795 * 2 ** 30 }),
      /5 GiB are free in local-lvm of pve1, fewer than 16 GiB/,
    ],
  ])('is refused where %s', async (_, trouble, says, edit = (text) => text) => {
    const lab = await ready();
    trouble(lab);
    const number = await lab.propose('wiki', { 'guests/wiki.yaml': edit(container) });
    await lab.plan(number);
    expect((await planOf(lab, number)).replaceAll('\\', '')).toMatch(says);
    expect(writesIn(lab)).toEqual([]);
  });

  it('is not cloned from a template that was changed after it was approved', async () => {
    const lab = await ready();
    await lab.plan(await lab.propose('wiki', wiki));
    await lab.merge(1);
    Object.assign(guest(lab, 900).config, { features: 'nesting=1' });
    expect((await lab.run())[0]).toMatch(/^#1 not-applied \(stale\)/);
    expect(writesIn(lab)).toEqual([]);
  });

  it('is not made over a guest that came there meanwhile, even of its name and its sizes', async () => {
    const lab = await ready();
    await lab.plan(await lab.propose('wiki', wiki));
    await lab.merge(1);
    const { config } = guest(lab, 204);
    lab.lab.pve.world.guests.set(210, { ...guest(lab, 204), vmid: 210, config: { ...config, hostname: 'wiki' } });
    expect((await lab.run())[0]).toMatch(/^#1 not-applied \(stale\)/);
    expect(writesIn(lab)).toEqual([]);
  });
});

describe('a clone whose runner was killed', () => {
  it('behind it is observed, and nothing is sent again', async () => {
    const lab = await ready();
    await lab.plan(await lab.propose('wiki', wiki));
    await lab.merge(1);
    const bot = inProcessBot(lab.lab, lab.clock, computer());
    await bot.runKilled();
    const said = await bot.run();
    expect(said.split('\n').at(-1)).toBe(end);
    expect(writesIn(lab)).toEqual(allParts);
  });

  it.each(allParts.slice(1).map((part, at) => [part, at + 1] as const))(
    'before %s is finished from there, and never cloned twice',
    async (part, at) => {
      const lab = await ready();
      await lab.plan(await lab.propose('wiki', wiki));
      await lab.merge(1);
      const here = computer();
      const first = await openRunner(lab.lab, here);
      const [method = '', path = ''] = part.split(' ');
      // The request never arrives: what is there is what a runner that ended before it leaves.
      lab.lab.pve.faults.inject({ fault: 'reset-before', method, path: new RegExp(`${path}$`) });
      const struck = (point: string) => point === 'before applier.observe' && lab.lab.pve.faults.pending === 0;
      await expect(runnerPass(mortal(first, struck))).rejects.toThrow(Killed);
      here.kill(first.machine);
      expect(writesIn(lab).slice(0, at)).toEqual(allParts.slice(0, at));
      const said = await runToEnd(await openRunner(lab.lab, here), lab.clock);
      expect(said.split('\n').at(-1)).toBe(end);
      expect(writesIn(lab).filter((line) => line.endsWith('/clone'))).toHaveLength(1);
      expect(guest(lab, 210)).toMatchObject({ status: 'running' });
    },
  );

  it('while Proxmox VE is still at it waits, with the template locked, and ends as declared', async () => {
    const lab = await ready();
    await lab.plan(await lab.propose('wiki', wiki));
    await lab.merge(1);
    guest(lab, 900).config['lock'] = 'disk';
    expect((await lab.pass()).waiting).toEqual([expect.stringMatching(/the template 900 is locked \(disk\)/)]);
    expect(writesIn(lab)).toEqual([]);
    Reflect.deleteProperty(guest(lab, 900).config, 'lock');
    expect((await lab.run()).at(-1)).toBe(end);
  });

  it('is not there when the clone fails, and that is said', async () => {
    const lab = await ready();
    lab.lab.pve.faults.inject({ fault: 'task-failure', message: 'no space left', path: /clone$/ });
    await lab.plan(await lab.propose('wiki', wiki));
    await lab.merge(1);
    expect((await lab.run())[0]).toMatch(/^#1 not-applied \(refused\): .*no space left/);
    expect(lab.lab.pve.world.guests.has(210)).toBe(false);
  });
});

async function ready(): Promise<DeliverLab> {
  const lab = await deliverLab({ begin: shortWindow });
  onTestFinished(async () => {
    expect(await lab.close()).toEqual([]);
  });
  addTemplates(lab);
  // The runner's token as docs/guests.md has it for clones.
  for (const { id, acl } of lab.lab.pve.world.tokens.values())
    if (id === homeTokens.write.split('=')[0]) acl['/'] = [...(acl['/'] ?? []), 'VM.Allocate', 'VM.Clone'];
  return lab;
}

function sent(lab: DeliverLab, path: string): unknown {
  return lab.lab.pve.requests.find((request) => request.path.endsWith(path))?.parameters;
}

function guest(lab: DeliverLab, vmid: number) {
  const found = lab.lab.pve.world.guests.get(vmid);
  if (found === undefined) throw new Error(`there is no ${vmid}`);
  return found;
}
