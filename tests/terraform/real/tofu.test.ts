import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { programVersion } from '../../../src/appliers/terraform/index.ts';
import { answers, wants } from '../../support/needs.ts';
import { mirror, providerVersion } from '../provider/build.ts';
import { instead, planOf, terraformHome } from './deliver-lab.ts';
import { container, hasTerraform, terraformLab, type TerraformLab } from './lab.ts';

// With GITMEND_TEST_TOFU every test of this folder runs OpenTofu; here stands what it alone does.
const tofu = process.env['GITMEND_TEST_TOFU'] ?? '';
const hasTofu = hasTerraform() && wants('OpenTofu (GITMEND_TEST_TOFU)', tofu !== '');

/** A mirror with the provider under one registry alone. Folders, because no program follows a link above the platform. */
function mirrorOf(lab: TerraformLab, registry: string): string {
  const [own, version] = [lab.file(`mirror-of-${registry}`), join('bpg', 'proxmox', providerVersion)];
  const [from, to] = [join(mirror, 'registry.terraform.io', version), join(own, registry, version)];
  mkdirSync(to, { recursive: true });
  for (const platform of readdirSync(from)) symlinkSync(join(from, platform), join(to, platform));
  return own;
}

describe.skipIf(!hasTofu)('OpenTofu', () => {
  it('is new enough, and a plan comment names it with its version', async () => {
    const lab = await terraformHome();
    const version = await programVersion(tofu, '/');
    const number = await lab.propose('more-room', { 'guests/nextcloud.yaml': instead('size: 64', 'size: 80') });
    await lab.plan(number);
    const comment = await planOf(lab, number);
    expect(comment).toContain(`\`tofu ${version}\``);
    expect(comment).not.toContain('`terraform ');
  });

  it('takes the provider from its own registry’s folder of a mirror', async () => {
    const lab = await terraformLab();
    const own = await lab.stack({ mirror: mirrorOf(lab, 'registry.opentofu.org') });
    await own.terraform.init();
    expect((await own.terraform.plan([container('postgres')])).objections).toEqual([]);
  });

  it('says which provider is missing where a mirror has it under Terraform’s registry alone', async () => {
    const lab = await terraformLab();
    const { terraform } = await lab.stack({ mirror: mirrorOf(lab, 'registry.terraform.io') });
    await expect(terraform.init()).rejects.toMatchObject({
      code: 'TERRAFORM_PROVIDER_MISSING',
      message: expect.stringContaining('registry.opentofu.org/bpg/proxmox') as string,
    });
  });

  it('does not read a state that somebody encrypted: nobody waits for a lock, and the mend is named', async () => {
    const lab = await terraformLab();
    const { terraform } = await lab.imported();
    writeFileSync(
      lab.file('guests.tfstate'),
      '{"serial":1,"lineage":"x","meta":{},"encrypted_data":"YWJj","encryption_version":"v0"}',
    );
    await expect(terraform.plan([])).rejects.toMatchObject({
      code: 'TERRAFORM_STATE_UNREADABLE',
      message: expect.stringContaining('encrypted') as string,
    });
  });
});

describe.skipIf(!hasTofu || !answers('terraform', ['version']))('a state that changes hands', () => {
  it.each([
    ['from Terraform to OpenTofu', 'terraform', tofu, 'registry.opentofu.org'],
    ['from OpenTofu to Terraform', tofu, 'terraform', 'registry.terraform.io'],
  ])('%s: what was imported stays, and its plan is empty', async (_, before, after, registry) => {
    const lab = await terraformLab();
    await lab.imported({ program: before });
    // Its own provider is enough, although the state names that of the other registry.
    const { terraform } = await lab.stack({ program: after, mirror: mirrorOf(lab, registry) });
    await terraform.init();
    const plan = await terraform.plan([]);
    expect(plan).toMatchObject({ changes: [], unchanged: 5, drift: [], objections: [] });
    expect(lab.writes()).toEqual([]);
  });
});
