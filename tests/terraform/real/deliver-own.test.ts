import { describe, expect, it } from 'vitest';
import { homeTokens } from '../../../simulators/pve/index.ts';
import type { DeliverLab, Files } from '../../support/deliver-lab.ts';
import { instead, planOf, terraformHome } from './deliver-lab.ts';
import { hasTerraform } from './lab.ts';

const GiB = 2 ** 30;

const cloned = (name: string, vmid: number, rest: string): Files => ({
  [`guests/${name}.yaml`]: `name: ${name}\ncluster: home\nnode: pve1\nvmid: ${vmid}\n${rest}`,
});
const wiki = cloned(
  'wiki',
  210,
  `type: lxc
cores: 1
memory: 512
swap: 0
disk: { storage: local-lvm, size: 16 }
network: { bridge: vmbr0 }
tags: [web]
started: false
clone: { from: 900 }
`,
);
const builder = cloned(
  'builder',
  211,
  `type: qemu
cores: 4
memory: 2048
disk: { storage: local-lvm, size: 12 }
network: { bridge: vmbr0 }
clone: { from: 901 }
`,
);

/** Two nodes with a second storage each, two templates, and tokens that may do what docs/setup-proxmox.md gives them. */
async function home(): Promise<DeliverLab> {
  const lab = await terraformHome();
  const { guests, nodes, storages, tokens } = lab.lab.pve.world;
  const [first, gitea, machine] = [nodes.get('pve1'), guests.get(204), guests.get(203)];
  if (first === undefined || gitea === undefined || machine === undefined)
    throw new Error('the lab has less than that');
  nodes.set('pve2', { ...first, name: 'pve2' });
  const zfs = { name: 'zfs', type: 'zfspool' as const, content: ['images', 'rootdir'], shared: false };
  storages.set('zfs', { ...zfs, total: 800 * GiB, used: 0, files: new Map() });
  const stopped = { status: 'stopped', startedAt: 0, diskSize: 8 * GiB } as const;
  const net0 = 'name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:09:00,ip=dhcp,type=veth';
  const base = { hostname: 'base', template: 1, tags: 'base', net0, rootfs: 'local-lvm:base-900-disk-0,size=8G' };
  guests.set(900, { ...gitea, ...stopped, vmid: 900, config: { ...gitea.config, ...base } });
  const golden = { name: 'golden', template: 1, scsi0: 'local-lvm:base-901-disk-0,size=8G' };
  guests.set(901, { ...machine, ...stopped, vmid: 901, config: { ...machine.config, ...golden } });
  const more = {
    [homeTokens.write]: ['VM.Clone', 'VM.Migrate', 'VM.PowerMgmt'],
    [homeTokens.read]: ['VM.Config.Disk'],
  };
  for (const { id, acl } of tokens.values())
    for (const [token, privileges] of Object.entries(more))
      if (id === token.split('=')[0]) acl['/'] = [...(acl['/'] ?? []), ...privileges];
  return lab;
}

/** Merges one pull request with these edits. What its run said, and whether a note was left of Terraform. */
async function merged(lab: DeliverLab, branch: string, files: Files): Promise<string> {
  const number = await lab.propose(branch, files);
  await lab.plan(number);
  await lab.merge(number);
  const said = (await lab.run()).join('\n');
  const comments = (await lab.comments(number)).map(({ body }) => body).join('\n');
  return [said, ...comments.split('\n').filter((line) => /^Note:|\*\*Refused/.test(line))].join('\n');
}

/** What Terraform would do by the next change of one guest's disk, which is about the disk alone where it knows the rest. */
async function nextPlan(lab: DeliverLab, name: string, from: number, to: number): Promise<string[]> {
  const number = await lab.propose(`next-${name}-${to}`, {
    [`guests/${name}.yaml`]: instead(`size: ${from}`, `size: ${to}`),
  });
  await lab.plan(number);
  const comment = await planOf(lab, number);
  await lab.merge(number);
  const said = await lab.run();
  return [...comment.split('\n').filter((line) => line.startsWith(`- ${name} (`)), said.at(-1) ?? ''];
}

const grown = (who: string, from: number, to: number, also = '') => [
  `- ${who}: disk.size ${from} → ${to}${also}`,
  expect.stringContaining(`verified: ${who.split(' ')[0] ?? ''} is stopped with disk ${to} GiB`) as string,
];

/** To another storage, then to another node; neither leaves a note. */
async function movedTwice(lab: DeliverLab, name: string): Promise<void> {
  const file = `guests/${name}.yaml`;
  expect(await merged(lab, `${name}-zfs`, { [file]: instead('storage: local-lvm', 'storage: zfs') })).toMatch(
    new RegExp(`verified: ${name} is stopped with storage zfs$`),
  );
  expect(await merged(lab, `${name}-pve2`, { [file]: instead('node: pve1', 'node: pve2') })).toMatch(
    new RegExp(`verified: ${name} is stopped with node pve2$`),
  );
}

describe.skipIf(!hasTerraform())(
  'after what gitmend itself did by the API, the real provider has nothing to do',
  () => {
    it('to a container cloned from a template, then moved to another storage, then to another node', async () => {
      const lab = await home();
      expect(await merged(lab, 'wiki', wiki)).toMatch(/verified: wiki is stopped[^\n]*$/);
      expect(await nextPlan(lab, 'wiki', 16, 20)).toEqual(
        grown('wiki (lxc/210 on pve1)', 16, 20, ', imported from pve1/210'),
      );
      await movedTwice(lab, 'wiki');
      // Where it was is taken out of the state, and it is imported where it is.
      expect(await nextPlan(lab, 'wiki', 20, 24)).toEqual(
        grown('wiki (lxc/210 on pve2)', 20, 24, ', imported from pve2/210'),
      );
    }, 120_000);

    it('to a virtual machine cloned from a template, then moved to another storage, then to another node', async () => {
      const lab = await home();
      expect(await merged(lab, 'builder', builder)).toMatch(/verified: builder is stopped[^\n]*$/);
      expect(await nextPlan(lab, 'builder', 12, 16)).toEqual(
        grown('builder (qemu/211 on pve1)', 12, 16, ', imported from pve1/211'),
      );
      await movedTwice(lab, 'builder');
      expect(await nextPlan(lab, 'builder', 16, 20)).toEqual(grown('builder (qemu/211 on pve2)', 16, 20));
    }, 120_000);
  },
);
