import { notDone } from '../../commands/answer.ts';
import { explain as explained } from '../../core/explain.ts';
import type { RunRecord } from '../../core/run.ts';
import { runId } from '../../core/run.ts';
import { entriesOf } from '../../deliver/entries.ts';
import { readPlans } from '../../deliver/plans.ts';
import { standingOf } from '../../deliver/standing.ts';
import { readBoardNotes } from '../../ledger/board.ts';
import { escapeCode, escapeText, fencedBlock } from '../../records/escape.ts';
import { approvalWords, policyWords } from '../../records/policy-words.ts';
import { sentence } from '../../records/sentence.ts';
import { snoozeIn } from '../../records/snooze.ts';
import { capitalised, dayAndMinuteOf } from '../../texts/words.ts';
import { planWords } from './planning.ts';
import type { AskedHere, AskedOnPullRequest } from './setting.ts';

/** `/explain word`: what a code or an outcome means. */
export function explainWord({ asked }: AskedHere): string {
  const found = explained(asked.argument);
  if (found === undefined)
    return `**Not done**: ${escapeCode(asked.argument, 60)} is neither an error code nor an outcome. docs/errors.md and docs/outcomes.md list them.`;
  const next = found.error === undefined ? '' : ` What to do: ${sentence(found.error.next)}`;
  return `${escapeCode(found.word)}: ${sentence(found.means)}${next}`;
}

/** `/explain` on a pull request: why its plan is as it is. */
export async function explain(here: AskedOnPullRequest): Promise<string> {
  if (here.asked.argument !== '') return explainWord(here);
  const plan = (await readPlans(here.world.repo, here.pr.number)).at(-1)?.record;
  if (plan === undefined)
    return notDone({
      why: 'there is no plan of this pull request any more, or not yet',
      next: '/status says where it stands',
    });
  const undo = plan.steps.some(({ inverse }) => inverse === 'irreversible')
    ? 'Something in it cannot be undone; the plan says what.'
    : 'Every step can be undone.';
  const remedy =
    plan.remedy === '' ? 'A person wrote it.' : `gitmend proposed it by the remedy ${escapeCode(plan.remedy, 60)}.`;
  const lines = [
    `**Why this plan**: ${planWords(plan)}`,
    remedy,
    `It is decided by the ${policyWords(plan.policy)} (rules of ${escapeCode(plan.rules.slice(0, 7))}). ${eligible(plan.policy.eligible)}`,
    plan.steps.length === 0 ? '' : `${undo} Afterwards: ${sentence(plan.verification.words)}`,
    `The approval binds the actions ${escapeCode(plan.actions.slice(0, 19))} until ${dayAndMinuteOf(plan.expiresAt)}.`,
  ];
  return lines.filter((line) => line !== '').join('\n\n');
}

function eligible(accounts: readonly string[]): string {
  if (accounts.length === 0) return 'Nobody can approve it.';
  return `Who can approve it: ${accounts
    .slice(0, 8)
    .map((account) => escapeText(account, 64))
    .join(', ')}.`;
}

/** `/status` on an issue: everything, as `gitmend status` prints it. */
export async function statusOfAll({ world, truth }: AskedHere): Promise<string> {
  const { lines, needed } = await standingOf(world, truth);
  if (lines.length === 0) return '**Status**: everything that is declared is applied; nothing is open.';
  const block = fencedBlock(lines, 'text', { lines: 40, letters: 200 });
  return `**Status**${needed ? ': something needs a person' : ''}\n\n${block}`;
}

/** `/status` on a pull request: where it stands on its way. */
export async function status(here: AskedOnPullRequest): Promise<string> {
  const { pr } = here;
  if (pr.state === 'open') return openWords(here);
  if (pr.state === 'merged') return mergedWords(here);
  const said = snoozeIn(pr.body);
  const ended = (await readBoardNotes(here.world.repo)).woken[pr.number] === said?.until;
  const snooze = ended ? undefined : said;
  const when = pr.closedAt === undefined ? '' : ` ${dayAndMinuteOf(pr.closedAt)}`;
  const until =
    snooze === undefined ? '' : ` ${escapeText(snooze.by, 64)} snoozed it until ${dayAndMinuteOf(snooze.until)}.`;
  return `**Closed**${when}: nothing of it is applied.${until}`;
}

async function openWords({ world, pr }: AskedOnPullRequest): Promise<string> {
  const plan = (await readPlans(world.repo, pr.number)).at(-1)?.record;
  if (plan === undefined) return '**Open**: it is not planned yet.';
  const head =
    plan.head === pr.head ? '' : ` The head is ${escapeCode(pr.head.slice(0, 7))} by now: it is being planned again.`;
  return `**Open**: plan ${planWords(plan)} It takes ${approvalWords(plan.policy)}, until ${dayAndMinuteOf(plan.expiresAt)}.${head}`;
}

function mergedWords({ truth, pr }: AskedOnPullRequest): string {
  const unit = truth.units.find(({ pullRequest }) => pullRequest?.number === pr.number);
  const record = truth.records.findLast((stored) => stored.record.pullRequest?.number === pr.number)?.record;
  if (unit === undefined)
    return record === undefined ? '**Merged**: it declares nothing that is applied.' : endedWords(record);
  const { approval } = unit;
  if (!approval.approved) return `**${capitalised(approval.state)}**: ${sentence(approval.why)}`;
  const journal = truth.journals.find(({ run }) => run === runId(unit.to, approval.plan.actions));
  const window = journal === undefined ? undefined : entriesOf(journal, 'verifying')[0];
  if (window !== undefined)
    return `**Verifying** until ${dayAndMinuteOf(window.until)}: it is applied, and being watched.`;
  return journal === undefined
    ? '**Pending**: merged as approved, and not applied yet. The runner takes it by itself.'
    : '**Under way**: its run has begun and is not at its end.';
}

function endedWords({ outcome, reason, message, at, run }: RunRecord): string {
  const words = capitalised(outcome.replaceAll('-', ' '));
  const named = reason === undefined ? '' : ` (${escapeText(reason, 40)})`;
  const why = message === undefined ? '.' : `: ${sentence(message)}`;
  return `**${words}**${named} ${dayAndMinuteOf(at)}${why} Record ${escapeCode(run.slice(0, 7))}.`;
}
