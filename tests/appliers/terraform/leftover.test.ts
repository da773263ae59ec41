import { describe, expect, it } from 'vitest';
import { homeTokens, type Pve } from '../../../simulators/pve/index.ts';
import { type Terraform, terraformApplier } from '../../../src/appliers/terraform/index.ts';
import { proxmoxClient } from '../../../src/clients/proxmox/index.ts';
import type { Step } from '../../../src/core/step.ts';
import { parseGuestTarget } from '../../../src/core/target.ts';
import { actionsOf, type TerraformPlan } from '../../../src/terraform/index.ts';
import { pveLab } from '../../support/pve-lab.ts';
import { testClock } from '../../support/test-clock.ts';
import { made, trusted } from '../../terraform/examples.ts';

const type = 'proxmox_virtual_environment_container';
const address = `${type}.nextcloud`;
const config = 'PUT /nodes/pve1/lxc/201/config';
const kept = 'local-lvm:vm-201-disk-0,acl=0,quota=0,replicate=1,size=80G';
const sent = 'acl=0,size=85899345920,quota=0,replicate=1,volume=local-lvm:vm-201-disk-0';

const plan = (before: object, after: object): TerraformPlan =>
  trusted(
    made([{ address, type, before: { vm_id: 201, ...before }, after: { vm_id: 201, ...after } }], {
      configuration: { root_module: {} },
    }),
  );
const grows = plan({ disk: [{ size: 64 }] }, { disk: [{ size: 80 }] });

/** Applies this plan as the provider does behind a resize: it sends the whole root disk again. */
async function applied(given: TerraformPlan, prepare: (pve: Pve) => void = () => undefined) {
  const pve = await pveLab();
  prepare(pve);
  const client = proxmoxClient({
    ...{ cluster: 'home', endpoint: pve.endpoint, ca: pve.caPem, token: homeTokens.write },
    clock: testClock(),
  });
  const terraform = {
    plan: () => Promise.resolve(given),
    apply: async () => {
      await client.api.nodes.$('pve1').lxc.$(201).config.$put({ rootfs: sent });
    },
  } as unknown as Terraform;
  const applier = terraformApplier(
    (_step, work) => work({ terraform, again: '/nowhere' }),
    () => client,
  );
  const target = parseGuestTarget('home/lxc/201');
  if (target === undefined) throw new Error('a target that is none');
  const { guest: live } = await applier.read(target);
  const effect = await applier.apply(stepOf(given), { run: 'run', index: 0, live });
  const guest = pve.world.guests.get(201);
  const writes = pve.requests.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
  return { waits: guest?.pending, writes, effect, live: guest?.config['rootfs'] };
}

function stepOf(given: TerraformPlan): Step {
  return {
    ...{ applier: 'terraform', target: 'home/lxc/201', name: 'nextcloud', where: 'lxc/201 on pve1', kind: 'grow-disk' },
    action: { kind: 'apply-terraform', stack: 'guests', addresses: [address], plan: actionsOf(given) },
    preState: actionsOf(given),
    ...{ before: {}, after: {}, changes: [], inverse: 'irreversible' },
    ...{ live: true, reboots: false, destroys: false },
  };
}

describe('what the provider leaves waiting behind a larger root disk of a running container', () => {
  it('is taken back, by one request with the digest', async () => {
    const { waits, writes, effect, live } = await applied(grows);
    expect(waits).toEqual({});
    expect(writes).toEqual([config, config]);
    expect(live).toBe('local-lvm:vm-201-disk-0,size=64G');
    expect(effect).toMatch(/^[0-9a-f]{40}$/);
  });

  it('stays where something waited for the root disk before: that is not ours', async () => {
    const { waits, writes } = await applied(grows, (pve) =>
      Object.assign(pve.world.guests.get(201) ?? {}, {
        pending: { rootfs: 'local-lvm:vm-201-disk-0,mountoptions=noatime' },
      }),
    );
    expect(waits).toEqual({ rootfs: kept });
    expect(writes).toEqual([config]);
  });

  it('stays where other options of the disk were approved, which wait for a restart', async () => {
    const options = plan({ disk: [{ size: 64, acl: false }] }, { disk: [{ size: 80, acl: true }] });
    expect((await applied(options)).waits).toEqual({ rootfs: kept });
  });

  it('is looked for only where a disk was changed', async () => {
    const name = plan({ description: 'one' }, { description: 'two' });
    expect((await applied(name)).writes).toEqual([config]);
  });

  it('sends nothing more where nothing waits, and leaves what else waits', async () => {
    const stopped = await applied(grows, (pve) =>
      Object.assign(pve.world.guests.get(201) ?? {}, { status: 'stopped', pending: { hostname: 'other' } }),
    );
    expect(stopped).toMatchObject({ waits: { hostname: 'other' }, writes: [config] });
  });

  it('that Proxmox VE keeps is no failure of the change itself', async () => {
    const refused = await applied(grows, (pve) => {
      const one = { method: 'PUT', path: /config$/ } as const;
      pve.faults.inject({ ...one, fault: 'slow', milliseconds: 0 });
      pve.faults.inject({ ...one, fault: 'error-500', message: 'got lock timeout' });
    });
    expect(refused.waits).toEqual({ rootfs: kept });
    expect(refused.effect).toMatch(/^[0-9a-f]{40}$/);
  });
});
