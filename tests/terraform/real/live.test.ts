import { describe, expect, it } from 'vitest';
import { takeNotice } from '../../../src/appliers/terraform/notice.ts';
import { proxmoxClient } from '../../../src/clients/proxmox/index.ts';
import { testClock } from '../../support/test-clock.ts';
import { homeTokens } from '../../../simulators/pve/index.ts';
import { changed, container, hasTerraform, terraformLab } from './lab.ts';

const postgres = changed('guests/postgres.yaml', ['memory: 2048', 'memory: 3072']);

describe.skipIf(!hasTerraform())('live before reboot', () => {
  it('the provider alone restarts a container for new memory, and its plan is shown so', async () => {
    const lab = await terraformLab();
    await lab.imported();
    const { terraform, paths } = await lab.stack({ files: postgres });
    const plan = await terraform.plan([container('postgres')]);
    expect(plan.changes).toMatchObject([{ disturbance: 'restarts' }]);
    await terraform.apply(paths.planFile);
    expect(lab.writes()).toEqual(['PUT /nodes/pve1/lxc/200/config', 'POST /nodes/pve1/lxc/200/status/reboot']);
  });

  it('through the API it is taken by the running container, Terraform only takes notice, and then plans nothing', async () => {
    const lab = await terraformLab();
    await lab.imported();
    const { terraform } = await lab.stack({ files: postgres });
    const startedAt = lab.pve.world.guests.get(200)?.startedAt;
    await setMemory(lab.pve, 3072);
    expect(await takeNotice(terraform, [container('postgres')], lab.file('after.tfplan'))).toEqual({ settled: true });
    expect(lab.writes()).toEqual(['PUT /nodes/pve1/lxc/200/config']);
    expect(lab.pve.world.guests.get(200)).toMatchObject({ startedAt, status: 'running', config: { memory: 3072 } });
  });

  it('a drifted neighbour keeps it from nothing, and is neither read nor touched', async () => {
    const lab = await terraformLab();
    await lab.imported();
    const { terraform } = await lab.stack({ files: postgres });
    Object.assign(lab.pve.world.guests.get(202)?.config ?? {}, { memory: 6144 });
    await setMemory(lab.pve, 3072);
    const before = lab.pve.requests.length;
    expect(await takeNotice(terraform, [container('postgres')], lab.file('after.tfplan'))).toEqual({ settled: true });
    expect(lab.pve.requests.slice(before).filter(({ path }) => path.includes('/202/'))).toEqual([]);
    const whole = await terraform.plan([]);
    expect(whole.drift).toMatchObject([
      { guest: 'frigate (lxc/202 on pve1)', attributes: [{ before: { value: 4096 }, after: { value: 6144 } }] },
    ]);
  });

  it('says what is left where the change did not come to what is declared', async () => {
    const lab = await terraformLab();
    await lab.imported();
    const { terraform } = await lab.stack({ files: postgres });
    await setMemory(lab.pve, 2560);
    const notice = await takeNotice(terraform, [container('postgres')], lab.file('after.tfplan'));
    expect(notice).toMatchObject({
      settled: false,
      plan: { changes: [{ attributes: [{ before: { value: 2560 }, after: { value: 3072 } }] }] },
    });
  });
});

async function setMemory(pve: { endpoint: string; caPem: string }, memory: number): Promise<void> {
  const client = proxmoxClient({
    cluster: 'home',
    endpoint: pve.endpoint,
    ca: pve.caPem,
    token: homeTokens.write,
    clock: testClock(),
  });
  await client.api.nodes.$('pve1').lxc.$(200).config.$put({ memory });
}
