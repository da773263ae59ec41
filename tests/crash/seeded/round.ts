import type { Injection } from '../../../simulators/pve/index.ts';
import type { PlanRecord } from '../../../src/core/plan.ts';
import { isGitmendError } from '../../../src/core/errors.ts';
import { actor, plan, settle } from './actors.ts';
import type { Home } from '../../support/memory-home.ts';
import { edits, editLive, propose, type Proposal, shownPlan, wayOut } from './proposals.ts';

/** A pull request that was merged in a round, with what it then showed. */
export interface Merged extends Proposal {
  plan: PlanRecord;
  /** Whether the merge changed any file: two people may ask for the same. */
  changes: boolean;
}

/** What happened in a round, for the checks and for whoever reads a failure. */
export interface Round {
  merged: Merged[];
  /** Live values of each guest when the first runner could begin, and when a person had changed them last. */
  before: Map<number, string>;
  edited: Set<number>;
  /** Index of the first effect of this round. */
  effectsFrom: number;
  waiting: string[];
  /** What was done to it. */
  counts: { killed: number; together: number; faults: number; edits: number };
  story: string[];
}

/** People propose and merge, something goes wrong, runners die; then undisturbed runners finish. */
export async function playRound(home: Home, name: string): Promise<Round> {
  const { random, effects } = home;
  const round: Round = {
    ...{ merged: [], before: new Map(), edited: new Set(), effectsFrom: effects.length, waiting: [], story: [] },
    counts: { killed: 0, together: 0, faults: 0, edits: 0 },
  };
  const struck = home.pve.requests.filter(({ fault }) => fault !== undefined).length;
  const proposals = await proposed(home, name, round);
  await plan(home);
  await meanwhile(home, round, proposals);
  home.clock.advance(random.chance(0.04) ? 25 * 3_600_000 : 90_000);
  for (const proposal of proposals) await mergeOne(home, round, proposal);
  for (const vmid of home.pve.world.guests.keys()) round.before.set(vmid, home.liveText(vmid));
  await disturbed(home, round);
  home.pve.faults.clear();
  round.counts.faults = home.pve.requests.filter(({ fault }) => fault !== undefined).length - struck;
  round.waiting = await settle(home);
  return round;
}

async function proposed(home: Home, name: string, { story }: Round): Promise<Proposal[]> {
  const { random } = home;
  const way = random.chance(0.35) ? await wayOut(home) : undefined;
  if (way !== undefined) {
    story.push(`way out #${way.number} is taken`);
    return [way];
  }
  const count = random.chance(0.12) ? 2 : 1;
  const proposals: Proposal[] = [];
  for (let index = 0; index < count; index += 1) proposals.push(await propose(home, `${name}-${index}`));
  story.push(`proposed ${proposals.map(({ number, vmid }) => `#${number} for ${vmid}`).join(', ')}`);
  return proposals;
}

/** What may come between plan and merge. */
async function meanwhile(home: Home, { story, counts }: Round, proposals: readonly Proposal[]): Promise<void> {
  const { random } = home;
  if (random.chance(0.12)) {
    const { vmid } = random.pick(proposals);
    editLive(home, vmid);
    counts.edits += 1;
    story.push(`somebody edits ${vmid} before the merge`);
  }
  if (random.chance(0.04)) {
    await home.push('main', edits(home).files);
    story.push('somebody pushes to main');
  }
  if (random.chance(0.03)) {
    const { number } = random.pick(proposals);
    const comment = home.state.comments.get(number)?.[0];
    if (comment !== undefined) comment.body = comment.body.replace(/\d{4}/, '1111');
    story.push(`somebody edits the comment of #${number}`);
  }
}

async function mergeOne(home: Home, { merged, story }: Round, proposal: Proposal): Promise<void> {
  const { random, person, reader } = home;
  const shown = await shownPlan(home, proposal.number);
  const { head, state } = await person.pullRequest(proposal.number);
  if (state !== 'open' || shown === undefined) return;
  // Mostly people do not merge what is refused, or what does nothing.
  if ((shown.refusals.length > 0 || shown.steps.length === 0) && random.chance(0.9)) {
    await person.close(proposal.number, 'not this one');
    story.push(`#${proposal.number} closed: ${shown.refusals[0]?.message ?? 'it does nothing'}`);
    return;
  }
  try {
    const style = random.pick(['merge', 'squash', 'rebase'] as const);
    const { mergeCommit = '' } = await person.merge(proposal.number, { style, head });
    await reader.fetch();
    const [parent = ''] = await reader.parents(mergeCommit);
    const changes = (await reader.treeId(mergeCommit)) !== (await reader.treeId(parent));
    merged.push({ ...proposal, plan: shown, changes });
    const values = shown.steps.map(({ action }) => JSON.stringify(action)).join(' ');
    const refused = shown.refusals.map(({ message }) => ` refused: ${message}`).join(';');
    story.push(`#${proposal.number} merged by ${style}: ${values || 'no step'}${refused}`);
  } catch (error) {
    if (!isGitmendError(error, 'FORGE_REFUSED')) throw error;
    await person.close(proposal.number, 'it conflicts');
  }
}

/** One or two runners at the same time, with faults of PVE, that may die at any call; then, perhaps, another live edit. */
async function disturbed(home: Home, round: Round): Promise<void> {
  const { random } = home;
  for (let wave = random.whole(1, 3); wave > 0; wave -= 1) {
    for (let faults = random.chance(0.6) ? random.whole(1, 4) : 0; faults > 0; faults -= 1) inject(home, round);
    const count = random.chance(0.3) ? 2 : 1;
    const plans = Array.from({ length: count }, () => ({
      on: random.pick(home.computers),
      killAt: random.chance(0.7) ? random.whole(1, 160) : 0,
      passes: random.whole(1, 3),
    }));
    const ends = await Promise.all(plans.map(({ on, killAt, passes }) => actor(home, on, killAt, passes)));
    round.counts.killed += ends.filter((end) => end === 'killed').length;
    round.counts.together += count - 1;
    round.story.push(
      plans
        .map(({ killAt, passes }, index) => `runner of ${passes} passes, to die at ${killAt}: ${ends[index] ?? ''}`)
        .join(' | '),
    );
    if (random.chance(0.12) && round.merged.length > 0) {
      const { vmid } = random.pick(round.merged);
      editLive(home, vmid);
      round.edited.add(vmid);
      round.counts.edits += 1;
      round.before.set(vmid, home.liveText(vmid));
      round.story.push(`somebody edits ${vmid} between two runners`);
    }
  }
}

function inject({ random, pve }: Home, { story }: Round): void {
  const write = random.chance(0.6);
  const kind = random.pick(write ? writeFaults : readFaults);
  const injection: Injection = {
    ...(kind === 'slow'
      ? { fault: kind, milliseconds: 1 }
      : kind === 'task-failure'
        ? { fault: kind, message: 'simulated' }
        : { fault: kind }),
    ...(write
      ? { method: random.chance(0.75) ? 'PUT' : 'POST' }
      : {
          method: 'GET',
          path: random.pick([/config$/, /resources$/, /pending$/, /current$/, /nodes\/pve1\/status$/]),
        }),
    count: random.chance(0.8) ? 1 : random.whole(2, 4),
  };
  pve.faults.inject(injection);
  story.push(
    `fault ${kind} on ${injection.method ?? ''} ${injection.path?.source ?? ''}, ${injection.count ?? 1} times`,
  );
}

const readFaults = ['timeout-before', 'reset-before', 'error-500', 'error-596', 'slow'] as const;
const writeFaults = [
  ...([
    'timeout-before',
    'timeout-after',
    'reset-before',
    'reset-after',
    'error-500',
    'error-596',
    'error-596-after',
  ] as const),
  ...(['slow', 'locked', '400-after-write', 'task-failure'] as const),
];
