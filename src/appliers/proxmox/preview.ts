import { type ProxmoxClient, readSeen, type SeenGuest } from '../../clients/proxmox/index.ts';
import { isGitmendError } from '../../core/errors.ts';
import type { Preview } from '../../core/plan.ts';
import type { Step } from '../../core/step.ts';
import type { GuestTarget } from '../../core/target.ts';
import { printBytes } from '../../texts/words.ts';
import { hasMemory, keptFree } from './room.ts';
import { aimedAt, printField, sizeField } from './values.ts';

const mib = 2 ** 20;

/**
 * What Proxmox VE would say to a step now, asked without changing anything. Accepted with the reasons in reading order,
 * or refused with every reason at once. Throws where the cluster itself cannot be asked.
 */
export async function previewStep(client: ProxmoxClient, target: GuestTarget, step: Step): Promise<Preview> {
  const seen = await seenOr(client, target);
  if ('accepted' in seen) return seen;
  const findings = checks.flatMap((check) => check(step, seen));
  const against = findings.filter(({ ok }) => !ok);
  return { accepted: against.length === 0, notes: (against.length === 0 ? findings : against).map(({ note }) => note) };
}

/** The guest as it is now, or the refusal where it is gone, or its node does not answer while the cluster does. */
export async function seenOr(client: ProxmoxClient, target: GuestTarget): Promise<SeenGuest | Preview> {
  try {
    return await readSeen(client, target);
  } catch (error) {
    if (isGitmendError(error, 'PVE_NOT_FOUND', 'PVE_FAILED')) return { accepted: false, notes: [error.message] };
    throw error;
  }
}

interface Finding {
  ok: boolean;
  note: string;
}
type Check = (step: Step, seen: SeenGuest) => Finding[];

const checks: Check[] = [exists, unlocked, unchanged, nothingElseWaits, fitsNode, fitsUse, coresThere, takesEffect];

function exists(_: Step, { guest, template }: SeenGuest): Finding[] {
  if (template) return [no(`${guest.name} is a template`)];
  if (guest.status === 'running' || guest.status === 'stopped') return [];
  return [no(`${guest.name} is ${guest.status} on ${guest.node}, neither running nor stopped`)];
}

function unlocked(_: Step, { guest }: SeenGuest): Finding[] {
  return [guest.lock === undefined ? yes('not locked') : no(`locked (${guest.lock})`)];
}

function unchanged(step: Step, { guest }: SeenGuest): Finding[] {
  const moved = Object.keys(aimedAt(step)).filter((field) => sizeField(guest.running, field) !== step.before[field]);
  if (moved.length === 0) return [yes('config unchanged since it was read')];
  return moved.map((field) => {
    const [now, before] = [printField(field, sizeField(guest.running, field)), printField(field, step.before[field])];
    return no(`${field} is ${now} on ${guest.node}, no longer ${before}`);
  });
}

/** A write would replace what waits, and a restart put it in force: neither without the one who left it there. */
function nothingElseWaits(step: Step, { guest, pending }: SeenGuest): Finding[] {
  const aims = aimedAt(step);
  const touched = pending.filter(({ key }) => step.reboots || Object.hasOwn(aims, key));
  const foreign = touched.filter(({ key, value }) => value !== aims[key]);
  return foreign.map(({ key, value }) =>
    no(`${key} ${printField(key, value)} waits for a restart on ${guest.node} and did not come from here`),
  );
}

/** Growth only counts while the guest runs; a stopped one takes its memory when somebody starts it. */
function fitsNode(step: Step, { guest, node }: SeenGuest): Finding[] {
  const free = yes(`${printBytes(node.memoryAvailable)} free on ${node.node}`);
  const wanted = (aimedAt(step)['memory'] ?? 0) * mib;
  if (wanted > node.memoryTotal) return [no(`${node.node} has ${printBytes(node.memoryTotal)} of memory in all`)];
  const growth = guest.status === 'stopped' ? 0 : wanted - (guest.running.memory ?? 0) * mib;
  if (growth <= 0 || hasMemory(node, growth)) return [free];
  return [
    no(
      `${printBytes(growth)} more do not fit: ${printBytes(node.memoryAvailable)} are free on ${node.node}, of which ${printBytes(keptFree(node))} stay free`,
    ),
  ];
}

/** A container's `mem` is a lower bound of what it needs; a VM's says nothing of that. */
function fitsUse(step: Step, { guest, used }: SeenGuest): Finding[] {
  const wanted = aimedAt(step)['memory'];
  if (wanted === undefined || used === undefined || guest.type !== 'lxc' || guest.status === 'stopped') return [];
  return used < wanted * mib ? [] : [no(`${printBytes(used)} are in use and would not fit into ${wanted} MiB`)];
}

/** A VM with more CPUs than its node has does not start again (qemu-server `config_to_command`: “MAX … vcpus allowed”). */
function coresThere(step: Step, { guest, node }: SeenGuest): Finding[] {
  const { cores } = aimedAt(step);
  const { sockets = 1 } = guest.cpu ?? {};
  if (cores === undefined || cores * sockets <= node.cpus) return [];
  const wanted = sockets === 1 ? String(cores) : `${cores * sockets} (${sockets} sockets of ${cores} cores)`;
  return [no(`${node.node} has ${node.cpus} CPUs, fewer than ${wanted}`)];
}

function takesEffect(step: Step, { guest }: SeenGuest): Finding[] {
  if (step.reboots)
    return guest.status === 'running'
      ? [yes('running')]
      : [no(`${guest.name} is ${guest.status}, so it is not restarted`)];
  if (guest.status === 'stopped') return [yes('stopped: it takes effect when it starts')];
  if (guest.type === 'lxc') return [];
  const features = Object.keys(aimedAt(step)).map((field) => (field === 'cores' ? 'cpu' : field));
  const cold = features.filter((feature) => !guest.hotplug.includes(feature));
  if (!step.live) return [yes('waits for the restart')];
  return cold.map((feature) =>
    no(`a running VM takes ${feature} only with a restart: its hotplug is ${guest.hotplug.join(', ') || 'off'}`),
  );
}

function yes(note: string): Finding {
  return { ok: true, note };
}

function no(note: string): Finding {
  return { ok: false, note };
}
