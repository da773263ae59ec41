import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeNotice } from '../../../src/appliers/terraform/notice.ts';
import { applyExactly } from '../../../src/appliers/terraform/exact.ts';
import { applierNamed } from '../../../src/appliers/index.ts';
import { systemClock } from '../../../src/cli/clock.ts';
import { listGuests, type ProxmoxClient, readGuest } from '../../../src/clients/proxmox/index.ts';
import type { Backup } from '../../../src/core/guest.ts';
import type { Step } from '../../../src/core/step.ts';
import { actionsOf, against } from '../../../src/terraform/index.ts';
import {
  backUp,
  cleanUp,
  clientOf,
  demandFree,
  type Elsewhere,
  elsewhereOf,
  hasElsewhere,
  privateFolder,
  removeArchive,
  stackOf,
  stop,
  tasksOf,
} from './elsewhere-lab.ts';
import { container, hasTerraform } from './lab.ts';

/** Milliseconds: a real container is unpacked and started. */
const patience = 900_000;

describe('a Proxmox VE elsewhere is used only where', () => {
  const whole = {
    ...{ URL: 'https://pve:8006/', TOKEN: 'a@pve!b=c', VMIDS: '9900-9909', NODE: 'pve1', STORAGE: 'local-lvm' },
    ...{ TEMPLATE: 'local:vztmpl/x.tar.zst', FINGERPRINT: 'AA' },
  };
  const read = (variables: { [name: string]: string }): Elsewhere =>
    elsewhereOf(
      Object.fromEntries(Object.entries(variables).map(([name, value]) => [`GITMEND_TEST_PVE_${name}`, value])),
    );

  it('everything that it takes is named, and says all that is not at once', () => {
    expect(read(whole)).toMatchObject({ endpoint: 'https://pve:8006', bridge: 'vmbr0', trust: { fingerprint: 'AA' } });
    expect(read(whole).vmids).toEqual([9900, 9901, 9902, 9903, 9904, 9905, 9906, 9907, 9908, 9909]);
    expect(() => read({ ...whole, NODE: '', FINGERPRINT: '' })).toThrow(
      'GITMEND_TEST_PVE_NODE is not set\nset one of GITMEND_TEST_PVE_CA (a file) and GITMEND_TEST_PVE_FINGERPRINT',
    );
    for (const VMIDS of ['9909-9900', '1-5', '100-999', 'all'])
      expect(() => read({ ...whole, VMIDS })).toThrow('no range');
  });
});

describe.skipIf(!hasElsewhere() || !hasTerraform())(
  'on the Proxmox VE that GITMEND_TEST_PVE_URL names, one guest of our own',
  { timeout: patience },
  () => {
    // Nobody else's guest has this name, so nobody else's is ever destroyed.
    const name = `gitmend-test-${randomBytes(4).toString('hex')}`;
    const address = container(name);
    const { root, remove } = privateFolder();
    let elsewhere: Elsewhere;
    let client: ProxmoxClient;
    let mayCleanUp = false;
    const guest = () => ({ cluster: 'home', type: 'lxc' as const, vmid: elsewhere.vmids[0] ?? 0 });
    const others = async (): Promise<number[]> =>
      (await listGuests(client)).filter((one) => one.name !== name).map(({ vmid }) => vmid);
    let before: number[];
    let backup: Backup | undefined;

    beforeAll(async () => {
      elsewhere = elsewhereOf();
      client = clientOf(elsewhere);
      await demandFree(client, elsewhere.vmids);
      before = await others();
      mayCleanUp = true;
    }, patience);

    afterAll(async () => {
      if (mayCleanUp) await cleanUp(client, elsewhere, name);
      if (backup !== undefined) await removeArchive(client, elsewhere, guest().vmid, backup);
      remove();
    }, patience);

    it('is planned as one creation, and made exactly as planned', async () => {
      const { terraform, planFile, again } = await stackOf(elsewhere, root, name, 512);
      await terraform.init();
      const reviewed = await terraform.plan([address]);
      expect(reviewed.changes).toMatchObject([{ address, kind: 'create' }]);
      expect(against(reviewed, { destroys: [], replaces: [], targets: [address] })).toEqual([]);
      const approved = actionsOf(reviewed);
      const purpose = { destroys: [], replaces: [] };
      const done = await applyExactly(terraform, { approved, file: planFile, again, targets: [address], purpose });
      expect(done).toMatchObject({ applied: true });
      const { guest: live } = await readGuest(client, guest());
      expect(live).toMatchObject({ name, status: 'running', running: { memory: 512, cores: 1, swap: 256 } });
      expect((await terraform.plan([address])).changes).toEqual([]);
    });

    it('keeps these tests from starting again while it is there', async () => {
      await expect(demandFree(client, elsewhere.vmids)).rejects.toThrow(`refused: ${guest().vmid} of`);
    });

    it('takes new memory while it runs, and Terraform then has nothing to do', async () => {
      const applier = applierNamed('proxmox', { proxmox: () => client, clock: systemClock });
      const tasks = await tasksOf(client, elsewhere.node, guest().vmid);
      expect(tasks.join('\n')).toContain('vzcreate');
      const { guest: live } = await applier.read(guest());
      const step = stepOf(name, guest().vmid, 'resize-guest', live.digest);
      expect(await applier.preview(step)).toMatchObject({ accepted: true });
      await applier.apply(step, { run: 'run', index: 0, live });
      expect(await applier.observe(step)).toMatchObject({ state: 'done' });
      const { terraform, again } = await stackOf(elsewhere, root, name, 768);
      expect(await takeNotice(terraform, [address], again)).toEqual({ settled: true });
      const { guest: after } = await readGuest(client, guest());
      expect(after).toMatchObject({ status: 'running', running: { memory: 768 }, pending: {} });
      expect(await tasksOf(client, elsewhere.node, guest().vmid)).toEqual(tasks);
    });

    it('is destroyed again, Terraform finds it gone, and every other guest is still there', async () => {
      const applier = applierNamed('proxmox', { proxmox: () => client, clock: systemClock });
      await stop(client, elsewhere.node, guest().vmid);
      const unsaved = await applier.read(guest());
      const blind = stepOf(name, guest().vmid, 'destroy-guest', unsaved.guest.digest);
      const held = applier.apply(blind, { run: 'run', index: 0, live: unsaved.guest });
      await expect(held).rejects.toThrow('nothing was destroyed');
      backup = await backUp(client, elsewhere, guest().vmid);
      const { guest: live } = await applier.read(guest());
      const step = stepOf(name, guest().vmid, 'destroy-guest', live.digest, backup.upid);
      expect(await applier.preview(step)).toMatchObject({ accepted: true });
      await applier.apply(step, { run: 'run', index: 0, live });
      expect(await applier.observe(step)).toMatchObject({ state: 'done' });
      const { terraform } = await stackOf(elsewhere, root, name, 768);
      expect((await terraform.plan([address])).changes).toMatchObject([{ address, kind: 'create' }]);
      expect(await others()).toEqual(expect.arrayContaining(before));
    });
  },
);

/** The step as a pull request makes it: 512 → 768 MiB, or the end of the guest. */
function stepOf(
  name: string,
  vmid: number,
  kind: 'resize-guest' | 'destroy-guest',
  digest: string,
  backup = 'UPID:none:of:a:test',
): Step {
  const grows = kind === 'resize-guest';
  return {
    applier: 'proxmox',
    target: `home/lxc/${vmid}`,
    name,
    where: `lxc/${vmid}`,
    kind,
    action: grows
      ? { kind: 'set-guest-config', set: { memory: 768 } }
      : { kind: 'destroy-guest', backup, config: digest },
    preState: `sha256:${digest.padEnd(64, '0')}`,
    before: { memory: grows ? 512 : 768 },
    after: grows ? { memory: 768 } : {},
    changes: grows ? [{ field: 'memory', before: 512, after: 768, unit: 'MiB' }] : [],
    inverse: grows ? { kind: 'set-guest-config', set: { memory: 512 } } : 'irreversible',
    live: grows,
    reboots: false,
    destroys: !grows,
  };
}
