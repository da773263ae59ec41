import { type Edits, isRefusal } from '../core/change-set.ts';
import { GitmendError, isGitmendError } from '../core/errors.ts';
import type { DeclaredGuest, GuestField } from '../core/declared-guest.ts';
import { branchOf, fingerprintOf } from '../core/fingerprint.ts';
import { type LiveGuest, liveValue, tagWords } from '../core/guest.ts';
import { type Json, sameValue } from '../core/json.ts';
import type { RunRecord } from '../core/run.ts';
import { drifting, isLifeField, isSizeField } from '../declarations/guest/index.ts';
import { removeYaml } from '../editors/yaml-remove.ts';
import { editYaml, type YamlEdit } from '../editors/yaml.ts';
import { closedByBot } from '../records/closing.ts';
import { parsePullRequest } from '../records/pull-request.ts';
import { type AfterStop, printWayOut } from '../records/ways-out.ts';
import { applyDeclared } from './apply-declared.ts';
import { type AreaWayOut, offerAreaBack } from './area-back.ts';
import { type Cause, causeOf } from './cause.ts';
import { notAppliedNews, say } from './comments.ts';
import { type Divergence, divergences } from './divergence.ts';
import { endOtherWays } from './drift-end.ts';
import { openOwn } from './own-pull-request.ts';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

type Kind = AfterStop['kind'];
const kinds: readonly Kind[] = ['accept', 'insist', 'undo'];

/** One line for each way out that was opened, and FORGE_REFUSED for each guest of which some could not be. */
export interface WaysOut {
  events: string[];
  failed: GitmendError[];
}

/**
 * After a stop, or a change that nobody approved: insist, accept what is live, or undo, each as a pull request of its
 * own. Where the divergence is gone, those still open are closed. What the forge refuses to open ends nothing: the next
 * pass tries it again.
 */
export async function offerWaysOut(world: World, truth: Truth): Promise<WaysOut> {
  const found = await divergences(world, truth);
  const wanted = new Set<string>();
  const [events, failed]: [string[], GitmendError[]] = [[], []];
  const stopped = new Map<string, StoppedGuest[]>();
  for (const divergence of found) {
    // What cannot be seen now is neither settled nor offered anew: what is open stays.
    if (divergence.unseen) for (const kind of kinds) wanted.add(fingerprint(kind, divergence));
    if (divergence.unseen) continue;
    const cause = await causeOf(world, truth, divergence);
    for (const kind of kindsFor(divergence, cause)) wanted.add(fingerprint(kind, divergence));
    const { open, refused } = await offerEach(world, truth, divergence, cause);
    if (refused !== undefined) failed.push(refused);
    if (cause.record !== undefined && open.length > 0) {
      const { name } = divergence.guest;
      stopped.set(cause.record.path, [
        ...(stopped.get(cause.record.path) ?? []),
        { record: cause.record.record, name, open },
      ]);
    }
    events.push(...open.map(({ words: what, pullRequest }) => `way out: ${what} (#${pullRequest})`));
  }
  for (const guests of stopped.values()) await sayWays(world, guests);
  const area = await offerAreaBack(world, truth);
  if (area !== undefined) wanted.add(area.fingerprint);
  if (area?.failed !== undefined) failed.push(area.failed);
  if (area?.pullRequest !== undefined) events.push(await sayAreaBack(world, area, area.pullRequest));
  await closeSettled(world, truth, wanted);
  return { events, failed };
}

/** What a stopped run leaves of one of its guests. */
interface StoppedGuest extends Pick<Offered, 'open'> {
  record: RunRecord;
  name: string;
}

/** One comment for each stopped run; where it left several guests, each way out says whose it is. */
async function sayWays(world: World, guests: readonly StoppedGuest[]): Promise<void> {
  const several = guests.length > 1;
  const ways = guests.flatMap(({ name, open }) =>
    open.map((way) => (several ? { ...way, words: `${name}: ${way.words}` } : way)),
  );
  const [first] = guests;
  if (first !== undefined) await say(world, first.record.pullRequest?.number, notAppliedNews(first.record, ways));
}

async function sayAreaBack(world: World, { record }: AreaWayOut, pullRequest: number): Promise<string> {
  const words = 'take ansible/ back';
  if (record?.outcome === 'not-applied')
    await say(world, record.pullRequest?.number, notAppliedNews(record, [{ words, pullRequest }]));
  return `way out: ${words} (#${pullRequest})`;
}

interface Offered {
  open: { words: string; pullRequest: number }[];
  refused?: GitmendError;
}

/** All that a divergence leaves; those that the forge refuses are named together, with its first reason. */
async function offerEach(world: World, truth: Truth, divergence: Divergence, cause: Cause): Promise<Offered> {
  const open: Offered['open'] = [];
  const not: { what: string; why: string }[] = [];
  for (const kind of kindsFor(divergence, cause)) {
    const what = words(kind, divergence, cause);
    try {
      const number = await offer(world, truth, divergence, kind, cause);
      if (number !== undefined) open.push({ words: what, pullRequest: number });
    } catch (error) {
      if (!isGitmendError(error, 'FORGE_REFUSED')) throw error;
      not.push({ what, why: error.message });
    }
  }
  const [first] = not;
  if (first === undefined) return { open };
  const which = not.map(({ what }) => what).join('; ');
  const message = `ways out of ${divergence.guest.name} that could not be opened: ${which}. ${first.why}`;
  world.log('ways-out-refused', { target: divergence.target, why: first.why });
  return { open, refused: new GitmendError('FORGE_REFUSED', message) };
}

/** Whether all that was never applied is live already, as far as an operation can say it and Proxmox VE tells it for sure. */
function isSo(guest: DeclaredGuest, live: LiveGuest | undefined, fields: readonly GuestField[]): boolean {
  if (live === undefined || fields.length === 0) return false;
  return fields.every((field) => {
    if (isSizeField(field)) return live.running[field] === guest[field];
    return field === 'node' ? live.node === guest.node : field === 'disk' && sameValue(live.rootDisk, guest.disk);
  });
}

/** Taking back and keeping what is live may be the same edit: then only one of them is offered. */
export function kindsFor({ applied, live, fields, guest }: Divergence, cause: Cause): Kind[] {
  const sizes = fields.filter(isSizeField);
  // A guest that a run was to create, and did not: its file goes again.
  const never = applied === undefined && live === undefined && cause.record !== undefined;
  const undo: Kind[] = applied === undefined && !never ? [] : ['undo'];
  const known = fields.filter((field) => isSizeField(field) || ['disk', 'name', 'node'].includes(field));
  if (live === undefined || known.length < fields.length) return undo;
  const differs = known.some((field) => liveValue(live, field) !== valueIn(guest, field));
  const sameAsUndo =
    applied !== undefined && known.every((field) => liveValue(live, field) === valueIn(applied, field));
  // Live is what is declared: nothing is to be taken back, and one merge makes it count.
  if (cause.untouched && applied !== undefined && isSo(guest, live, fields)) return ['insist'];
  // To be brought about are sizes alone; a new pull request with the same disk is planned as any other.
  const insist = sizes.length === fields.length ? (['insist'] as const) : [];
  return [...(differs && !sameAsUndo ? (['accept'] as const) : []), ...insist, ...undo];
}

async function offer(
  world: World,
  truth: Truth,
  divergence: Divergence,
  kind: Kind,
  cause: Cause,
): Promise<number | undefined> {
  const { target, guest, live, fields } = divergence;
  const changes = editsFor(world, truth, divergence, kind, cause);
  if (changes === undefined) return undefined;
  const print = fingerprint(kind, divergence);
  const differing = fields.map((field) => ({
    field,
    declared: valueIn(guest, field),
    live: live === undefined ? null : (liveValue(live, field) ?? null),
  }));
  const { title, body } = printWayOut({
    kind,
    name: guest.name,
    where: `${guest.type}/${guest.vmid} on ${live?.node ?? guest.node}`,
    remedy: kind === 'insist' ? 'apply-declared' : kind,
    fingerprint: print,
    cause: cause.is,
    why: cause.why,
    untouched: cause.untouched,
    differing,
    files: kind === 'insist' ? [] : [guest.file],
  });
  const opened = await openOwn(world, {
    branch: branchOf(kind, guest.name, print),
    title,
    body,
    labels: ['gitmend', kind],
    edits: changes,
    fingerprint: print,
  });
  if (opened !== undefined) world.log('way-out', { kind, target, pullRequest: opened.number });
  return opened?.number;
}

function editsFor(
  world: World,
  truth: Truth,
  { target, guest, applied, live, fields }: Divergence,
  kind: Kind,
  cause: Cause,
): Edits | undefined {
  if (kind === 'insist') {
    const said = drifting.filter((field) => fields.includes(field));
    const wanted = { target, name: guest.name, summary: cause.why, fields: said };
    const changes = live === undefined ? undefined : applyDeclared(world, truth, { ...wanted, live });
    return changes === undefined || isRefusal(changes) ? undefined : changes.edits;
  }
  if (applied === undefined && live === undefined) return new Map([[guest.file, null]]);
  const set = fields.flatMap((field) => editsOf(field, kind === 'accept' ? live : applied));
  // What was not managed is undone by not declaring it.
  const gone = kind === 'undo' ? fields.filter((field) => isLifeField(field) && applied?.[field] === undefined) : [];
  if (set.length + gone.length === 0) return undefined;
  try {
    const text = editYaml(truth.head.tree.get(guest.file) ?? '', set);
    return new Map([[guest.file, gone.reduce((left, field) => removeYaml(left, [field]), text)]]);
  } catch (error) {
    // What has no smallest edit (a list that is written line by line) a person takes back.
    if (isGitmendError(error, 'CONFIG_INVALID')) return undefined;
    throw error;
  }
}

/** Merging one closes the others: whatever way out is open without a divergence behind it. */
async function closeSettled(world: World, truth: Truth, wanted: ReadonlySet<string>): Promise<void> {
  const all = await world.forge.pullRequests({ state: 'open' });
  await endOtherWays(world, truth, all);
  for (const pr of all) {
    const marker = pr.author === world.forge.self ? parsePullRequest(pr.body) : undefined;
    if (marker === undefined || !kinds.some((kind) => kind === marker.kind) || wanted.has(marker.fingerprint)) continue;
    await world.forge.close(pr.number, closedByBot('Closed: this is settled, another way was taken.'));
  }
}

function fingerprint(kind: Kind, { target, fields }: Divergence): string {
  return fingerprintOf(kind, target, fields.join('+'));
}

function words(kind: Kind, { guest, live, fields }: Divergence, cause: Cause): string {
  const values = (of: (field: string) => Json | undefined) =>
    fields.map((field) => plainly(of(field) ?? null)).join(', ');
  if (kind === 'accept') return `keep ${values((field) => live && liveValue(live, field))}`;
  if (kind === 'insist' && isSo(guest, live, fields))
    return `approve ${values((field) => valueIn(guest, field))}, as it is live already`;
  if (kind === 'insist') return `insist on ${values((field) => valueIn(guest, field))}, with its own plan`;
  return 'commit' in cause.is ? `undo ${cause.is.commit.slice(0, 7)}` : 'undo this merge';
}

function plainly(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A declared value as people read it: of a disk its size. */
function valueIn(from: object, field: string): Json {
  const value = (from as { [name: string]: unknown })[field];
  if (field === 'disk') return (value as DeclaredGuest['disk'] | undefined)?.size ?? null;
  if (field === 'tags') return tagWords(value as DeclaredGuest['tags']);
  return typeof value === 'object' || value === undefined ? null : (value as Json);
}

/** What a guest's file must say of a field to be as applied, or as live. */
function editsOf(field: string, from: DeclaredGuest | LiveGuest | undefined): YamlEdit[] {
  if (from === undefined) return [];
  if (field === 'disk') {
    const disk = 'disk' in from ? from.disk : from.rootDisk;
    return Object.entries(disk ?? {}).map(([key, value]) => ({ path: ['disk', key], value }));
  }
  if (field === 'name' || field === 'node') return [{ path: [field], value: from[field] }];
  // What was applied alone: what is live says nothing of an address that is set inside.
  if (field === 'network' && 'disk' in from)
    return Object.entries(from.network).map(([key, value]) => ({ path: [field, key], value }));
  // Whoever pushes a tag alone is told so by gitmend status; it hangs on nothing that a way out would bring back.
  if (field === 'tags') return [];
  if (isLifeField(field))
    return 'disk' in from && from[field] !== undefined ? [{ path: [field], value: from[field] }] : [];
  const value = isSizeField(field) ? ('running' in from ? from.running : from)[field] : undefined;
  return value === undefined ? [] : [{ path: [field], value }];
}
