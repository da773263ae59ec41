import { type Refusal, refusal } from '../../core/change-set.ts';
import type { DeclaredGuest } from '../../core/declared-guest.ts';
import { type LiveGuest, networkWords, tagWords } from '../../core/guest.ts';
import type { Json } from '../../core/json.ts';
import type { CloneAction, Step } from '../../core/step.ts';
import { printGuestTarget, type Target } from '../../core/target.ts';
import { preStateOf } from './step.ts';

/** The template that a guest's file names, of the same cluster and kind; `undefined` where it names none. */
export function templateOf({ cluster, type, clone }: DeclaredGuest): Target | undefined {
  return clone === undefined ? undefined : printGuestTarget({ cluster, type, vmid: clone.from });
}

/**
 * A guest that is declared and not there, and the template that its file names → the step that clones it, or why not.
 * Whether it is a template, and what the target has room for, is asked at the dry run. The clone keeps the template's
 * network, so a file that says another one is refused.
 */
export function cloneSteps(
  guest: DeclaredGuest,
  live: LiveGuest | undefined,
  template: LiveGuest | undefined,
): Step[] | Refusal {
  const from = guest.clone?.from ?? 0;
  if (live !== undefined) return taken(guest, live);
  if (template === undefined) {
    const message = `${guest.name} is to be cloned from ${guest.type}/${from}, which is not there`;
    return refusal('no-template', message, 'name a template of this cluster and of the same type under clone.from');
  }
  return cloneMisfits(guest, template)[0] ?? [cloneStep(guest, template)];
}

function taken({ name }: DeclaredGuest, { type, vmid, node, name: called }: LiveGuest): Refusal {
  return refusal(
    'unsupported-change',
    `${name} is to be cloned, and ${type}/${vmid} is on ${node} already, called ${called}`,
    'take another vmid, or declare the guest as it is without clone',
  );
}

/** What a template has otherwise than its clone is declared, and no step changes. */
export function cloneMisfits({ name, disk, network }: DeclaredGuest, template: LiveGuest): Refusal[] {
  const whose = `the template ${template.type}/${template.vmid}`;
  const has = template.rootDisk?.size;
  const [theirs, ours] = [template.network && networkWords(template.network), networkWords(network)];
  return [
    has === undefined &&
      refusal('template-misfit', `${whose} has no disk to clone for ${name}`, 'name another template'),
    has !== undefined &&
      has > disk.size &&
      refusal(
        'template-misfit',
        `${whose} has ${has} GiB, and ${name} declares ${disk.size}: a disk only grows`,
        `declare at least ${has} GiB`,
      ),
    theirs !== ours &&
      refusal(
        'template-misfit',
        `${name} declares the network ${ours}, and its clone would have the template's: ${theirs ?? 'none'}`,
        'declare what the template has, without an address that is set inside or comes by DHCP',
      ),
  ].filter((one) => one !== false);
}

function cloneStep(guest: DeclaredGuest, template: LiveGuest): Step {
  const { cores, memory, swap, disk } = guest;
  const tags = guest.tags.length === 0 ? undefined : [...new Set([...template.tags, ...guest.tags])].sort();
  const { protection } = guest;
  const sizes = { cores, memory, ...(swap === undefined ? {} : { swap }) };
  const action: CloneAction = {
    kind: 'clone-guest',
    ...{ from: template.vmid, node: template.node, config: template.digest, to: guest.node },
    ...{ disk: { storage: disk.storage, size: disk.size }, set: sizes, start: guest.started === true },
    ...(tags === undefined ? {} : { tags }),
    ...(protection === undefined ? {} : { protection }),
  };
  const values: { [field: string]: Json } = {
    ...{ ...sizes, disk: disk.size },
    ...(tags === undefined ? {} : { tags: tagWords(tags) }),
    ...(protection === undefined ? {} : { protection }),
  };
  return {
    applier: 'proxmox',
    target: printGuestTarget(guest),
    name: guest.name,
    where: `${guest.type}/${guest.vmid} on ${guest.node}`,
    kind: 'create-guest',
    action,
    preState: preStateOf(template),
    before: {},
    after: { ...values, ...(action.start ? {} : { status: 'stopped' }) },
    changes: Object.entries(values).map(([field, after]) => ({ field, before: null, after, unit: units[field] ?? '' })),
    inverse: 'irreversible',
    live: true,
    reboots: false,
    destroys: false,
  };
}

const units: { readonly [field: string]: string } = { memory: 'MiB', swap: 'MiB', disk: 'GiB' };
