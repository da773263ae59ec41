import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { applyExactly } from '../../../src/appliers/terraform/exact.ts';
import { actionsOf, against } from '../../../src/terraform/index.ts';
import { changed, container, hasTerraform, machine, terraformLab } from './lab.ts';

const nextcloud = changed('guests/nextcloud.yaml', ['cores: 2', 'cores: 3'], ['size: 64', 'size: 80']);
const purpose = { destroys: [], replaces: [] };

describe.skipIf(!hasTerraform())(
  'the template’s stack, with the real Terraform and the real bpg/proxmox over TLS 1.3',
  () => {
    it('imports every guest where it is and changes nothing, at once and after the first apply', async () => {
      const lab = await terraformLab();
      const { terraform, paths } = await lab.stack();
      expect(await terraform.init()).toMatch(/^1\./);
      const first = await terraform.plan([]);
      expect(first.changes.map(({ kind, importedFrom }) => `${kind} ${importedFrom ?? ''}`).sort()).toEqual(
        [200, 201, 202, 203, 204].map((id) => `no-op pve1/${id}`),
      );
      await terraform.apply(paths.planFile);
      const second = await terraform.plan([]);
      expect(second.changes).toEqual([]);
      expect(second.unchanged).toBe(5);
      expect(second.drift).toEqual([]);
      expect(lab.writes()).toEqual([]);
    });

    it('keeps state and plan for their owner alone', async () => {
      const lab = await terraformLab();
      const { paths } = await lab.imported();
      const modes = [lab.root, lab.file('guests.tfstate'), paths.planFile, paths.cliConfig].map(
        (path) => statSync(path).mode & 0o777,
      );
      expect(modes).toEqual([0o700, 0o600, 0o600, 0o600]);
    });

    it('grows a container’s disk and adds a core live, exactly as reviewed, and then plans nothing more', async () => {
      const lab = await terraformLab();
      await lab.imported();
      const { terraform, paths } = await lab.stack({ files: nextcloud });
      const targets = [container('nextcloud')];
      const reviewed = await terraform.plan(targets);
      expect(reviewed.changes).toMatchObject([
        { kind: 'update', disturbance: 'live', guest: 'nextcloud (lxc/201 on pve1)' },
      ]);
      const done = await applyExactly(terraform, {
        approved: actionsOf(reviewed),
        file: paths.planFile,
        again: lab.file('again.tfplan'),
        targets,
        purpose,
      });
      expect(done).toMatchObject({ applied: true, by: 'reviewed-file' });
      expect(lab.writes()).toEqual(['PUT /nodes/pve1/lxc/201/resize', 'PUT /nodes/pve1/lxc/201/config']);
      expect(lab.pve.world.guests.get(201)).toMatchObject({ diskSize: 80 * 2 ** 30, config: { cores: 3 } });
      expect((await terraform.plan([])).changes).toEqual([]);
    });

    it('says beforehand that new memory and a larger disk restart a virtual machine, and it does', async () => {
      const lab = await terraformLab();
      await lab.imported();
      const { terraform, paths } = await lab.stack({
        files: changed('guests/homeassistant.yaml', ['memory: 4096', 'memory: 5120'], ['size: 32', 'size: 40']),
      });
      const reviewed = await terraform.plan([machine('homeassistant')]);
      expect(reviewed.changes).toMatchObject([{ kind: 'update', disturbance: 'restarts' }]);
      await terraform.apply(paths.planFile);
      expect(lab.writes()).toContain('POST /nodes/pve1/qemu/203/status/shutdown');
      expect(lab.pve.world.guests.get(203)).toMatchObject({ status: 'running', config: { memory: '5120' } });
      expect((await terraform.plan([])).changes).toEqual([]);
    });

    it('applies the same actions by a new plan where the state moved after the review', async () => {
      const lab = await terraformLab();
      await lab.imported();
      const { terraform } = await lab.stack({ files: nextcloud });
      const targets = [container('nextcloud')];
      const reviewed = await terraform.plan(targets, lab.file('reviewed.tfplan'));
      const other = await lab.stack({ files: changed('guests/gitea.yaml', ['cores: 2', 'cores: 4']) });
      await other.terraform.plan([container('gitea')]);
      await other.terraform.apply(other.paths.planFile);
      lab.writes();
      const here = await lab.stack({
        files: { ...nextcloud, ...changed('guests/gitea.yaml', ['cores: 2', 'cores: 4']) },
      });
      const done = await applyExactly(here.terraform, {
        approved: actionsOf(reviewed),
        file: lab.file('reviewed.tfplan'),
        again: lab.file('again.tfplan'),
        targets,
        purpose,
      });
      expect(done).toMatchObject({ applied: true, by: 'same-again' });
      expect(lab.pve.world.guests.get(201)?.config['cores']).toBe(3);
    });

    it('stops before any effect where the container was changed in Proxmox VE after the plan', async () => {
      const lab = await terraformLab();
      await lab.imported();
      const { terraform, paths } = await lab.stack({ files: nextcloud });
      const targets = [container('nextcloud')];
      const reviewed = await terraform.plan(targets);
      Object.assign(lab.pve.world.guests.get(201)?.config ?? {}, { memory: 8192 });
      const done = await applyExactly(terraform, {
        approved: actionsOf(reviewed),
        file: paths.planFile,
        again: lab.file('again.tfplan'),
        targets,
        purpose,
      });
      expect(done).toEqual({
        applied: false,
        reasons: [`${container('nextcloud')} would be changed otherwise than was shown (update)`],
      });
      expect(lab.writes()).toEqual([]);
    });

    it('is refused, by name, where a guest left the repository and the pull request is not about that', async () => {
      const lab = await terraformLab();
      await lab.imported();
      const { terraform } = await lab.stack({ files: { 'guests/frigate.yaml': undefined } });
      const plan = await terraform.plan([]);
      expect(against(plan, purpose)).toEqual([
        'frigate (lxc/202 on pve1) would be destroyed, and this pull request is not about that',
      ]);
      expect(against(plan, { ...purpose, destroys: [container('frigate')] })).toEqual([]);
    });
  },
);
