import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DeliverLab, Files } from '../../support/deliver-lab.ts';
import { hasPostgres, startPostgres } from '../../support/postgres.ts';
import { diskOf, instead, planOf, terraformHome, terraformIn, writesIn } from './deliver-lab.ts';
import { hasTerraform } from './lab.ts';

const larger = { 'guests/nextcloud.yaml': instead('size: 64', 'size: 80') };

let branches = 0;

/** The refusal of a pull request as its comment prints it: `terraform-missing: … Next: …`. */
async function refusalOf(lab: DeliverLab, files: Files = larger): Promise<string> {
  const number = await lab.propose(`branch-${(branches += 1)}`, files);
  await lab.plan(number);
  const [, reason = '', words = ''] = /\*\*Refused\*\* \(`([^`]+)`\): (.*)/.exec(await planOf(lab, number)) ?? [];
  return `${reason}: ${words.replaceAll('\\', '')}`;
}

describe.skipIf(!hasTerraform())('what keeps Terraform from planning refuses the pull request by name', () => {
  it('not set up: what to add to gitmend.yaml', async () => {
    const lab = await terraformHome({}, { 'gitmend.yaml': (text) => text });
    expect(await refusalOf(lab)).toMatch(
      /^unsupported-change: nextcloud changes disk: that is done by Terraform, and gitmend.yaml names none. Next: add terraform: /,
    );
  });

  it('the program is missing, or too old', async () => {
    const missing = await terraformHome({ program: 'terraform-that-nobody-has' });
    expect(await refusalOf(missing)).toMatch(/^terraform-missing: .* Next: install Terraform 1.9/);
    const old = join(missing.lab.folder, 'old-terraform');
    writeFileSync(old, '#!/bin/sh\necho \'{"terraform_version": "1.8.5"}\'\n');
    chmodSync(old, 0o755);
    const lab = await terraformHome({ program: old });
    expect(await refusalOf(lab)).toMatch(/^terraform-too-old: .*1.8.5/);
  });

  it('the mirror lacks the provider', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'gitmend-empty-mirror-'));
    onTestFinished(() => rmSync(empty, { recursive: true }));
    const lab = await terraformHome({ mirror: empty });
    expect(await refusalOf(lab)).toMatch(/^terraform-provider-missing: .* Next: let the machine reach the registry/);
  });

  it('Proxmox VE does not answer in time: the plan is ended, named, and planned again later', async () => {
    const lab = await terraformHome({ timeout: '10s' });
    await lab.plan();
    lab.lab.pve.faults.inject({ fault: 'slow', milliseconds: 15_000, method: 'GET', path: /lxc\/201\/interfaces$/ });
    expect(await refusalOf(lab)).toMatch(/^terraform-killed: .*took longer than 10 s/);
    expect((await lab.plan(1)).get(1)).toMatchObject({ state: 'shown', fresh: false });
    lab.clock.advance(600_000);
    expect((await lab.plan(1)).get(1)).toMatchObject({ state: 'shown', fresh: true, record: { refusals: [] } });
  });
});

describe.skipIf(!hasTerraform())('what no plan shows is refused before Terraform is started', () => {
  it.each([
    [
      'a token sent elsewhere',
      `new ProxmoxProvider(this, 'proxmox');`,
      `this.addOverride('provider', { proxmox: [{ endpoint: 'https://127.0.0.1:1' }] });\n    new ProxmoxProvider(this, 'proxmox').addOverride('endpoint', 'https://127.0.0.1:1');`,
      /provider proxmox sets endpoint/,
    ],
  ])('%s', async (_name, from, to, says) => {
    const lab = await terraformHome({}, { 'gitmend.yaml': terraformIn(), 'stacks/guests-stack.ts': instead(from, to) });
    const before = lab.lab.pve.requests.length;
    expect(await refusalOf(lab)).toMatch(says);
    expect(lab.lab.pve.requests.slice(before).map(({ method }) => method)).not.toContain('PUT');
  });
});

describe.skipIf(!hasTerraform())('a disk that does not grow in place', () => {
  it('a smaller one, and one that grows on another storage, are refused and say why', async () => {
    const lab = await terraformHome();
    expect(await refusalOf(lab, { 'guests/nextcloud.yaml': instead('size: 64', 'size: 32') })).toMatch(
      /^unsupported-change: the disk of nextcloud has 64 GiB, and the declaration says 32: a disk only grows/,
    );
    expect(await refusalOf(lab, { 'guests/nextcloud.yaml': instead('local-lvm, size: 64', 'tank, size: 80') })).toMatch(
      /^unsupported-change: the disk of nextcloud is on local-lvm, and the declaration says tank/,
    );
  });
});

describe.skipIf(!hasTerraform() || !hasPostgres())('a state in PostgreSQL', () => {
  it('that is down refuses a plan by name, and lets a run wait until it is back', async () => {
    const postgres = await startPostgres();
    try {
      const backend = (text: string) =>
        instead(
          'LocalBackend(this, { path: `../../../${name}.tfstate` })',
          `PgBackend(this, { schemaName: 'guests' } as never)`,
        )(instead('import { LocalBackend', 'import { PgBackend')(text));
      const lab = await terraformHome(
        { environment: '{ PG_CONN_STR: env:LAB_PG }' },
        { 'stacks/guests-stack.ts': backend },
        { LAB_PG: `${await postgres.database()}?sslmode=disable` },
      );
      const number = await lab.propose('more-room', larger);
      await lab.plan(number);
      await lab.merge(number);
      await postgres.crash();
      expect((await lab.pass()).waiting).toEqual([expect.stringContaining('TERRAFORM_BACKEND_UNREACHABLE')]);
      lab.clock.advance(600_000);
      expect(await refusalOf(lab, { 'guests/gitea.yaml': instead('size: 32', 'size: 40') })).toMatch(
        /^terraform-backend-unreachable: /,
      );
      expect(writesIn(lab)).toEqual([]);
      await postgres.start();
      expect((await lab.run()).at(-1)).toBe('#1 verified: nextcloud runs with disk 80 GiB');
      expect(diskOf(lab, 201)).toBe(80);
    } finally {
      await postgres.stop();
    }
  });
});
