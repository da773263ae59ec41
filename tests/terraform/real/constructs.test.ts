import { describe, expect, it } from 'vitest';
import { homeTokens } from '../../../simulators/pve/index.ts';
import { documented, withHomeStack } from '../../infra/home-stack.ts';
import { type Given, hasTerraform, terraformLab } from './lab.ts';

const tree = withHomeStack();
/** The stack of docs/terraform.md, with one text for another. */
const home = (...replacements: (readonly [string, string])[]): Given => {
  const code = replacements.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`docs/terraform.md does not say ${from}`);
    return text.replace(from, to);
  }, documented());
  return { name: 'home', files: { 'stacks/main.ts': tree.get('stacks/main.ts'), 'stacks/home-stack.ts': code } };
};

async function applied() {
  const lab = await terraformLab();
  const { terraform, paths } = await lab.stack(home());
  await terraform.init();
  const first = await terraform.plan([]);
  await terraform.apply(paths.planFile);
  return { lab, terraform, paths, first };
}

const kinds = (changes: readonly { kind: string; address: string }[]): string[] =>
  changes.map(({ kind, address }) => `${kind} ${address}`).sort();

describe.skipIf(!hasTerraform())(
  'one of each other construct, with the real Terraform and the real bpg/proxmox over TLS 1.3',
  () => {
    it('is planned, made, and then as it is declared, also for a token that only reads', async () => {
      const { lab, terraform, first } = await applied();
      expect(kinds(first.changes)).toEqual([
        'create proxmox_backup_job.media-nightly',
        'create proxmox_download_file.debian',
        'create proxmox_network_linux_bridge.lab',
        'create proxmox_network_linux_vlan.cameras',
        'create proxmox_pool_membership.media-nextcloud',
        'create proxmox_virtual_environment_pool.media',
      ]);
      const { world } = lab.pve;
      expect([...(world.storages.get('local')?.files.keys() ?? [])]).toEqual([
        'vztmpl/debian-13-standard_13.1-2_amd64.tar.zst',
      ]);
      expect(world.nodes.get('pve1')?.interfaces.get('vmbr1')).toMatchObject({
        ...{ active: 1, comments: 'lab\n', bridge_vlan_aware: 1 },
      });
      expect(world.nodes.get('pve1')?.interfaces.get('vlan30')).toMatchObject({
        ...{ active: 1, 'vlan-raw-device': 'vmbr1', 'vlan-id': '30', cidr: '192.168.30.1/24' },
      });
      expect(world.pools.get('media')).toMatchObject({ comment: 'what films and photos hang on', vms: new Set([201]) });
      expect(world.backupJobs.get('media-nightly')).toMatchObject({
        ...{ pool: 'media', schedule: '02:30', 'prune-backups': 'keep-daily=7,keep-weekly=4' },
      });
      lab.writes();
      expect(await terraform.plan([])).toMatchObject({ changes: [], unchanged: 6 });
      const reader = await lab.stack({ ...home(), credentials: { PROXMOX_VE_API_TOKEN: homeTokens.read } });
      expect(await reader.terraform.plan([])).toMatchObject({ changes: [], unchanged: 6 });
      expect(lab.writes()).toEqual([]);
    });

    it('is changed in place where the provider can, and the network reloaded', async () => {
      const { lab, terraform, paths } = await applied();
      lab.writes();
      await lab.stack(
        home(
          ["comment: 'lab'", "comment: 'lab and cameras'"],
          ["'02:30'", "'sun 01:00'"],
          ['films and photos', 'films'],
        ),
      );
      const plan = await terraform.plan([]);
      expect(kinds(plan.changes)).toEqual([
        'update proxmox_backup_job.media-nightly',
        'update proxmox_network_linux_bridge.lab',
        'update proxmox_virtual_environment_pool.media',
      ]);
      await terraform.apply(paths.planFile);
      expect(lab.writes().sort()).toEqual([
        'PUT /cluster/backup/media-nightly',
        'PUT /nodes/pve1/network',
        'PUT /nodes/pve1/network/vmbr1',
        'PUT /pools',
      ]);
      expect((await terraform.plan([])).changes).toEqual([]);
      expect(lab.pve.world.pools.get('media')?.vms).toEqual(new Set([201]));
    });

    it('shows what somebody changed past it, and what is gone', async () => {
      const { lab, terraform } = await applied();
      const { world } = lab.pve;
      world.pools.get('media')?.vms.clear();
      world.storages.get('local')?.files.clear();
      world.nodes.get('pve1')?.interfaces.delete('vlan30');
      const job = world.backupJobs.get('media-nightly');
      if (job !== undefined) job.enabled = 0;
      expect(kinds((await terraform.plan([])).changes)).toEqual([
        'create proxmox_download_file.debian',
        'create proxmox_network_linux_vlan.cameras',
        'create proxmox_pool_membership.media-nextcloud',
      ]);
    });
  },
);
