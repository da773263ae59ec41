import { notDone } from '../../commands/answer.ts';
import { isoTime } from '../../core/clock.ts';
import { parseDuration } from '../../core/duration.ts';
import { recreate } from '../../deliver/recreate.ts';
import { showPlan } from '../../deliver/show.ts';
import { readTruth } from '../../deliver/truth.ts';
import { escapeCode } from '../../records/escape.ts';
import { parsePullRequest } from '../../records/pull-request.ts';
import { sentence } from '../../records/sentence.ts';
import { withSnooze } from '../../records/snooze.ts';
import { dayAndMinuteOf } from '../../texts/words.ts';
import { dryRun } from './planning.ts';
import { status } from './telling.ts';
import type { AskedOnPullRequest } from './setting.ts';

const [shortest, longest] = [600, 30 * 86_400];

/**
 * `/snooze 2h`: closes a proposal of gitmend and remembers in its body until when it is not made again. Counted from the
 * comment, so that whoever does it after a crash does the same.
 */
export async function snooze({ world, asked, comment, pr }: AskedOnPullRequest): Promise<string> {
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
  const { branch, base, title } = pr;
  const body = withSnooze(pr.body, { until, by: comment.author });
  await world.forge.ensurePullRequest({ branch, base, title, body, labels: ['gitmend', marker.remedy] });
  await world.forge.close(pr.number, `Closed: snoozed until ${until}.\n\n<!-- gitmend:closed-by-bot -->`);
  return said;
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
  const opened = await recreate(world, pr);
  if (opened === undefined)
    return notDone({
      why: 'gitmend opens only its own proposals anew',
      next: 'reopen it in the forge, or push the branch again',
    });
  const truth = await readTruth(world);
  if (truth.rules.config?.runner !== 'ci') await showPlan(world, truth, opened);
  return `**Opened anew** as #${opened.number}, with a new plan. Its evidence is that of the first time: read its date.`;
}
