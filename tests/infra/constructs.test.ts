import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { synthesize } from '../../src/synth/index.ts';
import { hasSharedSchema, input, root } from '../synth/examples.ts';
import { documented, withHomeStack } from './home-stack.ts';
import { missingFrom, providerSchemas, unknownTo } from './schema.ts';

interface Home {
  resource: { [type: string]: { [name: string]: { [attribute: string]: unknown } } };
  terraform: { backend: unknown };
}

async function homeStack(): Promise<Home> {
  const tree = withHomeStack();
  const made = await synthesize(input({ code: tree, data: tree }));
  if (!made.ok) throw new Error(made.message);
  return made.stacks['home'] as Home;
}

// Every attribute that a construct has, with a value that its type takes. What is one of several comes as several.
const everything = `
import { App, TerraformStack } from 'cdktn';
import { BackupJob, DownloadedFile, LinuxBridge, LinuxVlan, Pool, PoolMembership, ProxmoxProvider } from './proxmox/index.ts';
const app = new App({ outdir: 'cdktf.out' });
const stack = new TerraformStack(app, 'all');
new ProxmoxProvider(stack, 'proxmox');
const inet = { node_name: 'pve1', address: '10.0.0.1/24', gateway: '10.0.0.254', address6: 'fd00::1/64', gateway6: 'fd00::2', autostart: true, mtu: 1500, comment: 'c', timeout_reload: 60 };
const job = { schedule: '02:30', storage: 'local' };
new DownloadedFile(stack, 'file', {
  node_name: 'pve1', datastore_id: 'local', content_type: 'iso', url: 'https://example.org/a.iso.zst', file_name: 'a.iso', decompression_algorithm: 'zst',
  checksum: 'ab', checksum_algorithm: 'sha256', overwrite: false, overwrite_unmanaged: true, verify: true, upload_timeout: 60,
});
new LinuxBridge(stack, 'bridge', { ...inet, name: 'vmbr1', ports: ['eno2'], vlan_aware: true, vids: '2-100' });
new LinuxVlan(stack, 'dotted', { ...inet, name: 'eno1.30' });
new LinuxVlan(stack, 'named', { ...inet, name: 'vlan31', interface: 'eno1', vlan: 31 });
new Pool(stack, 'pool', { pool_id: 'media', comment: 'c' });
new PoolMembership(stack, 'guest', { pool_id: 'media', vm_id: 200 });
new PoolMembership(stack, 'store', { pool_id: 'media', storage_id: 'local' });
new BackupJob(stack, 'some', {
  id: 'some', ...job, vmid: ['200'], enabled: true, node: 'pve1', mode: 'snapshot', compress: 'zstd', prune_backups: { 'keep-last': '3' }, notes_template: 'n', protected: true,
  repeat_missed: true, fleecing: { enabled: true, storage: 'local' }, bwlimit: 1, mailto: ['root@example.org'], mailnotification: 'failure',
});
new BackupJob(stack, 'every', { id: 'every', ...job, all: true });
new BackupJob(stack, 'pooled', { id: 'pooled', ...job, pool: 'media' });
app.synth();
`;

// Each line is one mistake that the provider would refuse.
const mistakes = [
  "new BackupJob(stack, 'a', { id: 'a', schedule: '02:30', storage: 'local', all: true, pool: 'media' });",
  "new BackupJob(stack, 'b', { id: 'b', schedule: '02:30', storage: 'local' });",
  "new BackupJob(stack, 'c', { id: 'c', schedule: '02:30', storage: 'local', all: true, prune_backups: { 'keep-forever': '1' } });",
  "new DownloadedFile(stack, 'd', { node_name: 'pve1', datastore_id: 'local', content_type: 'rootdir', url: 'https://example.org/a.tar.zst' });",
  "new DownloadedFile(stack, 'e', { node_name: 'pve1', datastore_id: 'local', content_type: 'iso', url: 'https://example.org/a.iso', checksum: 'ab' });",
  "new LinuxVlan(stack, 'f', { node_name: 'pve1', name: 'vlan30', vlan: 30 });",
  "new LinuxBridge(stack, 'g', { node_name: 'pve1', name: 'vmbr1', bridge_ports: 'eno1' });",
  "new PoolMembership(stack, 'h', { pool_id: 'media', vm_id: 200, storage_id: 'local' });",
];

describe.skipIf(!hasSharedSchema)('the constructs against the schema of bpg/proxmox 0.111.1 (skipped without ../shared/data)', () => {
  it('have only attributes that it has, with the types that it wants, and demand all that it demands', async () => {
    const all = providerSchemas();
    const code = withHomeStack({ 'stacks/main.ts': everything });
    const made = await synthesize(input({ code, data: code }));
    if (!made.ok) throw new Error(made.message);
    const { resource: resources } = made.stacks['all'] as Home;
    expect(Object.values(resources).flatMap((named) => Object.keys(named))).toHaveLength(10);
    for (const [type, named] of Object.entries(resources)) {
      for (const [name, resource] of Object.entries(named)) {
        const attributes = Object.fromEntries(Object.entries(resource).filter(([key]) => key !== '//'));
        expect(unknownTo(all[type]!.block, attributes, name)).toEqual([]);
        expect(missingFrom(all[type]!.block, attributes)).toEqual([]);
      }
    }
  });
});

describe('the stack that docs/terraform.md shows', () => {
  it('holds one of each, in the order that they need each other, beside the guests’ own', async () => {
    const { resource, terraform } = await homeStack();
    expect(Object.keys(resource).sort()).toEqual([
      ...['proxmox_backup_job', 'proxmox_download_file', 'proxmox_network_linux_bridge', 'proxmox_network_linux_vlan'],
      ...['proxmox_pool_membership', 'proxmox_virtual_environment_pool'],
    ]);
    expect(resource['proxmox_network_linux_vlan']?.['cameras']).toMatchObject({ interface: '${proxmox_network_linux_bridge.lab.name}' });
    expect(resource['proxmox_network_linux_bridge']?.['lab']).toMatchObject({ lifecycle: { prevent_destroy: true } });
    for (const one of [resource['proxmox_pool_membership']?.['media-nextcloud']?.['pool_id'], resource['proxmox_backup_job']?.['media-nightly']?.['pool']]) {
      expect(one).toBe('${proxmox_virtual_environment_pool.media.pool_id}');
    }
    expect(terraform.backend).toEqual({ local: { path: '../../../home.tfstate' } });
  });

  it('compiles, and what the provider would refuse does not', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gitmend-types-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    cpSync(join(root, 'infra', 'stacks', 'proxmox'), join(folder, 'proxmox'), { recursive: true });
    cpSync(join(root, 'package.json'), join(folder, 'package.json'));
    // Unused imports of the head are no mistake here.
    const options = { extends: join(root, 'tsconfig.json'), compilerOptions: { noUnusedLocals: false }, include: ['*.ts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'home-stack.ts'), documented());
    writeFileSync(join(folder, 'everything.ts'), everything);
    const head = everything.split('\n').filter((line) => /^(import|const (app|stack))/.test(line));
    writeFileSync(join(folder, 'mistakes.ts'), [...head, "import './home-stack.ts';", ...mistakes].join('\n'));
    const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json', '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const lines = [...stdout.matchAll(/^(\S+?)\((\d+),/gm)].map(([, file, line]) => `${file ?? ''}:${line ?? ''}`);
    const first = head.length + 2;
    expect([...new Set(lines)], stdout).toEqual(mistakes.map((_, index) => `mistakes.ts:${first + index}`));
  });
});
