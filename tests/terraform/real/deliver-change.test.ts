import { describe, expect, it } from 'vitest';
import { homeTokens } from '../../../simulators/pve/index.ts';
import { type DeliverLab, type Files, set } from '../../support/deliver-lab.ts';
import { inProcessBot } from '../../support/in-process.ts';
import { computer } from '../../support/machines.ts';
import { instead, planOf, readable, showsPlan, terraformHome, terraformIn, writesIn } from './deliver-lab.ts';
import { hasTerraform } from './lab.ts';

const rename = { 'guests/homeassistant.yaml': instead('name: homeassistant', 'name: hass') };

/** Stack code that names resources by vmid, as a repository must that renames guests. */
const byVmid: Files = {
  'gitmend.yaml': terraformIn(),
  'stacks/guests-stack.ts': (text) =>
    text
      .replaceAll('Machine(this, guest.name', 'Machine(this, `guest-${guest.vmid}`')
      .replaceAll('Container(this, guest.name', 'Container(this, `guest-${guest.vmid}`'),
};

/** What the provider reads of a virtual machine's volumes (docs/terraform.md). */
async function home(begin: Files = {}): Promise<DeliverLab> {
  const lab = await terraformHome({}, begin);
  for (const { id, acl } of lab.lab.pve.world.tokens.values())
    if (id === homeTokens.read.split('=')[0]) acl['/'] = [...(acl['/'] ?? []), 'VM.Config.Disk'];
  return lab;
}

describe.skipIf(!hasTerraform())('another name or network, with the real provider', () => {
  it('renames a virtual machine live, and verifies it by what Proxmox VE calls it', async () => {
    const lab = await home(byVmid);
    const number = await lab.propose('hass', rename);
    await lab.plan(number);
    await expect(readable(await planOf(lab, number))).toMatchFileSnapshot('golden/change-guest.md');
    await lab.merge(number);
    expect((await lab.run()).at(-1)).toBe('#1 verified: hass runs with name hass');
    expect(lab.lab.pve.world.guests.get(203)?.config['name']).toBe('hass');
    expect(writesIn(lab).filter((one) => one.includes('/status/'))).toEqual([]);
  });

  it('says of a larger disk of a virtual machine that it restarts it, because the provider does', async () => {
    const lab = await home();
    const number = await lab.propose('room', { 'guests/homeassistant.yaml': instead('size: 32', 'size: 40') });
    await lab.plan(number);
    await showsPlan(lab, number, 'golden/grow-disk-reboot.md');
    await lab.merge(number);
    expect((await lab.run()).at(-1)).toBe('#1 verified: homeassistant runs with disk 40 GiB');
    expect(writesIn(lab).filter((one) => one.includes('/status/'))).toEqual([
      'POST /nodes/pve1/qemu/203/status/shutdown',
      'POST /nodes/pve1/qemu/203/status/start',
    ]);
  });

  it('goes on with memory and disk of a virtual machine where the runner was killed between both', async () => {
    const lab = await home();
    const both = (text: string) => instead('size: 32', 'size: 40')(set('memory', 6144)(text));
    const number = await lab.propose('both', { 'guests/homeassistant.yaml': both });
    await lab.plan(number);
    await lab.merge(number);
    const bot = inProcessBot(lab.lab, lab.clock, computer());
    await bot.runKilled();
    const said = await bot.run();
    expect(said.split('\n').at(-1)).toBe('#1 verified: homeassistant runs with memory 6144 MiB, disk 40 GiB');
    expect(writesIn(lab).filter((one) => one.endsWith('/reboot'))).toHaveLength(1);
  });

  it('refuses a new name where its resource would be another one', async () => {
    const lab = await home();
    const number = await lab.propose('hass', rename);
    await lab.plan(number);
    expect((await planOf(lab, number)).replaceAll('\\', '')).toMatch(
      /`terraform-renames`\): proxmox_virtual_environment_vm.homeassistant would become proxmox_virtual_environment_vm.hass/,
    );
  });

  it('refuses a network that the stack leaves as it is', async () => {
    const lab = await home();
    const number = await lab.propose('network', {
      'guests/nextcloud.yaml': instead('192.168.1.21/24', '192.168.1.99/24'),
    });
    await lab.plan(number);
    expect(await planOf(lab, number)).toMatch(
      /`terraform-leaves-it`\): Terraform plans nothing for nextcloud, although network/,
    );
  });
});
