import { answerMarker, help, notDone, printAnswer, unknownCommand } from '../commands/answer.ts';
import { type CommandName, isCommand } from '../commands/catalogue.ts';
import { headThen, isMachine, refusalOf } from '../commands/may.ts';
import { type Asked, commandIn } from '../commands/parse.ts';
import { errorCatalogue, isGitmendError } from '../core/errors.ts';
import { readPlans } from '../deliver/plans.ts';
import { readTruth } from '../deliver/truth.ts';
import type { Ground } from '../deliver/world.ts';
import type { Comment, PullRequest, SaidComment } from '../forges/forge.ts';
import { planMarker } from '../records/plan-comment.ts';
import { plainText } from '../records/escape.ts';
import { diagnose } from './asked/diagnose.ts';
import { dryRun, plan } from './asked/planning.ts';
import { retry, snooze } from './asked/proposal.ts';
import { rollback } from './asked/rollback.ts';
import type { AskedHere, AskedOnPullRequest } from './asked/setting.ts';
import { explain, explainWord, status, statusOfAll } from './asked/telling.ts';
import { verdict } from './asked/verdict.ts';

/** What the pass stands on beside the ground. */
export interface CommandsSetup {
  /** What pollers remember: `src/store/cursors.ts`. */
  cursors: { get(name: string): Promise<string | undefined>; set(name: string, value: string): Promise<void> };
  /** With `runner: ci`: starts the workflow that plans. */
  dispatchPlan?: (pullRequest: number, options: { anew: boolean }) => Promise<void>;
}

/** What one pass did: a line for each answer. */
export interface CommandsPass {
  answered: { number: number; comment: string; word: string; answer: string }[];
}

/** Where the last comment that was dealt with is remembered. */
export const saidCursor = 'commands/said';

/**
 * Answers every new comment that is a command, once. What says that there is one (a web hook, a timer) is not asked what it
 * was: the comments after the cursor are read from the forge. The reaction comes first, then the effect, which is
 * idempotent, then the answer, whose marker says that the comment is dealt with; the cursor moves last. Whoever is stopped
 * anywhere, and whoever does the same beside it, comes to the same end. Throws FORGE_FAILED and GIT_FAILED: then the next
 * pass begins where this one did.
 */
export async function commandsPass(ground: Ground, setup: CommandsSetup): Promise<CommandsPass> {
  const { forge } = ground;
  const before = await setup.cursors.get(saidCursor);
  const { comments, cursor } = await forge.saidSince(before);
  const found = comments.flatMap((comment) => {
    const asked = comment.edited || isMachine(comment.author, forge.self) ? undefined : commandIn(comment.body);
    return asked === undefined ? [] : [{ comment, asked }];
  });
  const open: typeof found = [];
  // Everybody who asked sees within a moment that it was seen; what it leads to takes longer.
  for (const one of found) {
    if (await isAnswered(ground, one.comment)) continue;
    await forge.react(one.comment.id, 'eyes');
    open.push(one);
  }
  const answered: CommandsPass['answered'] = [];
  for (const { comment, asked } of open) {
    const answer = await answerTo(ground, setup, comment, asked);
    // Another replica may have been quicker: its answer stands.
    if (await isAnswered(ground, comment)) continue;
    await forge.ensureComment(comment.number, answerMarker(comment.id), printAnswer(asked, comment.author, answer));
    ground.log('answered', { number: comment.number, command: asked.word.slice(0, 32), by: comment.author });
    answered.push({ number: comment.number, comment: comment.id, word: asked.word, answer });
  }
  if (cursor !== before) await setup.cursors.set(saidCursor, cursor);
  return { answered };
}

async function isAnswered({ forge }: Ground, { number, id }: SaidComment): Promise<boolean> {
  const marker = answerMarker(id);
  const said = await forge.comments(number);
  return said.some(({ author, body }) => author === forge.self && body.startsWith(marker));
}

/** Whatever goes wrong is the answer, with what to do: a command that fails is written again, never repeated unasked. */
async function answerTo(ground: Ground, setup: CommandsSetup, comment: SaidComment, asked: Asked): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return isCommand(asked.word)
        ? await obeyed(ground, setup, comment, asked, asked.word)
        : await notKnown(ground, comment, asked);
    } catch (error) {
      // Somebody else wrote the same in this moment: their truth is read, and this is done again from it.
      if (attempt < 4 && isGitmendError(error, 'REF_TAKEN')) continue;
      const code = isGitmendError(error) ? error.code : 'INTERNAL';
      const message = error instanceof Error ? error.message : String(error);
      ground.log('command-failed', { number: comment.number, command: asked.word, code, message });
      const why = code === 'INTERNAL' ? errorCatalogue.INTERNAL.means : plainText(message, 300);
      return `${notDone({ why: `${code}: ${why}`, next: errorCatalogue[code].next })} Write it again after that.`;
    }
  }
}

/** Who may not even read here is not told what there is. */
async function notKnown({ forge }: Ground, { author }: SaidComment, { word }: Asked): Promise<string> {
  const nobody = (await forge.permission(author)) === 'none';
  return nobody ? notDone({ why: 'the forge does not let this account read here', next: '' }) : unknownCommand(word);
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
    approvers: truth.rules.config?.approvers ?? [],
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

/** Of an open one: the head that its plan comment showed when the comment was written. */
async function headSeen({ forge, repo }: Ground, pr: PullRequest, comment: Comment): Promise<string | undefined> {
  if (pr.state !== 'open') return undefined;
  const plans = (await readPlans(repo, pr.number)).flatMap(({ record }) => record ?? []);
  const said = await forge.comments(pr.number);
  const shown = said.find(({ author, body }) => author === forge.self && body.startsWith(planMarker));
  return headThen(plans, shown, comment.createdAt);
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
      return notDone({
        why: 'drift is not looked for yet in this version, so there is no drift pull request to turn round',
        next: '/status on an issue, or gitmend status, names what is declared and not applied',
      });
    case 'diagnose':
    case 'help':
      return help('pull-request');
  }
}
