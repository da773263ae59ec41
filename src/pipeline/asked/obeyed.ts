import { help, notDone, unknownCommand } from '../../commands/answer.ts';
import { type CommandName, isCommand } from '../../commands/catalogue.ts';
import { headThen, refusalOf } from '../../commands/may.ts';
import type { Asked } from '../../commands/parse.ts';
import { errorCatalogue, isGitmendError } from '../../core/errors.ts';
import { short } from '../../core/json.ts';
import { readPlans } from '../../deliver/plans.ts';
import { approversWith } from '../../deliver/teams.ts';
import { readTruth } from '../../deliver/truth.ts';
import type { Ground } from '../../deliver/world.ts';
import type { Comment, PullRequest, SaidComment } from '../../forges/forge.ts';
import { plainText } from '../../records/escape.ts';
import { parsePlanComment, planMarker } from '../../records/plan-comment.ts';
import { recordDigest } from '../../records/plan-record.ts';
import { diagnose } from './diagnose.ts';
import { nextAfter } from './half.ts';
import { dryRun, plan } from './planning.ts';
import { retry, snooze } from './proposal.ts';
import { restore } from './restore.ts';
import { rollback } from './rollback.ts';
import type { AskedHere, AskedOnPullRequest, CommandsSetup } from './setting.ts';
import { explain, explainWord, status, statusOfAll } from './telling.ts';
import { verdict } from './verdict.ts';

/** Whatever goes wrong is the answer, with what to do: a command that fails is written again, never repeated unasked. */
export async function answerTo(
  ground: Ground,
  setup: CommandsSetup,
  comment: SaidComment,
  asked: Asked,
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return isCommand(asked.word)
        ? await obeyed(ground, setup, comment, asked, asked.word)
        : unknownCommand(asked.word);
    } catch (error) {
      // Somebody else wrote the same in this moment: their truth is read, and this is done again from it.
      if (attempt < 4 && isGitmendError(error, 'REF_TAKEN')) continue;
      const code = isGitmendError(error) ? error.code : 'INTERNAL';
      const message = error instanceof Error ? error.message : String(error);
      ground.log('command-failed', { number: comment.number, command: asked.word, code, message });
      const why = code === 'INTERNAL' ? errorCatalogue.INTERNAL.means : plainText(message, 300);
      const said = notDone({ why: `${code}: ${why}`, next: nextAfter(code) });
      return `${said} Then write it again: what it reached stays, and it goes on from there.`;
    }
  }
}

async function obeyed(
  ground: Ground,
  setup: CommandsSetup,
  comment: SaidComment,
  asked: Asked,
  name: CommandName,
): Promise<string> {
  const truth = await readTruth(ground);
  const { author, number, on } = comment;
  const pr = on === 'pull-request' ? await ground.forge.pullRequest(number) : undefined;
  const refused = refusalOf(name, {
    ...{ on, author, permission: await ground.forge.permission(author) },
    ...{ saidAt: comment.createdAt, now: ground.clock.now() },
    approvers: await approversWith(ground.forge, truth.rules, author),
    ...(pr === undefined ? {} : { pr, headThen: await headSeen(ground, pr, comment) }),
  });
  if (refused !== undefined) return notDone(refused);
  const { dispatchPlan } = setup;
  const here: AskedHere = {
    ...{ world: { ...ground, ...ground.engines(truth.rules) }, truth, asked, comment },
    ...(dispatchPlan === undefined ? {} : { dispatchPlan }),
  };
  return pr === undefined ? onIssue(name, here) : onPullRequest(name, { ...here, pr });
}

/** Of an open one: the head whose plan was there to be read when the comment was written. */
async function headSeen({ forge, repo }: Ground, pr: PullRequest, comment: Comment): Promise<string | undefined> {
  if (pr.state !== 'open') return undefined;
  const plans = (await readPlans(repo, pr.number)).flatMap(({ record }) =>
    record === undefined ? [] : [{ ...record, recordShort: short(recordDigest(record)) }],
  );
  const said = await forge.comments(pr.number);
  const shown = said.find(({ author, body }) => author === forge.self && body.startsWith(planMarker));
  return headThen(
    plans,
    shown === undefined ? undefined : { ...shown, shows: parsePlanComment(shown.body) },
    comment.createdAt,
  );
}

async function onIssue(name: CommandName, here: AskedHere): Promise<string> {
  if (name === 'diagnose') return diagnose(here);
  if (name === 'status') return statusOfAll(here);
  if (name === 'explain' && here.asked.argument !== '') return explainWord(here);
  return help('issue');
}

async function onPullRequest(name: CommandName, here: AskedOnPullRequest): Promise<string> {
  switch (name) {
    case 'plan':
      return plan(here);
    case 'dry-run':
      return dryRun(here);
    case 'explain':
      return explain(here);
    case 'status':
      return status(here);
    case 'snooze':
      return snooze(here);
    case 'rollback':
      return rollback(here);
    case 'retry':
      return retry(here);
    case 'worked':
    case 'failed':
      return verdict(here, name);
    case 'restore':
      return restore(here);
    case 'diagnose':
    case 'help':
      return help('pull-request');
  }
}
