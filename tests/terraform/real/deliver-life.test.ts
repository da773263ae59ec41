import { describe, expect, it } from 'vitest';
import { homeTokens } from '../../../simulators/pve/index.ts';
import type { DeliverLab, Files } from '../../support/deliver-lab.ts';
import { instead, planOf, terraformHome, writesIn } from './deliver-lab.ts';
import { hasTerraform } from './lab.ts';

/** Two of them on two nodes, and in the state, because Terraform made their disks larger before. */
async function known(file: string, disk: Files): Promise<DeliverLab> {
  const lab = await terraformHome();
  const { nodes, tokens } = lab.lab.pve.world;
  const first = nodes.get('pve1');
  if (first === undefined) throw new Error('the lab has no pve1');
  nodes.set('pve2', { ...first, name: 'pve2' });
  for (const { id, acl } of tokens.values())
    if (id === homeTokens.read.split('=')[0]) acl['/'] = [...(acl['/'] ?? []), 'VM.Config.Disk'];
  await merged(lab, `${file}-room`, disk);
  return lab;
}

/** Merges one pull request with these edits, and returns what its run said and every comment of it. */
async function merged(lab: DeliverLab, branch: string, files: Files): Promise<{ said: string; comments: string }> {
  const number = await lab.propose(branch, files);
  await lab.plan(number);
  await lab.merge(number);
  const said = (await lab.run()).join('\n');
  return { said, comments: (await lab.comments(number)).map(({ body }) => body).join('\n') };
}

describe.skipIf(!hasTerraform())('the life of a guest that Terraform knows, with the real provider', () => {
  it.each([
    ['nextcloud', 201, 'tags: [web]', 'size: 64', 'size: 80', 'size: 96'],
    ['homeassistant', 203, 'tags: [home]', 'size: 32', 'size: 40', 'size: 48'],
  ])('of %s goes through the API, and its plan stays empty', async (name, vmid, tags, small, large, larger) => {
    const file = `guests/${name}.yaml`;
    const lab = await known(name, { [file]: instead(small, large) });
    const before = writesIn(lab).length;
    const marked = await merged(lab, 'mark', {
      [file]: instead(tags, 'tags: [other]\nprotection: true\nstarted: false'),
    });
    expect(marked.said).toContain(`verified: ${name} is stopped with tags other, protection true`);
    expect(marked.comments).not.toContain('Note:');
    const started = await merged(lab, 'start', { [file]: instead('started: false', 'started: true') });
    expect(started.said).toContain(`verified: ${name} runs`);
    expect(started.comments).not.toContain('Note:');
    expect(
      writesIn(lab)
        .slice(before)
        .filter((one) => !one.includes(`/${vmid}/status/`)),
    ).toHaveLength(2);
    // What is planned next is about the disk alone.
    const next = await lab.propose('room', { [file]: instead(large, larger) });
    await lab.plan(next);
    expect(await planOf(lab, next)).toMatch(/\| disk \d+ → \d+ GiB \|/);
  });

  it('on another node the state takes notice, and of a container too no note is left', async () => {
    const machine = await known('nextcloud', { 'guests/nextcloud.yaml': instead('size: 64', 'size: 80') });
    const there = await merged(machine, 'move', { 'guests/homeassistant.yaml': instead('node: pve1', 'node: pve2') });
    expect(there.said).toContain('verified: homeassistant runs with node pve2');
    expect(there.comments).not.toContain('Note:');
    const container = await merged(machine, 'move-too', {
      'guests/nextcloud.yaml': instead('node: pve1', 'node: pve2'),
    });
    expect(container.said).toContain('verified: nextcloud runs with node pve2');
    expect(container.comments).not.toContain('Note:');
  });

  it('on another storage the state takes notice, and no note is left', async () => {
    const lab = await known('homeassistant', { 'guests/homeassistant.yaml': instead('size: 32', 'size: 40') });
    const zfs = { name: 'zfs', type: 'zfspool' as const, content: ['images', 'rootdir'], shared: false };
    lab.lab.pve.world.storages.set('zfs', { ...zfs, total: 800 * 2 ** 30, used: 0, files: new Map() });
    const file = 'guests/homeassistant.yaml';
    const there = await merged(lab, 'other', { [file]: instead('storage: local-lvm', 'storage: zfs') });
    expect(there.said).toContain('verified: homeassistant runs with storage zfs');
    expect(there.comments).not.toContain('Note:');
    const next = await lab.propose('room', { [file]: instead('size: 40', 'size: 48') });
    await lab.plan(next);
    expect(await planOf(lab, next)).toMatch(/\| disk \d+ → \d+ GiB \|/);
  });
});
