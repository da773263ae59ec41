import { isoTime } from '../core/clock.ts';
import type { DriftConfig } from '../core/config.ts';
import { GitmendError, isGitmendError } from '../core/errors.ts';
import { sameValue } from '../core/json.ts';
import { driftRules, placeOf, seenNow, settledAt } from '../deliver/drift.ts';
import { aboutDrift, endDrift, endedDrifts } from '../deliver/drift-end.ts';
import { type DriftLook, lookForDrift } from '../deliver/drift-look.ts';
import { proposeDrift, type Settled } from '../deliver/drift-propose.ts';
import { configInForce } from '../deliver/planning.ts';
import { showPlan } from '../deliver/show.ts';
import { undeclaredWords } from '../deliver/undeclared.ts';
import { readTruth, type Truth } from '../deliver/truth.ts';
import type { Ground, World } from '../deliver/world.ts';
import type { PullRequest } from '../forges/forge.ts';
import { moveDrifts, readDrifts, type SeenDrift, type SeenDrifts } from '../ledger/drift.ts';
import { driftLine } from '../records/drift.ts';
import { dayAndMinuteOf } from '../texts/words.ts';

/** What one look for drift found and did, one line each: a word, and what it is about. */
export interface DriftPass {
  lines: { word: string; text: string }[];
  /** Pull requests that it opened, or edited because the values changed. */
  proposed: PullRequest[];
  /** Something could not be looked at, or not be proposed. */
  failed: boolean;
  /** Milliseconds since the epoch of the next look; `undefined`: drift is off. */
  next: number | undefined;
}

/**
 * Truth → what is live → what has been otherwise for long enough → one pull request per guest, and the end of those that
 * nothing is behind any more. Read-only credentials suffice. Again, it changes nothing.
 */
export async function driftPass(ground: Ground): Promise<DriftPass> {
  const truth = await readTruth(ground);
  const world = { ...ground, ...ground.engines(truth.rules) };
  const rules = driftRules(configInForce(truth));
  const open = await world.forge.pullRequests({ state: 'open' });
  const pass: DriftPass = { lines: [], proposed: [], failed: false, next: undefined };
  if (rules === undefined) return off(world, open, pass);
  const looks = await lookForDrift(world, truth, rules, open);
  const seen = await remember(world, looks);
  pass.next = world.clock.now() + rules.every * 1000;
  for (const look of looks) await dealWith(world, truth, { look, seen: seen[look.target], rules, pass });
  for (const { pr, why } of endedDrifts(world, looks, open)) await end(world, pr, why, pass);
  const undeclared = looks.some(({ state }) => state === 'unseen') ? undefined : await undeclaredWords(world, truth);
  if (undeclared !== undefined) pass.lines.push({ word: 'undeclared', text: undeclared });
  return pass;
}

async function off(world: World, open: readonly PullRequest[], pass: DriftPass): Promise<DriftPass> {
  for (const { pr, marker } of aboutDrift(world, open))
    if (marker.kind === 'drift') await end(world, pr, 'drift is off in gitmend.yaml', pass);
  return pass;
}

/** What cannot be seen now is as it was seen last; where somebody is at it, the time begins anew. */
async function remember(world: World, looks: readonly DriftLook[]): Promise<SeenDrifts> {
  const { tip, seen } = await readDrifts(world.repo);
  const now = world.clock.now();
  const next: { [target: string]: SeenDrift } = {};
  for (const look of looks) {
    const { target, guest, state } = look;
    const before = seen[target];
    const about = () => ({ name: guest.name, where: placeOf(guest, look.state === 'seen' ? look.live : undefined) });
    const one = state === 'unseen' ? before : state === 'left' ? undefined : seenNow(before, look.drift, about(), now);
    if (one !== undefined) next[target] = one;
  }
  if (!sameValue(seen, next) && !(await moveDrifts(world.repo, tip, next, now)))
    throw new GitmendError('REF_TAKEN', 'somebody else looks for drift in the same moment');
  return next;
}

interface Dealing {
  look: DriftLook;
  seen: SeenDrift | undefined;
  rules: DriftConfig;
  pass: DriftPass;
}

async function dealWith(world: World, truth: Truth, dealing: Dealing): Promise<void> {
  const { look, seen, pass } = dealing;
  const { target, guest } = look;
  const say = (word: string, text: string) => void pass.lines.push({ word, text });
  if (look.state === 'left') say('left', `${guest.name} ${look.why}`);
  if (look.state === 'unseen') {
    pass.failed = true;
    say('unseen', `${guest.name} could not be looked at: ${look.why}`);
  }
  if (look.state !== 'seen' || seen === undefined) return;
  const { beyond, where } = seen;
  if (beyond !== undefined && isSettled(world, beyond, dealing)) {
    for (const what of beyond.what) say('beyond', `${guest.name} (${where}) ${what}; gitmend proposes nothing`);
    world.log('drift-beyond', { target, what: beyond.what, since: beyond.since });
  }
  const { live, drift } = look;
  const told = live === undefined ? seen.gone : seen.values;
  if (told === undefined) return;
  const what = live === undefined ? ` is not on cluster ${guest.cluster} any more` : `: ${driftLine(drift.values)}`;
  const words = `${guest.name} (${where})${what}`;
  const settled = { target, guest, live, values: drift.values, since: told.since };
  if (isSettled(world, told, dealing)) return proposeOne(world, truth, settled, words, pass);
  say('settling', `${words}; looked at again after ${dayAndMinuteOf(isoTime(settledAt(told, dealing.rules)))}`);
}

/** Whether it has been so for long enough; where not, the next look is no later than that. */
function isSettled({ clock }: World, one: { since: string }, { rules, pass }: Dealing): boolean {
  const at = settledAt(one, rules);
  if (at <= clock.now()) return true;
  pass.next = Math.min(pass.next ?? at, at);
  return false;
}

async function proposeOne(world: World, truth: Truth, settled: Settled, words: string, pass: DriftPass): Promise<void> {
  try {
    const { state, pullRequest, why } = await proposeDrift(world, truth, settled);
    const more = [pullRequest === undefined ? [] : `#${pullRequest.number}`, why ?? []].flat().join(': ');
    pass.lines.push({ word: state, text: more === '' ? words : `${words}; ${more}` });
    if (pullRequest === undefined || (state !== 'opened' && state !== 'updated')) return;
    pass.proposed.push(pullRequest);
    await showOne(world, truth, pullRequest);
  } catch (error) {
    if (!isGitmendError(error, 'FORGE_REFUSED')) throw error;
    pass.failed = true;
    pass.lines.push({ word: 'failed', text: `${words}; ${error.code}: ${error.message}` });
  }
}

/** With `runner: ci` plans are CI's. What fails here the next planning pass does. */
async function showOne(world: World, truth: Truth, pr: PullRequest): Promise<void> {
  if (truth.rules.config?.runner === 'ci') return;
  try {
    await showPlan(world, truth, pr);
  } catch (error) {
    if (!isGitmendError(error)) throw error;
    world.log('planning-failed', { pullRequest: pr.number, code: error.code, message: error.message });
  }
}

async function end(world: World, pr: PullRequest, why: string, pass: DriftPass): Promise<void> {
  if (await endDrift(world, pr, why)) pass.lines.push({ word: 'closed', text: `#${pr.number}: ${why}` });
}
