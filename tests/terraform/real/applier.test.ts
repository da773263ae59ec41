import { describe, expect, it } from 'vitest';
import { homeTokens } from '../../../simulators/pve/index.ts';
import type { Applier } from '../../../src/appliers/applier.ts';
import { terraformApplier } from '../../../src/appliers/terraform/index.ts';
import { proxmoxClient } from '../../../src/clients/proxmox/index.ts';
import type { Step } from '../../../src/core/step.ts';
import { parseGuestTarget } from '../../../src/core/target.ts';
import { actionsOf } from '../../../src/terraform/index.ts';
import { testClock } from '../../support/test-clock.ts';
import { changed, container, hasTerraform, terraformLab, type TerraformLab } from './lab.ts';

const larger = changed('guests/nextcloud.yaml', ['size: 64', 'size: 80']);

describe.skipIf(!hasTerraform())('a step of the applier terraform', () => {
  it('is previewed, applied once, and observed as done', async () => {
    const { lab, applier, step } = await ready();
    expect(await applier.preview(step)).toEqual({ accepted: true, notes: ['Terraform plans the same again'] });
    expect(await applier.observe(step)).toMatchObject({ state: 'not-done' });
    const effect = await applier.apply(step, await tokenOf(applier));
    expect(effect).toMatch(/^[0-9a-f]{40}$/);
    expect(await applier.observe(step)).toMatchObject({
      state: 'done',
      saw: 'Terraform plans no change at the addresses of this step',
    });
    expect(lab.writes().filter((one) => one.endsWith('/resize'))).toHaveLength(1);
    expect(lab.pve.world.guests.get(201)?.diskSize).toBe(80 * 2 ** 30);
  });

  it('that was applied by somebody else is done, and sends nothing', async () => {
    const { lab, applier, step } = await ready();
    Object.assign(lab.pve.world.guests.get(201) ?? {}, { diskSize: 80 * 2 ** 30 });
    Object.assign(lab.pve.world.guests.get(201)?.config ?? {}, { rootfs: 'local-lvm:vm-201-disk-0,size=80G' });
    expect(await applier.observe(step)).toMatchObject({ state: 'done' });
    expect(lab.writes()).toEqual([]);
  });

  it('is refused before any effect where the guest is no longer what the plan started from', async () => {
    const { lab, applier, step } = await ready();
    Object.assign(lab.pve.world.guests.get(201)?.config ?? {}, { cores: 7 });
    const says = expect.stringContaining('cpu.cores 7 → 2') as string;
    expect(await applier.preview(step)).toEqual({ accepted: false, notes: [says] });
    expect(await applier.observe(step)).toMatchObject({ state: 'unknown', saw: says });
    await expect(applier.apply(step, await tokenOf(applier))).rejects.toMatchObject({ code: 'TERRAFORM_PLAN_CHANGED' });
    expect(lab.writes()).toEqual([]);
  });

  it('that does not say that it destroys may not, even where the digest was approved', async () => {
    const { lab, applier, step } = await ready({ 'guests/nextcloud.yaml': undefined });
    expect(await applier.preview(step)).toEqual({
      accepted: false,
      notes: ['nextcloud (lxc/201 on pve1) would be destroyed, and this pull request is not about that'],
    });
    await expect(applier.apply(step, await tokenOf(applier))).rejects.toMatchObject({ code: 'TERRAFORM_PLAN_CHANGED' });
    expect(lab.writes()).toEqual([]);
  });

  it('creates a guest that is new in the repository, and one that says so destroys it again, and nothing else', async () => {
    const { lab, applier, step } = await ready(web, 'web');
    await applier.apply(step, await tokenOf(applier));
    expect(lab.pve.world.guests.get(210)).toMatchObject({
      type: 'lxc',
      status: 'running',
      config: { hostname: 'web', memory: 2048 },
    });
    expect(await applier.observe(step)).toMatchObject({ state: 'done' });

    const gone = await stepFor(lab, {}, 'web');
    const destroying = saysItDestroys(gone.step, container('web'));
    expect(await gone.applier.preview(destroying)).toMatchObject({ accepted: true });
    await gone.applier.apply(destroying, await tokenOf(applier));
    expect([...lab.pve.world.guests.keys()].sort()).toEqual([200, 201, 202, 203, 204]);
    expect(await gone.applier.observe(destroying)).toMatchObject({ state: 'done' });
  });

  it('cannot destroy an imported container, because the provider has no time-out for it: nothing happens, and it is said', async () => {
    const { lab, applier, step } = await ready({ 'guests/nextcloud.yaml': undefined });
    const failed = applier.apply(saysItDestroys(step, container('nextcloud')), await tokenOf(applier));
    await expect(failed).rejects.toMatchObject({
      code: 'TERRAFORM_FAILED',
      message: expect.stringContaining('deadline') as string,
    });
    expect(lab.writes()).toEqual([]);
  });
});

/** As a step of stack code says it. */
function saysItDestroys(step: Step, address: string): Step {
  if (step.action.kind !== 'apply-terraform') throw new Error('a step of something else');
  const touches = { guests: [], restarts: [], destroys: [address] };
  return { ...step, destroys: true, action: { ...step.action, touches } };
}

const web = {
  'guests/web.yaml': changed(
    'guests/gitea.yaml',
    ['name: gitea', 'name: web'],
    ['vmid: 204', 'vmid: 210'],
    ['192.168.1.24', '192.168.1.30'],
  )['guests/gitea.yaml'],
};

/** A lab whose guests are in the state, with these files changed, and the step that they lead to, as it was reviewed. */
async function ready(
  files: { [path: string]: string | undefined } = larger,
  name = 'nextcloud',
): Promise<{ lab: TerraformLab; applier: Applier; step: Step }> {
  const lab = await terraformLab();
  await lab.imported();
  return stepFor(lab, files, name);
}

async function stepFor(
  lab: TerraformLab,
  files: { [path: string]: string | undefined },
  name: string,
): Promise<{ lab: TerraformLab; applier: Applier; step: Step }> {
  const { terraform, paths } = await lab.stack({ files });
  const plan = await terraform.plan([container(name)]);
  const client = proxmoxClient({
    cluster: 'home',
    endpoint: lab.pve.endpoint,
    ca: lab.pve.caPem,
    token: homeTokens.write,
    clock: testClock(),
  });
  const stack = { terraform, reviewed: paths.planFile, again: lab.file('again.tfplan') };
  const applier = terraformApplier(
    (_step, work) => work(stack),
    () => client,
  );
  const step: Step = {
    applier: 'terraform',
    target: 'home/lxc/201',
    name,
    where: 'lxc/201 on pve1',
    kind: 'resize-guest',
    action: { kind: 'apply-terraform', stack: 'guests', addresses: [container(name)], plan: actionsOf(plan) },
    preState: actionsOf(plan),
    before: {},
    after: {},
    changes: [],
    inverse: 'irreversible',
    live: true,
    reboots: false,
    destroys: false,
  };
  return { lab, applier, step };
}

async function tokenOf(applier: Applier) {
  const target = parseGuestTarget('home/lxc/200');
  if (target === undefined) throw new Error('a target that is none');
  return { run: 'run', index: 0, live: (await applier.read(target)).guest };
}
