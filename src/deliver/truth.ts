import { type DeclaredGuest, guestFields } from '../core/declared-guest.ts';
import { isoTime } from '../core/clock.ts';
import { GitmendError, isGitmendError, unless } from '../core/errors.ts';
import type { LiveGuest } from '../core/guest.ts';
import { digestOf, sameValue } from '../core/json.ts';
import type { Finding } from '../core/outcome.ts';
import { type RunRecord, runId } from '../core/run.ts';
import { type GuestTarget, parseGuestTarget, printGuestTarget, type Target } from '../core/target.ts';
import type { Approval } from '../core/plan.ts';
import type { Operation } from '../declarations/operation/index.ts';
import { liveMatches } from '../declarations/guest/index.ts';
import {
  type Applied,
  type AppliedChange,
  appliedRef,
  type DeclaredAt,
  foldApplied,
  moveApplied,
  readApplied,
} from '../ledger/applied.ts';
import { type Journal, readJournals } from '../ledger/journal.ts';
import { appendRecord, readChain, type StoredRecord } from '../ledger/records.ts';
import { judgeApproval } from './approval.ts';
import { isSigned } from '../ledger/verify.ts';
import type { Declared } from './declared.ts';
import { demandMerged } from './merged-records.ts';
import { type Unit, unitsSince } from './units.ts';
import type { Engines, Ground } from './world.ts';

/** A unit with what its merge is worth as an approval. */
export interface JudgedUnit extends Unit {
  approval: Approval;
}

/** What git and the forge say now: everything that deliver decides from. */
export interface Truth {
  /** Head of the default branch and what it declares. */
  head: Declared;
  /** The commit whose rules are in force, and what it declares. */
  rules: Declared;
  applied: Applied;
  appliedTip: string;
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
  const judged = await judgedInOrder(world, changes, journals, open, order);
  const { applied, tip, findings } = await checkedPointer(world, changes, pastApply(journals, judged), order);
  const rules = await world.declaredAt(applied.rules);
  return {
    head,
    rules,
    applied,
    appliedTip: tip,
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
  changes: readonly AppliedChange[],
  journals: readonly Journal[],
  units: readonly Unit[],
  order: readonly string[],
): Promise<JudgedUnit[]> {
  const result: JudgedUnit[] = [];
  const past: AppliedChange[] = [];
  let applied = await foldApplied(changes, order, guestsAt(world));
  for (const unit of units) {
    if (applied === undefined) throw new GitmendError('INTERNAL', 'a repository with records has an applied state');
    const rules = await world.declaredAt(applied.rules);
    const judged = { ...unit, approval: await judgeApproval(world, { rules, applied }, unit) };
    result.push(judged);
    const more = pastApply(journals, [judged]);
    past.push(...more);
    if (more.length > 0) applied = await foldApplied([...changes, ...past], order, guestsAt(world));
  }
  return result;
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
  return live !== undefined && liveMatches(guest, live).length === 0;
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
  return units.flatMap(({ to, difference, operations, approval }) => {
    if (!approval.approved) return [];
    const run = runId(to, approval.plan.actions);
    const journal = journals.find((one) => one.run === run && one.fault === undefined);
    if (journal?.entries.some(({ kind }) => kind === 'verifying') !== true) return [];
    return [appliedBy(to, difference, operations)];
  });
}

/** The state after one more unit was applied. */
export async function appliedAfter(world: Ground, truth: Truth, unit: Unit): Promise<Applied> {
  const changes = truth.records.flatMap(({ record }) => record.applied ?? []);
  const past = pastApply(
    truth.journals,
    truth.units.filter((other) => other.to !== unit.to),
  );
  const all = [...changes, ...past, appliedBy(unit.to, unit.difference, unit.operations)];
  return (await foldApplied(all, truth.order, guestsAt(world))) ?? truth.applied;
}

function guestsAt(world: Ground): DeclaredAt {
  return async (commit) => (await world.declaredAt(commit)).guests;
}

/** What becomes applied when a unit has been; of a guest that is gone the pointer keeps nothing. */
export function appliedBy(
  merge: string,
  difference: Unit['difference'],
  operations: readonly Operation[],
): AppliedChange {
  const fields: { [target: Target]: string[] } = Object.fromEntries(difference.fields);
  for (const guest of [...difference.added, ...difference.removed]) fields[printGuestTarget(guest)] = [...guestFields];
  for (const { target, parameters } of operations) fields[target] = [...(fields[target] ?? []), ...parameters.fields];
  return { merge, fields, ...(difference.rules.length > 0 ? { rules: true } : {}) };
}

/**
 * The pointer says what follows from the records, or also what a run in its verification has applied already. A crash
 * leaves it one or two steps behind; anything else was written by somebody else.
 */
async function checkedPointer(
  world: Ground,
  changes: AppliedChange[],
  past: AppliedChange[],
  order: readonly string[],
) {
  const fold = (some: AppliedChange[]) => foldApplied(some, order, guestsAt(world));
  const now = await fold([...changes, ...past]);
  const settled = await fold(changes);
  if (now === undefined) throw new GitmendError('INTERNAL', 'a repository with records has an applied state');
  const stored = await readApplied(world.repo);
  // One that is behind by runs whose records are not written yet is moved by those runs themselves.
  if (stored !== undefined && [now, settled].some((state) => sameValue(stored.value, state)))
    return { applied: now, tip: stored.tip, findings: [] };
  const behind = stored === undefined ? changes.length === 1 : await isBehind(stored.value, changes, past, fold);
  const was = stored === undefined ? 'was missing' : `(${stored.tip.slice(0, 7)}) did not follow from the records`;
  const message = `${appliedRef} ${was} and was rebuilt from them`;
  if (!behind) world.log('pointer-tampered', { stored: stored?.tip });
  if (
    !(await moveApplied(
      world.repo,
      stored?.tip,
      settled ?? now,
      world.clock.now(),
      behind ? 'follows the records' : message,
    ))
  ) {
    throw new GitmendError('REF_TAKEN', 'another runner moved refs/gitmend/applied');
  }
  const tip = (await world.repo.tip(appliedRef)) ?? '';
  return { applied: now, tip, findings: behind ? [] : [{ finding: 'pointer-tampered' as const, message }] };
}

async function isBehind(
  stored: Applied | undefined,
  changes: AppliedChange[],
  past: AppliedChange[],
  fold: (some: AppliedChange[]) => Promise<Applied | undefined>,
): Promise<boolean> {
  for (const drop of [1, 2]) {
    const before = changes.slice(0, Math.max(changes.length - drop, 1));
    for (const some of [before, [...before, ...past], [...changes, ...past.slice(0, -drop)]]) {
      if (sameValue(stored, await fold(some))) return true;
    }
  }
  return false;
}
