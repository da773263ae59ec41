import { z } from 'zod';
import { systemClock } from '../../../src/cli/clock.ts';
import {
  findArchive,
  listGuests,
  type ProxmoxClient,
  readBackup,
  waitTask,
} from '../../../src/clients/proxmox/index.ts';
import type { Backup } from '../../../src/core/guest.ts';
import { type Elsewhere, takenOf } from './elsewhere-lab.ts';

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

/** Somebody changes the container past the repository: other memory, and a first disk that is a GiB larger where told. */
export async function meddle(
  client: ProxmoxClient,
  node: string,
  vmid: number,
  { memory, grow = false }: { memory: number; grow?: boolean },
): Promise<void> {
  const container = client.api.nodes.$(node).lxc.$(vmid);
  await container.config.$put({ memory });
  if (grow) await ended(client, node, await container.resize.$put({ disk: 'rootfs', size: '+1G' }));
}

/** A backup of this guest alone, as a person makes one before it is destroyed; listed a moment after its task has ended. */
export async function backUp(client: ProxmoxClient, { node, backups }: Elsewhere, vmid: number): Promise<Backup> {
  const upid = await client.api.nodes.$(node).vzdump.$post({ vmid: String(vmid), storage: backups });
  await ended(client, node, upid);
  for (let looks = 0; looks < 30; looks += 1) {
    const made = await readBackup(client, { node, vmid }, { upid });
    if (made !== undefined) return made;
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
 * the meantime stays. A creation that is still at work is waited for, and so is the list, which is behind by ten seconds.
 */
export async function cleanUp(client: ProxmoxClient, elsewhere: Elsewhere, name: string): Promise<void> {
  for (let looks = 0; ; looks += 1) {
    try {
      const own = await ownGuest(client, elsewhere, name);
      if (own === undefined) return;
      if (own.status === 'running') await stop(client, elsewhere.node, own.vmid);
      await ended(client, elsewhere.node, await client.api.nodes.$(elsewhere.node).lxc.$(own.vmid).$delete());
    } catch (error) {
      if (looks >= 30) throw error;
      await systemClock.sleep(2000);
    }
  }
}

/** Throws where an id is taken and the list does not say yet by whom: until it is made a container is called `CT9900`. */
async function ownGuest(client: ProxmoxClient, { vmids }: Elsewhere, name: string) {
  const there = (await listGuests(client)).filter(({ vmid }) => vmids.includes(vmid));
  const own = there.find((guest) => guest.name === name);
  if (own !== undefined) return own;
  const known = there.filter((guest) => guest.name !== `CT${guest.vmid}`).map(({ vmid }) => vmid);
  const unsure = (await takenOf(client, vmids)).filter((vmid) => !known.includes(vmid));
  if (unsure.length === 0) return undefined;
  throw new Error(`${unsure.join(', ')} is there, and the list does not say yet whether it is called ${name}`);
}

async function ended(client: ProxmoxClient, node: string, answer: unknown): Promise<void> {
  await waitTask(client, node, client.read(z.string().startsWith('UPID:'), 'a task', answer), {
    timeout: 300_000,
    clock: systemClock,
  });
}
