import { isRefusal, type Refusal, refusal } from '../../core/change-set.ts';
import type { DeclaredGuest } from '../../core/declared-guest.ts';
import { type LiveGuest, mayRest, stillStopped, tagWords } from '../../core/guest.ts';
import type { LifeAction } from '../../core/life-action.ts';
import type { Step, StepKind } from '../../core/step.ts';
import { printGuestTarget } from '../../core/target.ts';
import { missing, mistaken } from './identity.ts';
import { preStateOf } from './step.ts';

/** The fields of a guest's life that the API changes, beside its size. One that is not declared is not managed. */
export const lifeFields = ['tags', 'protection', 'node', 'started'] as const;
export type LifeField = (typeof lifeFields)[number];

export function isLifeField(field: string): field is LifeField {
  return (lifeFields as readonly string[]).includes(field);
}

/** Seconds that a guest gets to shut down before Proxmox VE gives up; the value that bpg/proxmox uses. */
export const shutdownTimeout = 300;

/** Two declarations of one guest that differ in these fields, and what is live → steps in the order of the run, or why not. */
export function lifeSteps(
  before: DeclaredGuest,
  after: DeclaredGuest,
  fields: readonly LifeField[],
  live: LiveGuest | undefined,
): Step[] | Refusal {
  const asked = fields.filter((field) => after[field] !== undefined);
  if (asked.length === 0) return [];
  const wrong = live === undefined ? missing(after) : mistaken(after, live);
  if (live === undefined || wrong !== undefined) return wrong ?? missing(after);
  const written = [
    ...(asked.includes('tags') ? tagSteps(before, after, live) : []),
    ...(asked.includes('protection') ? protectionSteps(after, live) : []),
  ];
  const moved = asked.includes('node') ? migrateSteps(before, after, live) : [];
  if (isRefusal(moved)) return moved;
  const power = asked.includes('started') ? powerSteps(before, after, live) : [];
  if (isRefusal(power)) return power;
  return moved.length > 0 && power.length > 0 ? oneByOne(after) : [...written, ...moved, ...power];
}

/** What the file gains the guest gains, and what it loses the guest loses; tags that no file ever had are left alone. */
function tagSteps(before: DeclaredGuest, after: DeclaredGuest, live: LiveGuest): Step[] {
  const lost = before.tags.filter((tag) => !after.tags.includes(tag));
  const gained = after.tags.filter((tag) => !before.tags.includes(tag));
  const tags = [...new Set([...live.tags.filter((tag) => !lost.includes(tag)), ...gained])].sort();
  const change = { field: 'tags', before: tagWords(live.tags), after: tagWords(tags) };
  if (change.before === change.after) return [];
  const back = { kind: 'tag-guest', tags: [...new Set(live.tags)].sort() } as const;
  return [lifeStep(after, live, { action: { kind: 'tag-guest', tags }, inverse: back, change, live: true })];
}

function protectionSteps(after: DeclaredGuest, live: LiveGuest): Step[] {
  const [now, wanted] = [live.protected === true, after.protection === true];
  if (now === wanted) return [];
  const set = (protection: boolean) => ({ kind: 'protect-guest', protection }) as const;
  const change = { field: 'protection', before: now, after: wanted };
  return [lifeStep(after, live, { action: set(wanted), inverse: set(now), change, live: true })];
}

function powerSteps(before: DeclaredGuest, after: DeclaredGuest, live: LiveGuest): Step[] | Refusal {
  const [now, wanted] = [live.status, after.started === true ? 'running' : 'stopped'];
  if (now === wanted) return [];
  const change = { field: 'status', before: now, after: wanted };
  const [start, stop] = [{ kind: 'start-guest' }, { kind: 'stop-guest', timeout: shutdownTimeout }] as const;
  if (wanted === 'running') return [lifeStep(after, live, { action: start, inverse: stop, change, live: true })];
  const carried = carriedBy(before, after);
  if (carried.length > 0) return ownHost(after, live, carried);
  return [lifeStep(after, live, { action: stop, inverse: start, change, live: false })];
}

function migrateSteps(before: DeclaredGuest, after: DeclaredGuest, live: LiveGuest): Step[] | Refusal {
  const [from, to] = [live.node, after.node];
  if (from === to) return [];
  if (from !== before.node) {
    const message = `${after.name} is on ${from}, and the declaration says ${before.node}`;
    return refusal('target-mismatch', message, 'bring the declaration in line with where it is first');
  }
  const how = live.status === 'stopped' ? 'offline' : live.type === 'qemu' ? 'online' : 'restart';
  const carried = how === 'restart' ? carriedBy(before, after) : [];
  if (carried.length > 0) return ownHost(after, live, carried);
  const change = { field: 'node', before: from, after: to };
  const inverse = { kind: 'migrate-guest', from: to, to: from, how } as const;
  const step = lifeStep(after, live, {
    ...{ action: { kind: 'migrate-guest', from, to, how }, inverse, change },
    live: how !== 'restart',
  });
  const stays = stillStopped(after, live);
  return [
    { ...step, before: { ...step.before, ...stays }, after: { ...step.after, ...stays }, reboots: how === 'restart' },
  ];
}

/** Which of two comes first would be a guess, and the dry run sees only what is now. */
function oneByOne({ name }: DeclaredGuest): Refusal {
  const message = `${name} would move to another node and be started or stopped at once`;
  return refusal('unsupported-change', message, 'make it two pull requests, one after the other');
}

function carriedBy(before: DeclaredGuest, after: DeclaredGuest): string[] {
  return [...new Set([...before.carries, ...after.carries])].filter((role) => own.includes(role));
}

/** What gitmend works with: once it is stopped, nothing would start it again. */
const own: readonly string[] = ['forge', 'gitmend'];

function ownHost({ name }: DeclaredGuest, { type, vmid, node }: LiveGuest, carried: readonly string[]): Refusal {
  return refusal(
    'carries',
    `${name} carries ${carried.join(' and ')}, and gitmend does not stop what it works with`,
    `do it by hand: ${type === 'lxc' ? 'pct' : 'qm'} shutdown ${vmid} on ${node}`,
  );
}

interface LifeChange {
  action: LifeAction & { kind: StepKind };
  inverse: LifeAction | 'irreversible';
  change: { field: string; before: string | boolean; after: string | boolean };
  live: boolean;
}

/** One step of one field; what it changes is what it is known by before and after. */
export function lifeStep(guest: DeclaredGuest, live: LiveGuest, { action, inverse, change, ...how }: LifeChange): Step {
  return {
    applier: 'proxmox',
    target: printGuestTarget(guest),
    name: guest.name,
    where: `${live.type}/${live.vmid} on ${live.node}`,
    kind: action.kind,
    action,
    preState: preStateOf(live),
    before: { [change.field]: change.before },
    after: { [change.field]: change.after },
    changes: [{ ...change, unit: '' }],
    inverse,
    live: how.live,
    reboots: false,
    destroys: false,
    ...mayRest(guest, live),
  };
}
