import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { z } from 'zod';
import { layOutStack } from '../../../src/appliers/terraform/folder.ts';
import { type Terraform, terraformOn } from '../../../src/appliers/terraform/terraform.ts';
import { systemClock } from '../../../src/cli/clock.ts';
import {
  findArchive,
  listGuests,
  proxmoxClient,
  type ProxmoxClient,
  readBackup,
  waitTask,
} from '../../../src/clients/proxmox/index.ts';
import type { Backup } from '../../../src/core/guest.ts';
import { isGitmendError } from '../../../src/core/errors.ts';
import { synthesize } from '../../../src/synth/index.ts';
import { wants } from '../../support/needs.ts';
import { input, template, templateWith } from '../../synth/examples.ts';
import { mirror } from '../provider/build.ts';
import { program } from './lab.ts';

type Env = { readonly [name: string]: string | undefined };
const prefix = 'GITMEND_TEST_PVE_';

/** A Proxmox VE of somebody's own, and what these tests may use of it. */
export interface Elsewhere {
  endpoint: string;
  token: string;
  trust: { ca: string } | { fingerprint: string };
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
export function hasElsewhere(env: Env = process.env): boolean {
  return wants(`a Proxmox VE to create guests in (${prefix}URL)`, (env[`${prefix}URL`] ?? '') !== '');
}

/** What the variables say. Throws with every one that is missing or wrong: half a permission is none. */
export function elsewhereOf(env: Env = process.env): Elsewhere {
  const of = (name: string): string => env[`${prefix}${name}`] ?? '';
  const missing = ['URL', 'TOKEN', 'VMIDS', 'NODE', 'STORAGE', 'TEMPLATE'].filter((name) => of(name) === '');
  const faults = [
    ...missing.map((name) => `${prefix}${name} is not set`),
    ...((of('CA') === '') === (of('FINGERPRINT') === '')
      ? [`set one of ${prefix}CA (a file) and ${prefix}FINGERPRINT`]
      : []),
    ...(of('VMIDS') !== '' && rangeOf(of('VMIDS')).length === 0
      ? [`${prefix}VMIDS is no range of at most 100 ids from 100 on: write 9900-9909`]
      : []),
  ];
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return {
    endpoint: of('URL').replace(/\/+$/, ''),
    token: of('TOKEN'),
    trust: of('CA') === '' ? { fingerprint: of('FINGERPRINT') } : { ca: readFileSync(of('CA'), 'utf8') },
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

export function clientOf({ endpoint, token, trust }: Elsewhere): ProxmoxClient {
  return proxmoxClient({ cluster: 'home', endpoint, token, ...trust, clock: systemClock });
}

/** Throws where one of the ids is a guest's already, also one that the token may not see: `GET /cluster/nextid?vmid=`. */
export async function demandFree(client: ProxmoxClient, vmids: readonly number[]): Promise<void> {
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
  if (taken.length > 0)
    throw new Error(
      `refused: ${taken.join(', ')} of ${prefix}VMIDS exists already, and these tests touch only their own`,
    );
}

/** guests/<name>.yaml of the one guest that is created. */
export function guestFile({ vmids, node, storage, bridge }: Elsewhere, name: string, memory: number): string {
  return [
    `name: ${name}`,
    'cluster: home',
    `node: ${node}`,
    `vmid: ${vmids[0] ?? 0}`,
    'type: lxc',
    'cores: 1',
    `memory: ${memory}`,
    'swap: 256',
    `disk: { storage: ${storage}, size: 4 }`,
    `network: { bridge: ${bridge} }`,
    '',
  ].join('\n');
}

/** The template's stack with this guest alone, laid out in `root`, where its state stays. Not initialized. */
export async function stackOf(
  elsewhere: Elsewhere,
  root: string,
  name: string,
  memory: number,
): Promise<{ terraform: Terraform; planFile: string; again: string }> {
  const usual = /local:vztmpl\/[^']+/;
  const code = template.get('stacks/guests-stack.ts') ?? '';
  if (!usual.test(code)) throw new Error('the template’s stack names no container template any more');
  const others = [...template.keys()].filter((path) => path.startsWith('guests/'));
  const tree = templateWith({
    ...Object.fromEntries(others.map((path) => [path, undefined])),
    [`guests/${name}.yaml`]: guestFile(elsewhere, name, memory),
    'stacks/guests-stack.ts': code.replace(usual, elsewhere.template),
  });
  const made = await synthesize(input({ code: tree, data: tree }));
  if (!made.ok) throw new Error(made.message);
  // What is not there yet cannot be imported, and later it is in the state.
  const config = { ...(made.stacks['guests'] as { import?: unknown }) };
  delete config.import;
  const paths = await layOutStack({ root, stack: 'guests', config, mirror, ca: await authority(elsewhere) });
  const terraform = terraformOn({
    ...{ program, paths, timeout: 600, lockTimeout: 0 },
    credentials: { PROXMOX_VE_ENDPOINT: elsewhere.endpoint, PROXMOX_VE_API_TOKEN: elsewhere.token },
  });
  return { terraform, planFile: paths.planFile, again: join(root, 'again.tfplan') };
}

/** The provider takes a CA only: where a fingerprint is given, the very certificate that has it. */
async function authority({ endpoint, trust }: Elsewhere): Promise<string> {
  if ('ca' in trust) return trust.ca;
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    // Nothing is sent: it is looked at, and trusted only where it is the one that was named.
    const socket = connect({ host: hostname, port: Number(port || 443), rejectUnauthorized: false }, () => {
      const shown = socket.getPeerX509Certificate();
      socket.destroy();
      if (shown?.fingerprint256.toUpperCase() === trust.fingerprint.toUpperCase()) resolve(shown.toString());
      else reject(new Error(`the certificate of ${endpoint} has another fingerprint`));
    });
    socket.once('error', reject);
  });
}

/** Everything that Proxmox VE did with this guest in tasks: a restart is one, a live change is none. */
export async function tasksOf(client: ProxmoxClient, node: string, vmid: number): Promise<string[]> {
  const answer: unknown = await client.api.nodes.$(node).tasks.$get({ vmid, source: 'all' });
  const tasks = client.read(z.array(z.object({ upid: z.string(), type: z.string() })), `/nodes/${node}/tasks`, answer);
  return tasks.map(({ upid, type }) => `${type} ${upid}`).sort();
}

/** Stops a container of these tests, and waits until it is. */
export async function stop(client: ProxmoxClient, node: string, vmid: number): Promise<void> {
  const answer: unknown = await client.api.nodes.$(node).lxc.$(vmid).status.stop.$post();
  await ended(client, node, answer);
}

/** A backup of this guest alone, as a person makes one before it is destroyed; listed a moment after its task has ended. */
export async function backUp(client: ProxmoxClient, { node, backups }: Elsewhere, vmid: number): Promise<Backup> {
  await ended(client, node, await client.api.nodes.$(node).vzdump.$post({ vmid: String(vmid), storage: backups }));
  for (let looks = 0; looks < 30; looks += 1) {
    const newest = await readBackup(client, { node, vmid }, { since: 0 });
    if (newest !== undefined) return newest;
    await systemClock.sleep(1000);
  }
  throw new Error(`the backup of ${vmid} is not among the tasks of ${node}`);
}

/** The archive of that backup, and nothing beside it. */
export async function removeArchive(
  client: ProxmoxClient,
  { node, backups }: Elsewhere,
  vmid: number,
  backup: Backup,
): Promise<void> {
  const archive = await findArchive(client, { node, vmid }, backup);
  if (archive.state !== 'there') return;
  const removing: unknown = await client.api.nodes.$(node).storage.$(backups).content.$(archive.volume).$delete();
  if (typeof removing === 'string') await ended(client, node, removing);
}

/**
 * Stops and destroys the guest with one of the ids and exactly this name, which no other has: what somebody made there in
 * the meantime stays. A creation that is still at work is waited for.
 */
export async function cleanUp(client: ProxmoxClient, { vmids, node }: Elsewhere, name: string): Promise<void> {
  for (let looks = 0; ; looks += 1) {
    const own = (await listGuests(client)).find((guest) => vmids.includes(guest.vmid) && guest.name === name);
    if (own === undefined) return;
    try {
      if (own.status === 'running') await stop(client, node, own.vmid);
      await ended(client, node, await client.api.nodes.$(node).lxc.$(own.vmid).$delete());
    } catch (error) {
      if (looks >= 30) throw error;
      await systemClock.sleep(2000);
    }
  }
}

async function ended(client: ProxmoxClient, node: string, answer: unknown): Promise<void> {
  await waitTask(client, node, client.read(z.string().startsWith('UPID:'), 'a task', answer), {
    timeout: 300_000,
    clock: systemClock,
  });
}

/** A private folder for the state, and how it goes. */
export function privateFolder(): { root: string; remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'gitmend-elsewhere-'));
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}
