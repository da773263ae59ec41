import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { homeTokens } from '../../simulators/pve/index.ts';
import { readGuests } from '../../src/declarations/guest/index.ts';
import { cli, type Said } from '../support/deliver-cli.ts';
import { type DeliverLab, deliverLab } from '../support/deliver-lab.ts';
import { hidden, wildWorld } from './wild-world.ts';

/** The lines of an answer that begin with a word. */
const lines = (said: Said | undefined, word: string): string[] =>
  (said?.out ?? '')
    .split('\n')
    .filter((line) => line.startsWith(`${word} `))
    .map((line) => line.slice(12));

describe('gitmend import at the terminal', () => {
  let lab: DeliverLab;
  let call: (...words: string[]) => Promise<Said>;
  const files = async (branch = 'refs/heads/main') => {
    await lab.pusher.fetch();
    return lab.pusher.tree((await lab.pusher.tip(branch)) ?? '');
  };

  beforeAll(async () => {
    lab = await deliverLab({ trouble: (world, now) => wildWorld(world, now) });
    const env = { GITMEND_STATE: lab.lab.env.read['GITMEND_STATE'] ?? '', GITMEND_PVE_READ: homeTokens.read };
    call = (...words) => cli({ directory: lab.lab.clone, clock: lab.clock, env }, ...words);
  }, 60_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  it('shows what it would change, and opens nothing', async () => {
    const said = await call('import', '--dry-run');
    expect(said.code, said.err).toBe(0);
    expect(said.out.split('\n')[0]).toBe('home: 5 guests as declared, 6 new, 0 changed, 0 gone, 0 left out');
    expect(lines(said, 'new')).toEqual([
      'guests/media.yaml: lxc/110 on pve1',
      'guests/spare.yaml: lxc/111 on pve1',
      'guests/dhcp.yaml: lxc/112 on pve1',
      'guests/windows.yaml: qemu/150 on pve1',
      'guests/cloud.yaml: qemu/151 on pve1',
      'guests/agent.yaml: qemu/152 on pve1',
      'ansible/inventory.yaml: media, dhcp, cloud, agent',
    ]);
    expect(lines(said, 'no address')).toEqual([
      'spare: it does not run, and its address is not in Proxmox VE',
      'windows: it has no guest agent that would tell its address',
    ]);
    expect(said.out).toContain(
      'Not held against a plan of Terraform: gitmend.yaml names no terraform: (docs/terraform.md).',
    );
    expect(await lab.open()).toEqual(new Map());
    for (const secret of hidden) expect(said.out).not.toContain(secret);
  });

  it('names every setting that a file cannot say, why, and of whom, without its value', async () => {
    const said = lines(await call('import', '--dry-run'), 'undeclared');
    for (const line of [
      'cipassword of cloud: cloud-init: holds secrets, and is never written down',
      'sshkeys of cloud: cloud-init: holds secrets, and is never written down',
      'description of media, windows: a note may hold anything, and is never read',
      'mp0 of media: a file declares the root disk alone, no mount points',
      'net0.tag of media, windows: a file has no field for it',
      'net1 of media, cloud: a file declares the first network card alone',
      'scsi1 of cloud: a file declares the disk alone that the guest boots from',
      'tags of media: a tag is not of a-z, 0-9, _, -, + and .',
      'args of windows: a raw setting, which is never read',
    ])
      expect(said).toContain(line);
    expect(said.join('\n')).not.toMatch(/digest|vmgenid|Home-Lab/);
  });

  it('opens one pull request, whose merge needs no step and makes the files say what is there', async () => {
    const said = await call('import');
    expect(said.code, said.err).toBe(0);
    expect(said.out).toContain('\n#1 home: import 6 new guests\n#1 planned: no step\n');
    const { branch, body, author } = await lab.lab.forge.pullRequest(1);
    expect([branch.replace(/-[0-9a-f]{6}$/, ''), author]).toEqual(['gitmend/import/home', 'gitmend']);
    expect(body).toContain('**Nothing changes in Proxmox VE**');
    expect(body).toContain('| `guests/windows.yaml` | new: qemu/150 on pve1 |');
    const tree = await files(`refs/heads/${branch}`);
    for (const secret of hidden) expect([...tree.values(), body].join('\n')).not.toContain(secret);
    expect(readGuests(tree)).toMatchObject({ faults: [], warnings: [] });
    expect(tree.get('guests/cloud.yaml')).toBe(`# guests/cloud.yaml   As Proxmox VE had it when it was imported.
name: cloud
cluster: home
node: pve1
vmid: 151
type: qemu
cores: 2
memory: 2048      # MiB
# A virtual machine has its swap inside.
disk: { storage: local-lvm, size: 20 }      # GiB
network: { bridge: vmbr0, address: 192.168.1.151/24, gateway: 192.168.1.1 }
tags: []
carries: []       # forge, gitmend, prometheus, state: what this guest must not be stopped for lightly
leave: [disk]       # what this file cannot say in full: Terraform leaves it as it is
`);
    expect(tree.get('guests/windows.yaml')).toMatch(/^leave: \[disk, name\] /m);
    expect(tree.get('ansible/inventory.yaml')).toContain('    dhcp: { ansible_host: 192.168.1.190 }\n');
  });

  it('asked again it opens no second one, and once it is merged there is nothing to change', async () => {
    expect((await call('import')).out).toContain('#1 home: import 6 new guests');
    expect([...(await lab.open()).keys()]).toEqual(['import']);
    await lab.merge(1);
    await lab.run();
    const said = await call('import');
    expect(said.out.split('\n')[0]).toBe('home: 11 guests as declared, 0 new, 0 changed, 0 gone, 0 left out');
    expect(said.out).toContain('nothing to change: the files say what is in the cluster');
    expect(await lab.open()).toEqual(new Map());
    expect(lab.writes()).toBe(0);
  });

  it('of a cluster that changed edits what differs, keeps every comment, and lists what is gone', async () => {
    lab.setLive(200, { memory: 4096 });
    Object.assign(lab.lab.pve.world.guests.get(201)?.config ?? {}, {
      rootfs: 'local-lvm:vm-201-disk-0,size=80G',
      tags: 'web;backup',
      net0: 'name=eth0,bridge=vmbr1,gw=192.168.1.1,hwaddr=BC:24:11:00:00:15,ip=192.168.1.41/24,type=veth',
    });
    Object.assign(lab.lab.pve.world.guests.get(112) ?? {}, { lease: '192.168.1.191/24' });
    lab.lab.pve.world.guests.delete(202);
    const before = await files();
    const said = await call('import', '--no-plan');
    expect(said.code, said.err).toBe(0);
    expect(lines(said, 'changed')).toEqual([
      'guests/postgres.yaml: lxc/200: memory 2048 → 4096 MiB',
      'guests/nextcloud.yaml: lxc/201: disk.size 64 → 80 GiB, network.bridge vmbr0 → vmbr1, network.address 192.168.1.21/24 → 192.168.1.41/24, tags [web] → [web, backup]',
      'ansible/inventory.yaml: dhcp 192.168.1.190 → 192.168.1.191',
      'ansible/inventory.yaml: nextcloud 192.168.1.21 → 192.168.1.41',
    ]);
    expect(lines(said, 'gone')).toEqual([
      'lxc/202 is not there any more; guests/frigate.yaml stays, --remove-gone takes it out',
    ]);
    // The files come to say what is so already, whatever field it is.
    expect(said.out).toMatch(/^#2 planned: no step$/m);
    const after = await files(`refs/heads/${(await lab.open()).get('import')?.branch ?? ''}`);
    const changed = [...after].filter(([path, text]) => before.get(path) !== text).map(([path]) => path);
    expect(changed.sort()).toEqual(['ansible/inventory.yaml', 'guests/nextcloud.yaml', 'guests/postgres.yaml']);
    expect(after.get('guests/postgres.yaml')).toBe(
      before.get('guests/postgres.yaml')?.replace('memory: 2048 ', 'memory: 4096 '),
    );
    expect(after.get('guests/nextcloud.yaml')).toBe(
      before
        .get('guests/nextcloud.yaml')
        ?.replace('size: 64', 'size: 80')
        .replace('[web]', '[web, backup]')
        .replace('vmbr0', 'vmbr1')
        .replace('.21/24', '.41/24'),
    );
    expect([...before.keys()].filter((path) => !after.has(path))).toEqual([]);
  });

  it('takes the files of gone guests out only when it is asked to, and their hosts with them', async () => {
    const said = await call('import', '--remove-gone', '--no-plan');
    expect(lines(said, 'gone')).toEqual([
      'guests/frigate.yaml is taken out: lxc/202 is not there any more',
      'ansible/inventory.yaml: frigate',
    ]);
    expect(said.out).toMatch(/^#2 planned: no step$/m);
    const pr = (await lab.open()).get('import');
    expect(pr?.title).toBe('home: import 2 changed, 1 taken out');
    const after = await files(`refs/heads/${pr?.branch ?? ''}`);
    expect(after.has('guests/frigate.yaml')).toBe(false);
    expect(after.get('ansible/inventory.yaml')).toContain('    cameras:\n      hosts: {}\n');
  });

  it('does not take for gone what the token may not see', async () => {
    const [id = ''] = homeTokens.read.split('=');
    const token = lab.lab.pve.world.tokens.get(id);
    const acl = token?.acl ?? {};
    Object.assign(token ?? {}, { acl: { ...acl, '/vms/202': [] } });
    const said = await call('import', '--dry-run');
    Object.assign(token ?? {}, { acl });
    expect(lines(said, 'gone')).toEqual([]);
    expect(lines(said, 'left out')).toEqual([
      'lxc/202 frigate: the token lacks VM.Audit on /vms/202, so whether it is there cannot be seen; guests/frigate.yaml stays as it is',
    ]);
  });

  it('says the same as JSON', async () => {
    const said = await call('import', '--dry-run', '--json', '--no-plan');
    expect(JSON.parse(said.out)).toMatchObject({
      changed: [{ name: 'postgres', edits: [{ field: 'memory', from: 2048, to: 4096 }] }, { name: 'nextcloud' }],
      gone: [{ name: 'frigate', removed: false }],
      pullRequest: null,
    });
  });

  it('merged, leads to nothing on the host, and leaves nothing to change', async () => {
    // Its plan is another one since a moment ago: nobody can have read it yet.
    lab.clock.advance(120_000);
    await lab.merge(2);
    await lab.run();
    const said = await call('import');
    expect(said.out.split('\n')[0]).toBe('home: 10 guests as declared, 0 new, 0 changed, 0 gone, 0 left out');
    expect(said.out).toContain('nothing to change: the files say what is in the cluster');
    expect((await cli({ directory: lab.lab.clone, clock: lab.clock, env: lab.lab.env.read }, 'status')).out).toBe(
      'everything that is declared is applied; nothing is open\n',
    );
    expect(lab.writes()).toBe(0);
  });

  it('refuses files that cannot be read, because they could declare any guest', async () => {
    await lab.push('main', { 'guests/broken.yaml': 'name: [\n' }, 'broken');
    const said = await call('import');
    expect(said.code).toBe(1);
    expect(said.err).toMatch(/CONFIG_INVALID[\s\S]*guests\/broken\.yaml/);
  });

  it('names the clusters where it is asked for another', async () => {
    const said = await call('import', '--cluster', 'attic');
    expect([said.code, said.err]).toEqual([2, expect.stringContaining('gitmend.yaml names home')]);
  });
});
