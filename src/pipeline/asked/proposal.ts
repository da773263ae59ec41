import { closedByBot } from '../../records/closing.ts';
import { notDone } from '../../commands/answer.ts';
import { isoTime } from '../../core/clock.ts';
import { parseDuration } from '../../core/duration.ts';
import { GitmendError } from '../../core/errors.ts';
import { recreate } from '../../deliver/recreate.ts';
import type { World } from '../../deliver/world.ts';
import type { PullRequest } from '../../forges/forge.ts';
import { escapeCode } from '../../records/escape.ts';
import { parsePullRequest } from '../../records/pull-request.ts';
import { sentence } from '../../records/sentence.ts';
import { type Snooze, withSnooze } from '../../records/snooze.ts';
import { dayAndMinuteOf } from '../../texts/words.ts';
import { faultWords, planOpened } from './half.ts';
import { dryRun } from './planning.ts';
import { status } from './telling.ts';
import type { AskedOnPullRequest } from './setting.ts';

const [shortest, longest] = [600, 30 * 86_400];

/**
 * `/snooze 2h`: closes a proposal of gitmend and remembers in its body until when it is not made again. Counted from the
 * comment, so that whoever does it after a crash does the same.
 */
export async function snooze({ world, asked, comment, pr }: AskedOnPullRequest): Promise<string> {
  if (asked.argument === '')
    return '**Not done**: `/snooze <duration>` takes how long, from 10m to 30d. For example: `/snooze 24h`.';
  const seconds = parseDuration(asked.argument);
  if (seconds === undefined || seconds < shortest || seconds > longest)
    return `**Not done**: ${escapeCode(asked.argument, 40)} is not a duration from 10m to 30d. For example: \`/snooze 24h\`.`;
  const marker = pr.author === world.forge.self ? parsePullRequest(pr.body) : undefined;
  if (marker?.kind !== 'heal')
    return notDone({
      why: 'only what gitmend proposes can be snoozed, and a person or a way out is behind this one',
      next: 'close it, if it is not wanted',
    });
  const until = isoTime(Date.parse(comment.createdAt) + seconds * 1000);
  if (pr.state === 'merged') return notDone({ why: 'it is merged', next: '/rollback proposes the way back' });
  const said = `**Snoozed** until ${dayAndMinuteOf(until)}: the same is not proposed before. \`/retry\` here ends that earlier.`;
  if (pr.state === 'closed')
    return pr.body.includes(`"until":"${until}"`)
      ? said
      : notDone({ why: 'it is closed already', next: '/retry opens it anew, and then it can be snoozed' });
  await written(world, pr, { until, by: comment.author });
  try {
    await closed(world, pr, until);
  } catch (error) {
    return `**Half done**: the snooze until ${dayAndMinuteOf(until)} is written, and the pull request could not be closed. ${faultWords(error)} Close it by hand: then the same is not proposed before that.`;
  }
  return said;
}

/** Closes a proposal of gitmend that is open, and has its body say until when it is not made again. */
export async function closeUntil(world: World, pr: PullRequest, snooze: Snooze): Promise<void> {
  await written(world, pr, snooze);
  await closed(world, pr, snooze.until);
}

async function written(world: World, { branch, base, title, body, number }: PullRequest, snooze: Snooze) {
  const remedy = parsePullRequest(body)?.remedy;
  if (remedy === undefined) throw new GitmendError('INTERNAL', `#${number} says no remedy, so it cannot be snoozed`);
  const labels = ['gitmend', remedy];
  await world.forge.ensurePullRequest({ branch, base, title, body: withSnooze(body, snooze), labels });
}

async function closed(world: World, { number }: PullRequest, until: string): Promise<void> {
  await world.forge.close(number, closedByBot(`Closed: snoozed until ${until}.`));
}

/** `/retry`: what can be tried again. A merge cannot be approved twice: after a stop there are ways out. */
export async function retry(here: AskedOnPullRequest): Promise<string> {
  const { pr } = here;
  if (pr.state === 'open') return dryRun(here);
  if (pr.state === 'closed') return openedAnew(here);
  const record = here.truth.records.findLast((stored) => stored.record.pullRequest?.number === pr.number)?.record;
  if (record?.outcome !== 'not-applied' && record?.outcome !== 'unknown')
    return `${await status(here)} There is nothing to try again.`;
  const open = await here.world.forge.pullRequests({ state: 'open' });
  const ways = open.filter(
    ({ author, body }) => author === here.world.forge.self && parsePullRequest(body)?.of === pr.number,
  );
  const choose = ways.map(({ number, body }) => `#${number} (${parsePullRequest(body)?.kind ?? ''})`).join(', ');
  const next =
    ways.length === 0 ? 'No way out is open: propose what shall be by a pull request.' : `The ways out are ${choose}.`;
  return `**Not done**: a merge is approved once, and this one was stopped: ${sentence(record.message ?? record.outcome)} ${next}`;
}

async function openedAnew({ world, pr }: AskedOnPullRequest): Promise<string> {
  const came = await recreate(world, pr);
  if (came.state === 'not-ours')
    return notDone({
      why: 'gitmend opens only its own proposals anew',
      next: 'reopen it in the forge, or push the branch again',
    });
  if (came.state === 'moved')
    return notDone({
      why: `the branch is at ${came.tip.slice(0, 7)}, and ${pr.head.slice(0, 7)} was closed: what was pushed since is no proposal of gitmend`,
      next: 'open a pull request of your own for it, or delete the branch and write /retry again',
    });
  const follows = await planOpened(world, came.opened);
  const has = follows === '' ? ', with a new plan.' : `.${follows}`;
  return `**Opened anew** as #${came.opened.number}${has} Its evidence is that of the first time: read its date.`;
}
