import { isRefusal, type ChangeSet, type Refusal, refusal, type Tree } from '../core/change-set.ts';
import { isoTime } from '../core/clock.ts';
import type { Proposed } from '../core/diagnosis.ts';
import { correlationIn } from '../core/correlation.ts';
import { branchOf } from '../core/fingerprint.ts';
import type { SignalReference, Verdict } from '../core/plan.ts';
import type { Signal } from '../core/signal.ts';
import type { Step } from '../core/step.ts';
import { withMerger } from '../deliver/automatic.ts';
import { type Computed, computeSteps, targetsOf } from '../deliver/compute.ts';
import { readDeclared } from '../deliver/declared.ts';
import { differenceOf } from '../deliver/difference.ts';
import { commitOfPerson, headStart, isStuck, noesTo, ownOn, pushBranch } from '../deliver/own-pull-request.ts';
import { readTargets } from '../deliver/find-steps.ts';
import { targetFacts } from '../deliver/policy.ts';
import { teamsOf } from '../deliver/teams.ts';
import type { Truth } from '../deliver/truth.ts';
import type { World } from '../deliver/world.ts';
import type { PullRequest } from '../forges/forge.ts';
import { readBoardNotes } from '../ledger/board.ts';
import { plannerOf } from '../planners/index.ts';
import { decide } from '../policy/index.ts';
import {
  parsePullRequest,
  printPullRequest,
  proposedDigest,
  signalReferenceOf,
  signalsIn,
  withSignals,
} from '../records/pull-request.ts';
import { snoozeIn } from '../records/snooze.ts';
import { wanted } from './cancel.ts';
import { historyOf } from './history.ts';

/** What became of a proposal. A refusal is an outcome with a name. */
export type Proposal =
  { state: 'opened' | 'unchanged' | 'updated'; pullRequest: PullRequest } | { state: 'refused'; refusal: Refusal };

/**
 * What a ticked box of the dashboard steps over for this one proposal: the limits on how many there are, or the snooze of
 * the same. `nothing`: neither. A freeze, a window, a cooldown, the breaker and a person's no hold all the same.
 */
export type Beyond = 'limit' | 'snooze' | 'nothing';

/** Nobody knows who ticks a box, so what one opens waits for a person. */
export const mergesItself = 'merges-itself';

/** A person's no to the same proposal holds this long. Milliseconds. */
const noMeansNo = 7 * 86_400_000;

/** Turns a diagnosis into a pull request: the smallest edit, asked of policy first, one per fingerprint. */
export async function propose(
  world: World,
  truth: Truth,
  diagnosis: Proposed,
  also: readonly Signal[] = [],
  beyond?: Beyond,
): Promise<Proposal> {
  const changes =
    plannerOf(diagnosis.remedy)?.changeSet(diagnosis, truth.head.tree) ??
    refusal('no-planner', `this version has no remedy ${diagnosis.remedy}`);
  if (isRefusal(changes)) return { state: 'refused', refusal: changes };
  const branch = branchOf(diagnosis.remedy, diagnosis.name, diagnosis.fingerprint);
  const before = await ownOn(world, branch);
  const value = proposedDigest(diagnosis.parameters);
  const open = before.find(({ state }) => state === 'open');
  // One that a person opened anew is wanted after all.
  const wantedAgain = open !== undefined && parsePullRequest(open.body)?.proposed === value;
  const declined = wantedAgain ? undefined : declinedBefore(world, before, value);
  if (declined !== undefined) return { state: 'refused', refusal: declined };
  const snoozed = open === undefined && beyond !== 'snooze' ? await snoozedBefore(world, before) : undefined;
  if (snoozed !== undefined) return { state: 'refused', refusal: snoozed };
  const known = open === undefined ? [] : signalsIn(open.body);
  const signals = [...known, ...[diagnosis.signal, ...also.filter(fires)].filter(isAlert).map(signalReferenceOf)];
  // One whose edit conflicts with a base that moved is made again on the base of now.
  // One whose branch somebody deleted cannot be merged: it is pushed again.
  const there = (await world.repo.tip(`refs/heads/${branch}`)) !== undefined;
  if (open !== undefined && there && wantedAgain && !(await isStuck(world, truth.head.commit, open)))
    return { state: 'unchanged', pullRequest: await rememberSiblings(world, open, signals) };
  const foreign = open === undefined ? undefined : await foreignCommit(world, truth, open);
  if (foreign !== undefined) return { state: 'refused', refusal: foreign };
  const asked = await askPolicy(world, truth, diagnosis, changes, open, beyond);
  if (isRefusal(asked)) return { state: 'refused', refusal: asked };
  const { verdict, steps } = asked;
  if (beyond !== undefined && open === undefined && isMergedHere(verdict))
    return { state: 'refused', refusal: notByBox };
  const pushed = await pushProposal(world, truth, branch, diagnosis, changes);
  // It was there already, so another one has just pushed it, or had no time to open it.
  if (!pushed && open === undefined) await headStart(world, branch);
  const body = withSignals(printPullRequest(inWords(diagnosis, steps), { policy: verdict }), signals);
  const labels = ['gitmend', diagnosis.remedy];
  const pullRequest = await world.forge.ensurePullRequest({
    branch,
    base: world.forge.defaultBranch,
    title: changes.title,
    body,
    labels,
  });
  world.log('proposed', {
    ...correlationIn(diagnosis.signal),
    pullRequest: pullRequest.number,
    fingerprint: diagnosis.fingerprint,
  });
  return { state: open === undefined ? 'opened' : 'updated', pullRequest };
}

function isMergedHere({ level, personMerges }: Verdict): boolean {
  return (level === 'auto' || level === 'notify') && personMerges === undefined;
}

const notByBox = refusal(
  mergesItself,
  'policy lets gitmend merge this by itself, so no box opens it',
  'it is proposed with the next alert; an approver may write /diagnose TARGET on an issue',
);

/** A person's request fires nowhere and resolves never. */
function isAlert({ door }: Signal): boolean {
  return door !== 'request';
}

function fires({ status }: Signal): boolean {
  return status === 'firing';
}

/** One that resolves later must not close what another one still asks for. */
async function rememberSiblings(
  world: World,
  open: PullRequest,
  signals: readonly SignalReference[],
): Promise<PullRequest> {
  const body = withSignals(open.body, signals);
  const marker = parsePullRequest(open.body);
  if (body === open.body || marker === undefined) return open;
  return world.forge.ensurePullRequest({ ...wanted(open, marker.remedy), body });
}

/** Closed by a person means no until the proposed value differs, or seven days; closed by the bot means nothing. */
function declinedBefore(world: World, before: readonly PullRequest[], value: string): Refusal | undefined {
  const [no] = noesTo(world, before, value, noMeansNo);
  if (no === undefined) return undefined;
  const until = isoTime(no.until);
  return refusal(
    'declined',
    `${no.pr.closedBy ?? 'a person'} closed the same proposal (#${no.pr.number})`,
    `it may come back after ${until}, or with another value`,
  );
}

/** Snoozed by a person: not proposed again before that moment, whatever the value, unless somebody opens it anew. */
async function snoozedBefore(world: World, before: readonly PullRequest[]): Promise<Refusal | undefined> {
  const last = before.findLast((pr) => pr.author === world.forge.self);
  const snooze = last?.state === 'closed' ? snoozeIn(last.body) : undefined;
  if (last === undefined || snooze === undefined || Date.parse(snooze.until) <= world.clock.now()) return undefined;
  if ((await readBoardNotes(world.repo)).woken[last.number] === snooze.until) return undefined;
  return refusal(
    'snoozed',
    `${snooze.by} snoozed this proposal (#${last.number}) until ${snooze.until}`,
    `/retry on #${last.number} ends that, and so does its box on the dashboard`,
  );
}

/** A person's commit on the branch stops the bot; a merge of the base into it does not. */
async function foreignCommit(world: World, truth: Truth, open: PullRequest): Promise<Refusal | undefined> {
  const commit = await commitOfPerson(world, truth.head.commit, open);
  if (commit === undefined) return undefined;
  return refusal(
    'hands-off',
    `a person has committed to #${open.number} (${commit.slice(0, 7)}), so gitmend leaves it alone`,
    'merge it, or close it',
  );
}

async function askPolicy(
  world: World,
  truth: Truth,
  diagnosis: Proposed,
  changes: ChangeSet,
  open: PullRequest | undefined,
  beyond: Beyond | undefined,
): Promise<{ verdict: Verdict; steps: Step[] } | Refusal> {
  const tree = withEdits(truth.head.tree, changes);
  const after = readDeclared('proposal', tree);
  const difference = differenceOf(truth.head, after);
  const live = await readTargets(world, targetsOf(difference, []));
  const now = world.clock.now();
  const computed: Computed = computeSteps({
    terraform: new Map(),
    stacks: [],
    backups: new Map(),
    areas: new Map(),
    playbooks: new Map(),
    difference,
    before: truth.head,
    after,
    applied: truth.applied,
    rules: truth.rules,
    live,
    operations: [],
    now,
  });
  const refused = computed.refusals[0];
  if (refused !== undefined) return refused;
  const happened = await historyOf(world, truth, open);
  const history = beyond === 'limit' ? { ...happened, openPullRequests: 0, openedLastHour: 0 } : happened;
  const limits = truth.rules.config?.limits;
  const verdict = decide({
    origin: 'heal',
    steps: computed.steps,
    targets: targetFacts(truth, after, [diagnosis.target]),
    policies: truth.rules.policies,
    approvers: truth.rules.config?.approvers ?? [],
    teams: await teamsOf(world.forge, truth.rules, []),
    author: world.forge.self,
    now,
    history,
    ...(limits === undefined ? {} : { limits }),
  });
  if (isRefusal(verdict)) return verdict;
  const { self } = world.forge;
  const own = { author: self, branch: branchOf(diagnosis.remedy, diagnosis.name, diagnosis.fingerprint), fork: false };
  const merger = { self, runner: truth.rules.config?.runner };
  return { verdict: withMerger(verdict, own, merger), steps: computed.steps };
}

/** The diagnosis with what only its steps tell: where the target is, and whether it is down meanwhile. */
function inWords(diagnosis: Proposed, steps: readonly Step[]): Proposed {
  const where = steps[0]?.where ?? '';
  const summary = `${diagnosis.name}${where === '' ? '' : ` (${where})`} ${diagnosis.summary}`;
  const reboots = steps.some((step) => step.reboots);
  const how = reboots ? 'Applied with a reboot: it is down for a while.' : 'Applied live, without a reboot.';
  return { ...diagnosis, summary, effects: [how, ...diagnosis.effects] };
}

function withEdits(tree: Tree, { edits }: ChangeSet): Tree {
  const next = new Map(tree);
  for (const [path, text] of edits) {
    if (text === null) next.delete(path);
    else next.set(path, text);
  }
  return next;
}

/** `false`: the same change on the same base is there already, and a repeat pushes nothing. */
async function pushProposal(
  world: World,
  truth: Truth,
  branch: string,
  diagnosis: Proposed,
  changes: ChangeSet,
): Promise<boolean> {
  const ref = `refs/heads/${branch}`;
  const tip = await world.repo.tip(ref);
  const tree = await world.repo.writeTree(truth.head.commit, changes.edits);
  if (
    tip !== undefined &&
    (await world.repo.treeId(tip)) === tree &&
    (await world.repo.parents(tip))[0] === truth.head.commit
  )
    return false;
  const message = `${changes.commitMessage}\n\n${diagnosis.name} ${diagnosis.summary}\n\nGitmend-Remedy: ${diagnosis.remedy}\nGitmend-Fingerprint: ${diagnosis.fingerprint}\n`;
  const commit = await world.repo.commit({ tree, parents: [truth.head.commit], message, at: world.clock.now() });
  await pushBranch(world, branch, commit);
  return true;
}
