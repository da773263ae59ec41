import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** guests/<name>.yaml. Memory and swap in MiB, disk in GiB. `gitmend check` has judged every field before. */
export interface Guest {
  name: string;
  node: string;
  vmid: number;
  type: 'lxc' | 'qemu';
  cores: number;
  memory: number;
  swap?: number;
  disk: { storage: string; size: number };
  network: { bridge: string; address?: string; gateway?: string };
  /** Whether it is to run; gitmend starts and stops it through the API, and Terraform looks at it for a new guest alone. */
  started?: boolean;
  /** The same of these: a guest that is there has them from the API. */
  protection?: boolean;
  tags?: string[];
  /** gitmend cloned it from this template through the API; Terraform imports it where it is. */
  clone?: { from: number };
  /** What this file cannot say in full, and Terraform leaves as it is. */
  leave?: ('disk' | 'name')[];
}

/** Every guest of the folder, in the order of the files, so that the same data gives the same stack. */
export function readGuests(folder: string): Guest[] {
  // git keeps no empty folder: a repository that declares no guest yet has none.
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.yaml')) : [];
  return files.sort().map((file) => checked(file, parse(readFileSync(join(folder, file), 'utf8'))));
}

/** Only what this code would stumble over without saying where. */
function checked(file: string, value: unknown): Guest {
  const guest = value as Partial<Guest> | null;
  for (const field of ['name', 'node', 'vmid', 'type', 'cores', 'memory', 'disk', 'network'] as const) {
    if (guest?.[field] === undefined) throw new Error(`guests/${file}: ${field} is missing`);
  }
  return guest as Guest;
}
