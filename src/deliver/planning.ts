import { isoTime } from '../core/clock.ts';
import { isRefusal, type Refusal, refusal } from '../core/change-set.ts';
import type { Config } from '../core/config.ts';
import { GitmendError, isGitmendError } from '../core/errors.ts';
import { digestOf, digestOfText, sameValue } from '../core/json.ts';
import type { PlanRecord, Preview, Verdict } from '../core/plan.ts';
import { actionsDigest, type Step } from '../core/step.ts';
import { together } from '../core/together.ts';
import type { PullRequest } from '../forges/forge.ts';
import { mostSteps } from '../records/plan-room.ts';
import { parsePullRequest, type PullRequestMarker } from '../records/pull-request.ts';
import { notOnlyAccepting } from './accepted.ts';
import { areasMoved } from './areas.ts';
import { withMerger } from './automatic.ts';
import { type Declared, readDeclared } from './declared.ts';
import { type Difference, differenceOf } from './difference.ts';
import { type Found, findSteps } from './find-steps.ts';
import { pendingOn } from './pending.ts';
import { addressNotes, notesOf, quietNotes } from './plan-notes.ts';
import { asStored } from './plan-size.ts';
import { onPlaybooks } from './playbooks.ts';
import { decideFor } from './policy.ts';
import { reachedNotes } from './reached.ts';
import { type SynthesizedDifference, synthesizedDifference } from './synthesized.ts';
import { teamsOf } from './teams.ts';
import { onStacks, stackCodeIn } from './terraform.ts';
import type { Truth } from './truth.ts';
import { besidesUnknown, unknownAuthor, unknownNote } from './unknown-author.ts';
import { verificationOf } from './verification-plan.ts';
import type { World } from './world.ts';

/** What planning one pull request gave; nothing is written yet. */
export type Planned =
  | { state: 'planned'; record: PlanRecord; difference: Difference }
  /** Something merged before it has to be applied first. */
  | { state: 'waiting'; why: string };

/** Computes what merging a pull request would lead to. Reads only. */
export async function planPullRequest(world: World, truth: Truth, pr: PullRequest): Promise<Planned> {
  const merged = await mergedWith(world, truth, pr);
  if (merged === undefined) return { state: 'waiting', why: `its head ${pr.head.slice(0, 7)} is not there any more` };
  if ('conflicts' in merged) {
    const judged = await judgedNow(world, truth, pr, truth.head, conflicting(merged.conflicts));
    return planned(world, truth, pr, '', { ...judged, synthesis: { lines: [], notes: [] } });
  }
  const after = readDeclared(merged.tree, await world.repo.tree(merged.tree));
  const difference = differenceOf(truth.head, after);
  const moved = areasMoved(difference, { rules: truth.rules, after });
  const blocking = pendingOn(truth, difference, moved);
  if (blocking !== undefined) return { state: 'waiting', why: blocking };
  const findAndJudge = async () => {
    const found = await findSteps(world, truth, after, difference);
    const reached = onPlaybooks(onStacks(world, found.basis), found.playbooks);
    return judgedNow(reached, truth, pr, after, found);
  };
  // The synthesis takes longest and needs nothing of what is live, so it runs beside all that is read.
  const synthesized = synthesizedDifference(world, stackCodeIn(truth), truth.head, after, difference);
  const [judged, synthesis] = await together(findAndJudge(), synthesized);
  return planned(world, truth, pr, merged.tree, { ...judged, synthesis });
}

/** What merging it would give; `undefined` where its branch is gone. One such pull request holds up no other. */
async function mergedWith(world: World, truth: Truth, pr: PullRequest) {
  try {
    return await world.repo.mergeTree(truth.head.commit, pr.head);
  } catch (error) {
    if (isGitmendError(error, 'GIT_FAILED')) return undefined;
    throw error;
  }
}

function planned(
  world: World,
  truth: Truth,
  pr: PullRequest,
  mergeTree: string,
  judged: Judged & { synthesis: SynthesizedDifference },
): Planned {
  const config = configInForce(truth);
  const { found, after, synthesis, verdict, foreign, declared, refusals, preview, verification } = judged;
  const { steps, difference } = found;
  const now = world.clock.now();
  const merger = { self: world.forge.self, runner: config.runner };
  const policy = isRefusal(verdict) ? forbidden : withMerger(verdict, pr, merger);
  const record = asStored({
    version: 1,
    pullRequest: pr.number,
    head: pr.head,
    base: truth.head.commit,
    mergeTree,
    rules: truth.rules.commit,
    inForce: inForceIn(truth.rules),
    remedy: declared?.remedy ?? '',
    fingerprint: declared?.fingerprint ?? '',
    steps,
    actions: actionsDigest(steps),
    refusals,
    policy,
    preview,
    previewedAt: isoTime(now),
    synthesized: [...(found.stacks?.lines ?? []), ...synthesis.lines],
    ...(found.terraform === undefined ? {} : { terraform: found.terraform }),
    ...(found.ansible === undefined ? {} : { ansible: found.ansible }),
    notes: [
      ...notesOf(difference, truth.rules, { unrun: found.unrun, planned: found.stacks?.paths }),
      ...(refusals.length > 0 ? [] : quietNotes(difference, { before: truth.head, after, steps })),
      ...(found.stacks?.notes ?? []),
      ...synthesis.notes,
      ...unknownNote(policy, foreign),
      ...reachedNotes(truth, after, steps),
      ...addressNotes(truth.head, after),
    ],
    operations: found.operations.map(({ id }) => id),
    verification,
    shownAt: isoTime(now),
    expiresAt: isoTime(now + policy.expiresAfter * 1000),
    tools: world.tools,
  });
  return { state: 'planned', record, difference };
}

type Judged = Awaited<ReturnType<typeof judgedNow>>;

/** What policy says of it, and what the live system would. */
async function judgedNow(world: World, truth: Truth, pr: PullRequest, after: Declared, found: Found) {
  const { steps, difference } = found;
  const teams = await teamsOf(world.forge, truth.rules, [pr.author]);
  const decided = decideFor(truth, { steps, difference, after, pr, teams, now: world.clock.now() });
  const foreign = await unknownAuthor(world, truth.head.commit, pr);
  const verdict = isRefusal(decided) ? decided : besidesUnknown(decided, foreign);
  const declared: PullRequestMarker | undefined =
    pr.author === world.forge.self ? parsePullRequest(pr.body) : undefined;
  const more = [...tooMany(steps), ...notOnlyAccepting(declared, steps)];
  const refusals = [...found.refusals, ...(isRefusal(verdict) ? [verdict] : []), ...more];
  const preview = await previewAll(world, steps, refusals);
  const verification = await verificationOf(world, configInForce(truth), declared, steps);
  return { found, after, verdict, foreign, declared, refusals, preview, verification };
}

/** What decides, by content: the same rules on another commit are the same. */
function inForceIn({ tree }: Declared): NonNullable<PlanRecord['inForce']> {
  const policies = [...tree].filter(([path]) => path.startsWith('policies/'));
  return { config: digestOfText(tree.get('gitmend.yaml') ?? ''), policies: digestOf(Object.fromEntries(policies)) };
}

/** Whether a stored plan still says what a new one would: then nothing is written again. */
export function samePlan(a: PlanRecord, b: PlanRecord): boolean {
  const essence = ({
    head,
    rules,
    steps,
    refusals,
    policy,
    preview,
    synthesized,
    terraform = [],
    ansible = [],
    notes,
    operations,
    verification,
    remedy,
  }: PlanRecord) => ({
    head,
    rules,
    refusals,
    policy,
    synthesized,
    terraform,
    ansible,
    notes,
    operations,
    remedy,
    // Figures of now move with every look; they are for reading, and nothing is decided by them.
    verification: { ...verification, before: {} },
    steps: steps.map((step) => ({ ...step, preState: '' })),
    accepted: preview.accepted,
  });
  return sameValue(essence(a), essence(b));
}

const forbidden: Verdict = { level: 'forbidden', rule: '', needs: 0, eligible: [], expiresAfter: 24 * 3600 };

/** The configuration that counts: that of the rules in force, never that of the tree under review. Throws RULES_MISSING. */
export function configInForce(truth: Pick<Truth, 'rules'>): Config {
  const { config, commit } = truth.rules;
  if (config === undefined)
    throw new GitmendError(
      'RULES_MISSING',
      `gitmend.yaml of ${commit.slice(0, 7)}, whose rules are in force, cannot be read`,
    );
  return config;
}

function conflicting(paths: string[]): Found {
  const nothing = {
    fields: new Map(),
    added: [],
    removed: [],
    rules: [],
    areas: { ansible: [], stacks: [] },
    other: [],
    operations: { added: [], edited: [], deleted: [] },
  };
  const message = `it conflicts with the default branch in ${paths.slice(0, 5).join(', ')}`;
  return {
    steps: [],
    refusals: [refusal('conflict', message, 'merge the default branch into it, or rebase it')],
    difference: nothing,
    operations: [],
  };
}

/** More steps than one comment can show are more than a person can approve. */
function tooMany(steps: readonly Step[]): Refusal[] {
  if (steps.length <= mostSteps) return [];
  return [
    refusal(
      'too-many-steps',
      `it leads to ${steps.length} steps, more than ${mostSteps}`,
      'make several pull requests of it',
    ),
  ];
}

async function previewAll(world: World, steps: readonly Step[], refusals: readonly Refusal[]): Promise<Preview> {
  if (refusals.length > 0 || steps.length === 0) return { accepted: refusals.length === 0, notes: [] };
  const previews: Preview[] = [];
  for (const step of steps) previews.push(await world.applier(step.applier).preview(step));
  return {
    accepted: previews.every(({ accepted }) => accepted),
    notes: [...new Set(previews.flatMap(({ notes }) => notes))],
  };
}
