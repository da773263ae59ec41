import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { homeTokens } from '../../../simulators/pve/index.ts';
import type { DeliverLab } from '../../support/deliver-lab.ts';
import { mirror as built, providerVersion } from '../provider/build.ts';
import { instead, planOf, terraformHome } from './deliver-lab.ts';
import { hasTerraform } from './lab.ts';
import { on } from './stack-code-lab.ts';

const next = '0.111.2';
const bump = { 'stacks/proxmox/resource.ts': instead(`'${providerVersion}'`, `'${next}'`) };

/** A mirror in which the provider lies under these versions; all are the one that was built. */
function mirrorWith(...versions: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'gitmend-mirror-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const registry of ['registry.terraform.io', 'registry.opentofu.org']) {
    const from = join(built, 'registry.terraform.io', 'bpg', 'proxmox', providerVersion);
    for (const version of versions) {
      const to = join(folder, registry, 'bpg', 'proxmox', version);
      mkdirSync(to, { recursive: true });
      for (const platform of readdirSync(from)) symlinkSync(join(from, platform), join(to, platform));
    }
  }
  return folder;
}

/** Planning a virtual machine on block storage takes it (docs/terraform.md). */
function mayReadDisks(lab: DeliverLab): void {
  for (const { id, acl } of lab.lab.pve.world.tokens.values())
    if (id === homeTokens.read.split('=')[0]) acl['/'] = [...(acl['/'] ?? []), 'VM.Config.Disk'];
}

const more = { 'guests/nextcloud.yaml': instead('size: 64', 'size: 80') };

describe.skipIf(!hasTerraform())('another version of the provider in a pull request', () => {
  it('that the mirror has is planned over the whole stack, and locks nobody out before it is merged or after', async () => {
    const lab = await terraformHome({ ...on, mirror: mirrorWith(providerVersion, next) });
    mayReadDisks(lab);
    const number = await lab.propose('bump', bump);
    await lab.plan(number);
    const comment = await planOf(lab, number);
    expect(comment).toContain(`terraform.required_providers.proxmox.version: "${providerVersion}" → "${next}"`);
    expect(comment).toContain('Planned of stack guests: 5 addresses that this can reach, all that it has');
    expect(comment).toContain('Terraform plans no change there in stack guests.');
    // Still with the version that was applied.
    const room = await lab.propose('room', more);
    await lab.plan(room);
    expect(await planOf(lab, room)).toContain('disk 64 → 80 GiB');
    await lab.merge(number);
    expect((await lab.run()).at(-1)).toBe(`#${number} verified: there was nothing to change`);
    await lab.plan(room);
    await lab.merge(room);
    expect((await lab.run()).at(-1)).toBe(`#${room} verified: nextcloud runs with disk 80 GiB`);
    expect(versionsInitialized(lab)).toEqual([providerVersion, next]);
  });

  it('that the mirror has not is refused with the mend, and what else is proposed is planned as before', async () => {
    const lab = await terraformHome({ ...on, mirror: mirrorWith(providerVersion) });
    const number = await lab.propose('bump', bump);
    await lab.plan(number);
    expect((await planOf(lab, number)).replaceAll('\\', '')).toMatch(
      /\*\*Refused\*\* \(`terraform-provider-missing`\): .*0\.111\.2.* Next: let the machine reach the registry, or name a mirror that holds the provider/,
    );
    const room = await lab.propose('room', more);
    await lab.plan(room);
    expect(await planOf(lab, room)).toContain('disk 64 → 80 GiB');
  });
});

/** Of which versions the checksums were noted, for any role. */
function versionsInitialized({ lab }: DeliverLab): string[] {
  const root = join(lab.folder, 'state');
  const notes = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /sha256.*\.lock\.hcl$/.test(path),
  );
  const found = notes.flatMap(
    (path) => /^\s*version\s*=\s*"([^"]+)"/m.exec(readFileSync(join(root, path), 'utf8'))?.[1] ?? [],
  );
  return [...new Set(found)].sort();
}
