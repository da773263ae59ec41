import { describe, expect, it } from 'vitest';
import { homeTokens } from '../../../simulators/pve/index.ts';
import { cli } from '../../support/deliver-cli.ts';
import { terraformHome } from './deliver-lab.ts';
import { hasTerraform } from './lab.ts';

describe.skipIf(!hasTerraform())('gitmend guest create, with the real provider', () => {
  it('is planned as Terraform plans it, created with the next id once it is merged, and verified', async () => {
    const lab = await terraformHome();
    await lab.plan();
    const env = { ...lab.lab.env.read, PATH: process.env['PATH'] ?? '', GITMEND_PVE_READ: homeTokens.read };
    const words = ['guest', 'create', 'web', '--like', 'gitea', '--memory', '1G', '--disk', '8G'];
    const said = await cli({ directory: lab.lab.clone, clock: lab.clock, env }, ...words);
    expect(said.out, said.err).toMatch(/^#1 web: create lxc\/100 on pve1\n#1 planned: web .*memory none → 1024 MiB/);
    await lab.merge(1);
    expect(await lab.run()).toEqual([
      '#1 applied: web created with cores 2, disk 8 GiB, memory 1024 MiB, swap 512 MiB',
      '#1 verified: web runs with cores 2, disk 8 GiB, memory 1024 MiB, swap 512 MiB',
    ]);
    expect(lab.lab.pve.world.guests.get(100)).toMatchObject({ type: 'lxc', status: 'running' });
    expect(await lab.record(1)).toMatchObject({ outcome: 'verified', remedy: 'create' });
  });
});
