import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../../../src/cli/clock.ts';
import { proxmoxClient, type ProxmoxClient } from '../../../src/clients/proxmox/index.ts';
import { isGitmendError } from '../../../src/core/errors.ts';

type Env = { readonly [name: string]: string | undefined };
const prefix = 'GITMEND_TEST_PVE_';

/** A Proxmox VE that is not in this process, and what these tests may use of it. */
export interface Elsewhere {
  endpoint: string;
  token: string;
  /** PEM of who signed its certificate: Terraform's provider knows no fingerprint. */
  ca: string;
  /** Ids that are these tests' own, in order. */
  vmids: number[];
  node: string;
  storage: string;
  /** `local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst` */
  template: string;
  bridge: string;
  /** Where the one backup of the guest is made: `local` */
  backups: string;
}

/** Whether somebody named one. */
export function isNamed(env: Env = process.env): boolean {
  return (env[`${prefix}URL`] ?? '') !== '';
}

/** The one that is named, or the stand-in in a process of its own; and how that ends. */
export async function openElsewhere(): Promise<{ elsewhere: Elsewhere; end: () => Promise<void> }> {
  return isNamed() ? { elsewhere: elsewhereOf(), end: () => Promise.resolve() } : standIn();
}

/** What the variables say. Throws with every one that is missing or wrong: half a permission is none. */
export function elsewhereOf(env: Env = process.env): Elsewhere {
  const of = (name: string): string => env[`${prefix}${name}`] ?? '';
  const missing = ['URL', 'TOKEN', 'CA', 'VMIDS', 'NODE', 'STORAGE', 'TEMPLATE'].filter((name) => of(name) === '');
  const faults = [
    ...missing.map((name) => `${prefix}${name} is not set`),
    ...(of('VMIDS') !== '' && rangeOf(of('VMIDS')).length === 0
      ? [`${prefix}VMIDS is no range of at most 100 ids from 100 on: write 9900-9909`]
      : []),
  ];
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return {
    endpoint: of('URL').replace(/\/+$/, ''),
    token: of('TOKEN'),
    ca: readFileSync(of('CA'), 'utf8'),
    vmids: rangeOf(of('VMIDS')),
    ...{ node: of('NODE'), storage: of('STORAGE'), template: of('TEMPLATE') },
    bridge: of('BRIDGE') === '' ? 'vmbr0' : of('BRIDGE'),
    backups: of('BACKUPS') === '' ? 'local' : of('BACKUPS'),
  };
}

function rangeOf(text: string): number[] {
  const [, first, last = first] = /^(\d{3,9})(?:-(\d{3,9}))?$/.exec(text) ?? [];
  const [from, count] = [Number(first), Number(last) - Number(first) + 1];
  return from >= 100 && count >= 1 && count <= 100 ? Array.from({ length: count }, (_, index) => from + index) : [];
}

const simulator = join(import.meta.dirname, '..', '..', '..', 'simulators', 'pve', 'main.ts');

/** As somebody starts it from a terminal: what it prints is all that is known of it. */
async function standIn(): Promise<{ elsewhere: Elsewhere; end: () => Promise<void> }> {
  const words = ['--disable-warning=ExperimentalWarning', simulator, '--scenario', 'well'];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = () => void child.kill();
  process.once('exit', kill);
  const ended = once(child, 'exit');
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ended.then(([code]) => Promise.reject(new Error(`the stand-in ended with ${String(code)}`))),
  ])) as [string];
  const { endpoint, ca, tokens } = JSON.parse(line) as { endpoint: string; ca: string; tokens: { admin: string } };
  const named = {
    ...{ URL: endpoint, TOKEN: tokens.admin, CA: ca, VMIDS: '9900-9909', NODE: 'pve1', STORAGE: 'local-lvm' },
    TEMPLATE: 'local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst',
  };
  const env = Object.fromEntries(Object.entries(named).map(([name, value]) => [`${prefix}${name}`, value]));
  const end = async () => {
    process.removeListener('exit', kill);
    kill();
    await ended;
  };
  return { elsewhere: elsewhereOf(env), end };
}

export function clientOf({ endpoint, token, ca }: Elsewhere): ProxmoxClient {
  return proxmoxClient({ cluster: 'home', endpoint, token, ca, clock: systemClock });
}

/** Throws where one of the ids is a guest's already. */
export async function demandFree(client: ProxmoxClient, vmids: readonly number[]): Promise<void> {
  const taken = await takenOf(client, vmids);
  if (taken.length > 0)
    throw new Error(
      `refused: ${taken.join(', ')} of ${prefix}VMIDS exists already, and these tests touch only their own`,
    );
}

/** Those that are a guest's, also one that the token may not see, and at once: `GET /cluster/nextid?vmid=`. */
export async function takenOf(client: ProxmoxClient, vmids: readonly number[]): Promise<number[]> {
  const taken: number[] = [];
  for (const vmid of vmids) {
    try {
      await client.api.cluster.nextid.$get({ vmid });
    } catch (error) {
      if (!isGitmendError(error) || !JSON.stringify([error.message, error.details]).includes('already exists'))
        throw error;
      taken.push(vmid);
    }
  }
  return taken;
}
