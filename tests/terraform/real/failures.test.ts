import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { homeTokens } from '../../../simulators/pve/index.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { container, hasTerraform, machine, type Synthesized, terraformLab } from './lab.ts';

describe.skipIf(!hasTerraform())('what keeps Terraform from its work has a name', () => {
  it('TERRAFORM_MISSING: the program is not there', async () => {
    const lab = await terraformLab();
    const { terraform } = await lab.stack({ program: 'terraform-that-nobody-has' });
    await expect(terraform.init()).rejects.toMatchObject({ code: 'TERRAFORM_MISSING' });
  });

  it('TERRAFORM_TOO_OLD: the version is named', async () => {
    const lab = await terraformLab();
    const old = lab.file('old-terraform');
    writeFileSync(old, '#!/bin/sh\necho \'{"terraform_version": "1.8.5"}\'\n');
    chmodSync(old, 0o755);
    const { terraform } = await lab.stack({ program: old });
    await expect(terraform.init()).rejects.toMatchObject({
      code: 'TERRAFORM_TOO_OLD',
      message: expect.stringContaining('1.8.5') as string,
    });
  });

  it('TERRAFORM_PROVIDER_MISSING: the mirror does not have it', async () => {
    const lab = await terraformLab();
    mkdirSync(lab.file('empty'));
    const { terraform } = await lab.stack({ mirror: lab.file('empty') });
    await expect(terraform.init()).rejects.toMatchObject({
      code: 'TERRAFORM_PROVIDER_MISSING',
      message: expect.stringContaining('bpg/proxmox') as string,
    });
  });

  it('TERRAFORM_LOCKED: somebody else holds the state, and the plan waits no longer than told', async () => {
    const lab = await terraformLab();
    const { terraform } = await lab.imported();
    await holdState(lab.file('guests.tfstate'));
    await expect(terraform.plan([])).rejects.toMatchObject({
      code: 'TERRAFORM_LOCKED',
      message: expect.stringContaining('alice@desk') as string,
    });
  });

  it('TERRAFORM_KILLED: a plan that was ended half-way leaves no plan file and no lock', async () => {
    const lab = await terraformLab();
    await lab.imported();
    lab.pve.faults.inject({ fault: 'slow', milliseconds: 8000, method: 'GET', path: /lxc\/200\/config$/ });
    const { terraform: hasty } = await lab.stack({ timeout: 2 });
    await expect(hasty.plan([])).rejects.toMatchObject({ code: 'TERRAFORM_KILLED' });
    const { terraform, paths } = await lab.stack();
    await expect(terraform.show(paths.planFile)).rejects.toMatchObject({ code: 'TERRAFORM_FAILED' });
    expect((await terraform.plan([])).changes).toEqual([]);
  });

  it('TERRAFORM_STATE_CHANGED: a plan is applied once', async () => {
    const lab = await terraformLab();
    const { terraform, paths } = await lab.imported();
    await expect(terraform.apply(paths.planFile)).rejects.toMatchObject({ code: 'TERRAFORM_STATE_CHANGED' });
  });

  it('TERRAFORM_FAILED: what Proxmox VE refuses is said, without the token', async () => {
    const lab = await terraformLab();
    const secret = 'gitmend@pve!gone=00000000-0000-4000-8000-000000000000';
    const { terraform } = await lab.stack({ credentials: { PROXMOX_VE_API_TOKEN: secret } });
    await terraform.init();
    const error: unknown = await terraform.plan([container('postgres')]).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'TERRAFORM_FAILED', message: expect.stringMatching(/401/) as string });
    expect(String(error)).not.toContain('00000000-0000');
  });

  it('a read-only token plans containers; a virtual machine’s disks it may not read', async () => {
    const lab = await terraformLab();
    const { terraform } = await lab.stack({ credentials: { PROXMOX_VE_API_TOKEN: homeTokens.read } });
    await terraform.init();
    expect((await terraform.plan([container('postgres')])).changes).toMatchObject([
      { importedFrom: 'pve1/200', kind: 'no-op' },
    ]);
    await expect(terraform.plan([machine('homeassistant')])).rejects.toMatchObject({
      message: expect.stringContaining('VM.Config.Disk') as string,
    });
  });
});

describe.skipIf(!hasTerraform() || !hasPostgres())('a state in PostgreSQL', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());
  const config = (stack: Synthesized): void => void (stack.terraform.backend = { pg: { schema_name: 'guests' } });

  it('is initialized, planned and applied by PG_CONN_STR alone, and TERRAFORM_BACKEND_UNREACHABLE when it is down', async () => {
    const lab = await terraformLab();
    const address = `${await postgres.database()}?sslmode=disable`;
    const { terraform } = await lab.imported({ config, credentials: { PG_CONN_STR: address } });
    expect((await terraform.plan([])).unchanged).toBe(5);
    await postgres.crash();
    try {
      await expect(terraform.plan([])).rejects.toMatchObject({ code: 'TERRAFORM_BACKEND_UNREACHABLE' });
    } finally {
      await postgres.start();
    }
    expect((await terraform.plan([])).unchanged).toBe(5);
  });
});

/** Holds the lock of a local state as Terraform does (fcntl), with its note of who. */
async function holdState(path: string): Promise<void> {
  const note = JSON.stringify({
    ID: '6b2f',
    Operation: 'OperationTypeApply',
    Who: 'alice@desk',
    Version: '1.11.4',
    Created: '2026-11-20T03:00:00Z',
    Path: path,
  });
  writeFileSync(path.replace(/([^/]+)$/, '.$1.lock.info'), note);
  const holder = spawn(
    'python3',
    [
      '-c',
      'import fcntl,sys;f=open(sys.argv[1],"r+");fcntl.lockf(f,fcntl.LOCK_EX);print("held",flush=True);sys.stdin.read()',
      path,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  onTestFinished(() => void holder.kill());
  await once(holder.stdout, 'data');
}
