/** What a program calls itself, as far as its name tells. */
export type ProgramName = 'terraform' | 'tofu';

/** `/usr/local/bin/tofu-1.10` → `tofu`. By its name alone: nothing is started. */
export function programName(program: string): ProgramName {
  return /(?:^|\/)[^/]*tofu[^/]*$/.test(program) ? 'tofu' : 'terraform';
}

/** Where a program looks for a provider that is named in short, `bpg/proxmox`: OpenTofu has a registry of its own. */
export function registryOf(program: ProgramName): string {
  return program === 'tofu' ? 'registry.opentofu.org' : 'registry.terraform.io';
}
