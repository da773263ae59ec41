import { notDone } from '../../commands/answer.ts';
import { short } from '../../core/json.ts';
import type { PlanRecord } from '../../core/plan.ts';
import { configInForce } from '../../deliver/planning.ts';
import { readPlans } from '../../deliver/plans.ts';
import { showPlan, type Shown } from '../../deliver/show.ts';
import { readTruth } from '../../deliver/truth.ts';
import type { World } from '../../deliver/world.ts';
import { escapeCode, escapeText } from '../../records/escape.ts';
import { recordDigest } from '../../records/plan-record.ts';
import { sentence } from '../../records/sentence.ts';
import { capitalised, clockOf, counted, dayAndMinuteOf, printChange } from '../../texts/words.ts';
import type { AskedOnPullRequest } from './setting.ts';
import { printStarted } from './started.ts';

/** `/plan`: from the truth of now; where nothing moved, the plan stays as it is. */
export async function plan(here: AskedOnPullRequest): Promise<string> {
  const shown = await planned(here, false);
  if (typeof shown === 'string') return shown;
  const { record, fresh } = shown;
  const since = fresh ? '' : ` As shown ${dayAndMinuteOf(record.shownAt)}: nothing moved since.`;
  return `**Planned**: ${planWords(record)}${since}`;
}

/** `/dry-run [operation]`: everything is read anew, and the live system is asked. */
export async function dryRun(here: AskedOnPullRequest): Promise<string> {
  const { argument } = here.asked;
  const shown = await planned(here, true);
  if (typeof shown === 'string') return shown;
  const { record } = shown;
  if (argument !== '' && !record.operations.includes(argument)) return noSuchOperation(record);
  const { preview, steps, refusals } = record;
  if (refusals.length > 0 || steps.length === 0)
    return `**Dry run** ${clockOf(record.previewedAt)}: ${planWords(record)}`;
  const verdict = preview.accepted ? 'would be accepted' : 'would be refused';
  const notes = preview.notes.length === 0 ? '' : ` ${sentence(capitalised(preview.notes.join(', ')))}`;
  return `**Dry run** ${clockOf(record.previewedAt)}: ${verdict}.${notes} Plan ${planWords(record)}`;
}

/** The plan as it is shown now, or the answer where there is none. */
async function planned(
  { world, truth, pr, dispatchPlan }: AskedOnPullRequest,
  anew: boolean,
): Promise<string | (Shown & { state: 'shown' })> {
  if (pr.state !== 'open')
    return notDone({ why: `this pull request is ${pr.state}`, next: '/status says where it stands' });
  if (configInForce(truth).runner === 'ci') {
    if (dispatchPlan === undefined)
      return notDone({
        why: 'CI makes the plans here, and this process cannot start it',
        next: 'start its workflow by hand',
      });
    const until = await standingPlan(world, pr.number);
    await dispatchPlan(pr.number, { anew });
    return printStarted(until);
  }
  let shown = await showPlan(world, truth, pr, anew);
  // Somebody else planned it in this moment: what they wrote is read.
  if (shown.state === 'waiting') shown = await showPlan(world, await readTruth(world), pr, false);
  if (shown.state === 'waiting') return `**Waits**: ${sentence(shown.why)} It is planned as soon as that is over.`;
  if (shown.state === 'expired')
    return notDone({ why: 'its approval was not given in time, so it was closed', next: '/retry opens it anew' });
  return shown;
}

/** The short digest of the plan that there is now. */
export async function standingPlan({ repo }: Pick<World, 'repo'>, number: number): Promise<string | undefined> {
  const last = (await readPlans(repo, number)).at(-1)?.record;
  return last === undefined ? undefined : short(recordDigest(last));
}

function noSuchOperation({ operations }: PlanRecord): string {
  const known = operations.map((id) => escapeCode(id, 40)).join(', ');
  const has = operations.length === 0 ? 'no operation' : `only ${known}`;
  return `**Not done**: this pull request requests ${has}. \`/dry-run\` alone looks at all of it.`;
}

/** `` `a1b2c3d`: postgres memory 2048 → 3072 MiB, live. `` */
export function planWords(record: PlanRecord): string {
  const id = escapeCode(short(recordDigest(record)));
  const [refused] = record.refusals;
  if (refused !== undefined) {
    const next = refused.next === '' ? '' : ` ${sentence(capitalised(refused.next))}`;
    return `${id} is refused: ${sentence(refused.message)}${next}`;
  }
  if (record.steps.length === 0) return `${id}: nothing would be applied.`;
  const words = record.steps.slice(0, 8).map(({ name, changes, live, reboots }) => {
    const each = changes.map(({ field, before, after, unit }) => printChange(field, before, after, unit)).join(', ');
    return `${name} ${each}${reboots ? ', with a reboot' : live ? ', live' : ''}`;
  });
  const more = record.steps.length > 8 ? `; and ${counted(record.steps.length - 8, 'step')} more` : '';
  const accepted = record.preview.accepted
    ? ''
    : ` The live system would refuse it: ${sentence(record.preview.notes.join(', '))}`;
  return `${id}: ${escapeText(words.join('; '), 600)}${more}.${accepted}`;
}
