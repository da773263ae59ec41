import { GitmendError, isGitmendError } from '../core/errors.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import type { Refusal } from '../core/change-set.ts';
import { configInForce } from '../deliver/planning.ts';
import type { Signal } from '../core/signal.ts';
import { readTruth, type Truth } from '../deliver/truth.ts';
import { showPlan, type Shown } from '../deliver/show.ts';
import type { Ground, World } from '../deliver/world.ts';
import type { PullRequest } from '../forges/forge.ts';
import { cancelResolved } from '../heal/cancel.ts';
import { diagnoseCase } from '../heal/diagnose.ts';
import { promisedOn } from '../heal/history.ts';
import { takeInventory } from '../heal/inventory.ts';
import { type Beyond, mergesItself, propose } from '../heal/propose.ts';
import { recordDiagnosis } from '../heal/record.ts';
import { collapse, identify } from '../inventory/index.ts';
import { type Delivery, mergeDeliveries } from '../signals/alertmanager/index.ts';
import { doors } from '../signals/index.ts';

/** What one delivery led to, per target and family. */
export type Healed =
  | { state: 'opened' | 'unchanged' | 'updated'; diagnosis: Diagnosis; pullRequest: PullRequest; plan: Shown }
  | { state: 'refused'; diagnosis: Diagnosis; refusal: Refusal }
  /** `unseen`: what it would have to be decided by could not be read now, so a later look may say something else. */
  | { state: 'noted'; diagnosis: Diagnosis; recorded: boolean; unseen?: 'cluster' | 'evidence' };

/**
 * Alertmanager payloads (several are looked at as one) → signals → identity → evidence → diagnosis → policy → pull request → plan. `diagnosed` hears each
 * diagnosis before anything follows from it. Throws SIGNAL_INVALID.
 */
export async function healDelivery(
  ground: Ground,
  payload: string | readonly string[],
  diagnosed: (diagnosis: Diagnosis) => void = () => undefined,
): Promise<Healed[]> {
  const payloads = typeof payload === 'string' ? [payload] : payload;
  const delivered = payloads.map(readDelivery);
  const truth = await readTruth(ground);
  const world = { ...ground, ...ground.engines(truth.rules) };
  const config = configInForce(truth);
  // Each by itself, before they are one: what was left out of one group is asked for by the labels of that group.
  const whole: string[] = [];
  for (const [at, one] of payloads.entries())
    whole.push(await wholePayload(world, one, delivered[at]?.truncatedAlerts));
  const delivery = readDelivery(mergeDeliveries(whole));
  const { signals } = doors.alertmanager.signals(delivery, config.alerts);
  return healSignals(world, truth, signals, diagnosed);
}

/**
 * The same for signals that came through any door: a person's request is looked at like an alert. `beyond` is what a box of
 * the dashboard was ticked for.
 */
export async function healSignals(
  world: World,
  truth: Truth,
  signals: readonly Signal[],
  diagnosed: (diagnosis: Diagnosis) => void = () => undefined,
  beyond?: Beyond,
): Promise<Healed[]> {
  const inventory = await takeInventory(configInForce(truth), truth.head, world.listGuests);
  const cases = collapse(signals.map((signal) => ({ signal, identity: identify(signal, inventory) })));
  const healed: Healed[] = [];
  const notes = { left: mostNotes };
  for (const one of cases) {
    const overcommit = truth.rules.policies?.limits.overcommit ?? 1;
    const limits = async ({ node, target }: { node: string; target: string }) => ({
      overcommit,
      promisedByOpenProposals: await promisedOn(world, node, target),
    });
    const diagnosis = await diagnoseCase(one, world.gather, limits, () => world.clock.now());
    diagnosed(diagnosis);
    const unseen = one.identity.ok ? unseenIn(diagnosis) : one.identity.rule === 'no-evidence' ? 'cluster' : undefined;
    const done = await act(world, truth, diagnosis, one.also, notes, beyond);
    healed.push(done.state === 'noted' && unseen !== undefined ? { ...done, unseen } : done);
  }
  return healed;
}

function unseenIn({ rule }: Diagnosis): 'evidence' | undefined {
  return rule === 'no-evidence' || rule === 'stale-evidence' ? 'evidence' : undefined;
}

function readDelivery(payload: string): Delivery {
  const read = doors.alertmanager.read(payload);
  if (!read.ok) throw new GitmendError('SIGNAL_INVALID', read.problems.join('\n'));
  return read.delivery;
}

/** With what Alertmanager left out. Where it cannot be asked, what did come is still looked at. */
async function wholePayload(world: World, payload: string, left = 0): Promise<string> {
  if (left === 0) return payload;
  try {
    const whole = await world.complete(payload);
    readDelivery(whole);
    return whole;
  } catch (error) {
    if (!isGitmendError(error)) throw error;
    world.log('truncated', { left, code: error.code });
    return payload;
  }
}

/** Notes that one look writes: each is a commit, and a group of thousands that gitmend cannot place would hold up every other. */
const mostNotes = 50;

async function act(
  world: World,
  truth: Truth,
  diagnosis: Diagnosis,
  also: readonly Signal[],
  notes: { left: number },
  beyond: Beyond | undefined,
): Promise<Healed> {
  if (diagnosis.outcome !== 'proposed') {
    const { outcome, rule, summary } = diagnosis;
    for (const signal of [diagnosis.signal, ...also]) await cancelResolved(world, signal);
    const note = { outcome, rule, message: summary };
    const recorded = notes.left > 0 && (await recordDiagnosis(world, truth, diagnosis, note));
    if (recorded) notes.left -= 1;
    if (recorded && notes.left === 0) world.log('notes-left-out', { more: mostNotes });
    return { state: 'noted', diagnosis, recorded };
  }
  const proposal = await propose(world, truth, diagnosis, also, beyond);
  for (const signal of also) await cancelResolved(world, signal);
  if (proposal.state === 'refused') {
    const { reason, message } = proposal.refusal;
    // It says something of the box alone: what was said of the fault stays the last word.
    if (reason !== mergesItself)
      await recordDiagnosis(world, truth, diagnosis, { outcome: 'report-only', rule: reason, message });
    return { state: 'refused', diagnosis, refusal: proposal.refusal };
  }
  // With `runner: ci` plans and their comments are CI's, and the pull request that was just opened starts it.
  const plan: Shown =
    truth.rules.config?.runner === 'ci'
      ? { state: 'waiting', why: 'CI plans it' }
      : await showPlan(world, truth, proposal.pullRequest);
  return { state: proposal.state, diagnosis, pullRequest: proposal.pullRequest, plan };
}
