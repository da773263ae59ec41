// Builds the real provider bpg/proxmox at the version of go.mod into a cache folder, as a filesystem mirror that
// `terraform init` takes it from without a network; prints the mirror's path. Nothing is built twice.
//   node tests/terraform/provider/build.ts
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const here = import.meta.dirname;
const module = 'github.com/bpg/terraform-provider-proxmox';

/** `0.111.1`, as go.mod pins it. */
export const providerVersion = pinned(new RegExp(`${module} v([0-9.]+)`));

/** Below the user's cache, so that all clones on this machine share it. */
export const mirror = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'gitmend', 'terraform-mirror');

const platform = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
const folder = join(mirror, 'registry.terraform.io', 'bpg', 'proxmox', providerVersion, platform);
/** The provider's program, where it has been built. */
export const provider = join(folder, `terraform-provider-proxmox_v${providerVersion}`);

/** OpenTofu takes the short name `bpg/proxmox` as one of its own registry. */
const forTofu = join(mirror, 'registry.opentofu.org', 'bpg', 'proxmox', providerVersion, platform);

if (import.meta.main) {
  if (!existsSync(provider)) build();
  if (!existsSync(forTofu)) {
    mkdirSync(join(forTofu, '..'), { recursive: true });
    symlinkSync(folder, forTofu);
  }
  process.stdout.write(`${mirror}\n`);
}

function build(): void {
  mkdirSync(folder, { recursive: true });
  const fresh = join(mirror, `building-${process.pid}`);
  // Stripped: a quarter smaller, and nobody debugs it here.
  run(goProgram(), ['build', '-trimpath', '-mod=readonly', '-ldflags=-s -w', '-o', fresh, module]);
  renameSync(fresh, provider);
}

/**
 * A Go that is new enough. Since 1.21 Go fetches the toolchain that go.mod names by itself; an older one (Debian 12 has
 * 1.19) can still download it as the module that it is.
 */
function goProgram(): string {
  const { status, stdout } = spawnSync('go', ['version'], { encoding: 'utf8' });
  const [, minor] = (status === 0 && /go1\.(\d+)/.exec(stdout)) || [];
  if (minor === undefined) throw new Error('there is no go on this machine: apt-get install golang-go');
  if (Number(minor) >= 21) return 'go';
  const name = `golang.org/toolchain@v0.0.1-go${pinned(/^toolchain go([0-9.]+)$/m)}.${platform.replace('_', '-')}`;
  const { Dir } = JSON.parse(run('go', ['mod', 'download', '-json', name], join(here, '..'))) as { Dir: string };
  // A module keeps no permissions.
  for (const programs of ['bin', join('pkg', 'tool', platform)]) {
    for (const file of readdirSync(join(Dir, programs))) chmodSync(join(Dir, programs, file), 0o755);
  }
  return join(Dir, 'bin', 'go');
}

function run(program: string, args: readonly string[], cwd = here): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

function pinned(pattern: RegExp): string {
  const [, found] = pattern.exec(readFileSync(join(here, 'go.mod'), 'utf8')) ?? [];
  if (found === undefined) throw new Error(`go.mod names no ${String(pattern)}`);
  return found;
}
