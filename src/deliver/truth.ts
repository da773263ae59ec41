import type { Area } from '../core/area.ts';
import { type DeclaredGuest, guestFields } from '../core/declared-guest.ts';
import { isoTime } from '../core/clock.ts';
import { GitmendError, isGitmendError, unless } from '../core/errors.ts';
import type { LiveGuest } from '../core/guest.ts';
import { digestOf } from '../core/json.ts';
import type { Finding } from '../core/outcome.ts';
import { type RunRecord, runId } from '../core/run.ts';
import { type GuestTarget, parseGuestTarget, printGuestTarget, type Target } from '../core/target.ts';
import type { Approval } from '../core/plan.ts';
import { isLiveAs } from '../declarations/guest/index.ts';
import { type Applied, type AppliedChange, foldApplied } from '../ledger/applied.ts';
import { type Journal, readJournals } from '../ledger/journal.ts';
import { appendRecord, readChain, type StoredRecord } from '../ledger/records.ts';
import { judgeApproval } from './approval.ts';
import { areasIn, areasMoved } from './areas.ts';
import { isSigned } from '../ledger/verify.ts';
import type { Declared } from './declared.ts';
import { demandMerged } from './merged-records.ts';
import { checkedPointer, guestsAt } from './pointer.ts';
import { declaresNothing } from './difference.ts';
import { stackPaths } from './stack-change.ts';
import { type Unit, unitsSince } from './units.ts';
import type { Engines, Ground } from './world.ts';

/** A unit with what its merge is worth as an approval. */
export interface JudgedUnit extends Unit {
  approval: Approval;
  /** Areas that are applied as of it once it is, by the rules that were in force before it. */
  areas: readonly Area[];
}

/** What git and the forge say now: everything that deliver decides from. */
export interface Truth {
  /** Head of the default branch and what it declares. */
  head: Declared;
  /** The commit whose rules are in force, and what it declares. */
  rules: Declared;
  applied: Applied;
  appliedTip: string;
  /** What each area that is switched on was applied as last. */
  areas: ReadonlyMap<Area, Declared>;
  records: StoredRecord[];
  journals: Journal[];
  /** Merges and pushes that no record has settled yet, oldest first. */
  units: JudgedUnit[];
  findings: { finding: Finding; message: string }[];
  /** First parents of the default branch, oldest first. */
  order: readonly string[];
  /** Whether a commit came onto the default branch after another. */
  laterThan: (commit: string, other: string | undefined) => boolean;
}

/**
 * Fetches and reads the truth; on the very first time adopts what already is as declared. The pointer is checked
 * against the records and rebuilt from them where it does not follow. Throws RECORDS_TAMPERED: then nothing is applied.
 */
export async function readTruth(world: Ground): Promise<Truth> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readOnce(world);
    } catch (error) {
      // Somebody else was reading it in the same moment and put the pointer right: what they wrote is read now.
      if (attempt === 5 || !isGitmendError(error, 'REF_TAKEN')) throw error;
    }
  }
}

async function readOnce(world: Ground): Promise<Truth> {
  await world.repo.fetch();
  const headCommit = await world.repo.tip(`refs/heads/${world.forge.defaultBranch}`);
  if (headCommit === undefined)
    throw new GitmendError('GIT_FAILED', `the default branch ${world.forge.defaultBranch} has no commit`);
  const head = await world.declaredAt(headCommit);
  const records = await readRecords(world);
  const adopted = records.some(({ record }) => record.outcome === 'adopted') ? records : await adopt(world, head);
  const journals = await readJournals(world.repo);
  const order = await world.repo.firstParents(undefined, headCommit);
  const since = settledUpTo(adopted, journals, order);
  const units = await unitsSince(world, since, headCommit);
  const changes = adopted.flatMap(({ record }) => record.applied ?? []);
  const settled = new Set(adopted.flatMap(({ record }) => record.pullRequest?.merge ?? []));
  const open = units.filter(({ to }) => !settled.has(to));
  const judged = await judgedInOrder(world, adopted, journals, open, order);
  const { applied, tip, findings } = await checkedPointer(world, changes, pastApply(journals, judged), order);
  const rules = await world.declaredAt(applied.rules);
  return {
    head,
    rules,
    applied,
    appliedTip: tip,
    areas: await areasAt(world, rules, applied, adopted),
    records: adopted,
    journals,
    units: judged,
    findings,
    order,
    laterThan: (commit, other) => other !== undefined && order.indexOf(other) > order.indexOf(commit),
  };
}

/**
 * Each merge by the rules that were in force before it: those of an earlier one count from when its own approved run is
 * past its apply, so nobody brings the rules that approve them.
 */
async function judgedInOrder(
  world: Ground,
  records: readonly StoredRecord[],
  journals: readonly Journal[],
  units: readonly Unit[],
  order: readonly string[],
): Promise<JudgedUnit[]> {
  const changes = records.flatMap(({ record }) => record.applied ?? []);
  const result: JudgedUnit[] = [];
  const past: AppliedChange[] = [];
  let applied = await foldApplied(changes, order, guestsAt(world));
  for (const unit of units) {
    if (applied === undefined) throw new GitmendError('INTERNAL', 'a repository with records has an applied state');
    const rules = await world.declaredAt(applied.rules);
    const moved = areasMoved(unit.difference, { rules, after: await world.declaredAt(unit.to) });
    if (declaresNothing(unit.difference, moved) && !mayChangeStacks(unit.difference, rules)) continue;
    const areas = await areasAt(world, rules, applied, records);
    const judged = { ...unit, areas: moved, approval: await judgeApproval(world, { rules, applied, areas }, unit) };
    result.push(judged);
    const more = pastApply(journals, [judged]);
    past.push(...more);
    if (more.length > 0) applied = await foldApplied([...changes, ...past], order, guestsAt(world));
  }
  return result;
}

/** Data beside guests that stacks may read moves no area, and may change what Terraform is to do. */
function mayChangeStacks(difference: Unit['difference'], rules: Declared): boolean {
  return areasIn(rules).includes('stacks') && stackPaths(difference).length > 0;
}

/** The commits whose files count as applied, area by area: what no merge has moved is as of the adoption. */
async function areasAt(
  world: Ground,
  rules: Declared,
  applied: Applied,
  records: readonly StoredRecord[],
): Promise<Truth['areas']> {
  const adoption = records.find(({ record }) => record.outcome === 'adopted')?.record.applied?.merge ?? '';
  const at = async (area: Area) => [area, await world.declaredAt(applied.areas?.[area] ?? adoption)] as const;
  return new Map(await Promise.all(areasIn(rules).map(at)));
}

async function readRecords(world: Ground): Promise<StoredRecord[]> {
  const chain = await readChain(world.repo);
  if (!chain.ok) throw new GitmendError('RECORDS_TAMPERED', chain.why);
  const seen = await world.seenRecords.read();
  // What this machine has looked at already is not looked at again with every pass.
  if (chain.tip === seen) return chain.records;
  const grown = seen === undefined || (chain.tip !== undefined && (await world.repo.isAncestor(seen, chain.tip)));
  if (!grown)
    throw new GitmendError(
      'RECORDS_TAMPERED',
      `the last record seen here (${seen.slice(0, 7)}) is no longer in the chain`,
    );
  if (chain.tip === undefined) return chain.records;
  if (world.signers === undefined) await demandMerged(world, chain.records, await pathsAt(world, seen));
  else await checkSignatures(world, world.signers, seen, chain.tip);
  await world.seenRecords.write(chain.tip);
  return chain.records;
}

/** Where signers are named, whoever may only push cannot add a record: each one since the last seen must be signed. */
async function checkSignatures(world: Ground, signers: string, seen: string | undefined, tip: string): Promise<void> {
  for (const commit of await world.repo.firstParents(seen, tip)) {
    if (!(await isSigned(world.repo, commit, signers))) {
      throw new GitmendError('RECORDS_TAMPERED', `the record ${commit.slice(0, 7)} is not signed by an allowed signer`);
    }
  }
}

/** The records that were there when this machine looked last. */
async function pathsAt(world: Ground, seen: string | undefined): Promise<ReadonlySet<string>> {
  return new Set(seen === undefined ? [] : (await world.repo.tree(seen)).keys());
}

/** First contact: each target whose live state equals the head is applied as of it, and the head's rules are in force. */
async function adopt(world: Ground, head: Declared): Promise<StoredRecord[]> {
  const engines = world.engines(head);
  const adopted = await Promise.all([...head.guests].map(([target, guest]) => isAsDeclared(engines, target, guest)));
  const targets = [...head.guests.keys()].filter((_, at) => adopted[at] === true).sort();
  const fields = Object.fromEntries(targets.map((target) => [target, [...guestFields]]));
  const record: RunRecord = {
    version: 1,
    run: digestOf({ adopted: head.commit }).slice('sha256:'.length, 'sha256:'.length + 40),
    outcome: 'adopted',
    message: `${Object.keys(fields).length} of ${head.guests.size} guests are as ${head.commit.slice(0, 7)} declares them`,
    applied: { merge: head.commit, fields, rules: true },
    at: isoTime(world.clock.now()),
  };
  const { chain } = await appendRecord(world.repo, record, { at: world.clock.now(), signingKey: world.signingKey });
  world.log('adopted', { commit: head.commit, guests: Object.keys(fields).length });
  if (chain.tip !== undefined) await world.seenRecords.write(chain.tip);
  return chain.records;
}

async function isAsDeclared(engines: Engines, target: Target, guest: DeclaredGuest): Promise<boolean> {
  const identity = parseGuestTarget(target);
  const live = identity === undefined ? undefined : await readLive(engines, identity);
  return live !== undefined && isLiveAs(guest, live);
}

/** A guest as it is; `undefined` where PVE has none of that identity. Any other error stops the pass. */
export async function readLive(world: Pick<Engines, 'applier'>, target: GuestTarget): Promise<LiveGuest | undefined> {
  return (await unless('PVE_NOT_FOUND', world.applier('proxmox').read(target)))?.guest;
}

/**
 * Runs begin in the order of the first parents, so everything up to the newest recorded merge is settled, but for what
 * a journal still holds open.
 */
function settledUpTo(records: StoredRecord[], journals: Journal[], order: readonly string[]): string {
  const merges = new Set(records.flatMap(({ record }) => [record.applied?.merge, record.pullRequest?.merge]));
  const begun = journals.flatMap(({ entries: [first] }) =>
    first?.kind === 'begun' ? order.indexOf(first.merge) - 1 : [],
  );
  const newest = order.findLastIndex((commit) => merges.has(commit));
  const open = begun.filter((index) => index >= 0);
  return order[Math.min(newest, ...open)] ?? order.at(-1) ?? '';
}

/** Of what was approved, a journal past its apply counts as applied; what it claims is looked at again before anything ends. */
function pastApply(journals: readonly Journal[], units: readonly JudgedUnit[]): AppliedChange[] {
  return units.flatMap((unit) => {
    const { to, approval } = unit;
    if (!approval.approved) return [];
    const run = runId(to, approval.plan.actions);
    const journal = journals.find((one) => one.run === run && one.fault === undefined);
    if (journal?.entries.some(({ kind }) => kind === 'verifying') !== true) return [];
    return [appliedBy(unit)];
  });
}

/** The state after one more unit was applied. */
export async function appliedAfter(world: Ground, truth: Truth, unit: JudgedUnit): Promise<Applied> {
  const changes = truth.records.flatMap(({ record }) => record.applied ?? []);
  const past = pastApply(
    truth.journals,
    truth.units.filter((other) => other.to !== unit.to),
  );
  const all = [...changes, ...past, appliedBy(unit)];
  return (await foldApplied(all, truth.order, guestsAt(world))) ?? truth.applied;
}

/** What becomes applied when a unit has been; of a guest that is gone the pointer keeps nothing. */
export function appliedBy({ to, difference, operations, areas: moved }: Omit<JudgedUnit, 'approval'>): AppliedChange {
  const fields: { [target: Target]: string[] } = Object.fromEntries(difference.fields);
  for (const guest of [...difference.added, ...difference.removed]) fields[printGuestTarget(guest)] = [...guestFields];
  for (const { target, parameters } of operations) fields[target] = [...(fields[target] ?? []), ...parameters.fields];
  return {
    merge: to,
    fields,
    ...(difference.rules.length > 0 ? { rules: true } : {}),
    ...(moved.length > 0 ? { areas: moved } : {}),
  };
}
