import { answerMarker, printAnswer } from '../commands/answer.ts';
import { isGitmendError } from '../core/errors.ts';
import type { Ground } from '../deliver/world.ts';
import { answerTo } from './asked/obeyed.ts';
import { type OwedAnswers, owedIn } from './asked/owed.ts';
import { type Found, foundIn, isAnswered, reactTo } from './asked/seen.ts';
import type { CommandsSetup } from './asked/setting.ts';

export type { CommandsSetup } from './asked/setting.ts';

/** What one pass did: a line for each answer. */
export interface CommandsPass {
  answered: { number: number; comment: string; word: string; answer: string }[];
}

/** Where the last comment that was dealt with is remembered. */
export const saidCursor = 'commands/said';

/**
 * Answers every new comment that is a command, once. What says that there is one (a web hook, a timer) is not asked what it
 * was: the comments after the cursor are read from the forge. The reaction comes first, then a claim, the effect, which is
 * idempotent, and the answer, which is kept in the store until it is written and whose marker says that the comment is dealt
 * with; the cursor moves last. Whoever is stopped anywhere, and whoever does the same beside it, comes to the same end. What
 * the forge refuses about one comment is logged and stepped over. Throws FORGE_FAILED and GIT_FAILED: then the next pass
 * begins where this one did.
 */
export async function commandsPass(ground: Ground, setup: CommandsSetup): Promise<CommandsPass> {
  const { forge, log } = ground;
  const before = await setup.cursors.get(saidCursor);
  const { comments, cursor } = await forge.saidSince(before);
  const { found, over } = await foundIn(ground, comments);
  for (const { comment } of over)
    log('stepped-over', { number: comment.number, comment: comment.id, by: comment.author, why: 'too-many' });
  // Everybody who asked sees within a moment that it was seen; what it leads to takes longer.
  await reactTo(ground, setup.reacted ?? new Set(), found);
  const owed = owedIn(setup.cursors, ground.clock);
  const answered: CommandsPass['answered'] = [];
  let elsewhere = false;
  for (const one of found) {
    const answer = await steppedOver(ground, one, () => dealtWith(ground, setup, owed, one));
    elsewhere ||= answer.state === 'elsewhere';
    if (answer.state !== 'answered') continue;
    const { comment, asked } = one;
    log('answered', { number: comment.number, command: asked.word.slice(0, 32), by: comment.author });
    answered.push({ number: comment.number, comment: comment.id, word: asked.word, answer: answer.text });
  }
  // Whoever is at it may die: then it is this one's turn, so the comment must be found again.
  if (elsewhere) return { answered };
  if (cursor !== before) await setup.cursors.set(saidCursor, cursor);
  await owed.forget(found.map(({ comment }) => comment.id));
  return { answered };
}

/**
 * Reacts to new commands that are not answered yet, and does nothing else: the cursor stays. For a loop of its own, so that
 * nobody waits for the command before theirs to see that theirs was seen. Returns how many; throws FORGE_FAILED.
 */
export async function reactPass(ground: Ground, setup: CommandsSetup): Promise<number> {
  const before = await setup.cursors.get(saidCursor);
  // The first look is commandsPass's: what was said before it is no command.
  if (before === undefined) return 0;
  const { comments } = await ground.forge.saidSince(before);
  const { found } = await foundIn(ground, comments);
  return reactTo(ground, setup.reacted ?? new Set(), found);
}

type Dealt = { state: 'answered'; text: string } | { state: 'elsewhere' | 'done-already' | 'refused' };

/** A comment that was deleted, an issue that is locked, an account that blocks gitmend: the others are answered. */
async function steppedOver({ log }: Ground, { comment }: Found, deal: () => Promise<Dealt>): Promise<Dealt> {
  try {
    return await deal();
  } catch (error) {
    if (!isGitmendError(error, 'FORGE_REFUSED')) throw error;
    log('stepped-over', { number: comment.number, comment: comment.id, by: comment.author, why: error.message });
    return { state: 'refused' };
  }
}

async function dealtWith(ground: Ground, setup: CommandsSetup, owed: OwedAnswers, one: Found): Promise<Dealt> {
  const { comment, asked } = one;
  const claim = await owed.claim(comment.id);
  if (claim.state === 'elsewhere') return { state: 'elsewhere' };
  let text = claim.state === 'owed' ? claim.answer : undefined;
  try {
    // Asked after the claim: whoever was quicker wrote the answer before they forgot theirs.
    if (await isAnswered(ground, comment)) return { state: 'done-already' };
    text ??= await owed.keep(comment.id, await answerTo(ground, setup, comment, asked));
    // One with another store knows of no claim of this one: its answer stands.
    if (await isAnswered(ground, comment)) return { state: 'done-already' };
  } catch (error) {
    // Nothing is owed yet, so the next pass need not wait until the claim is over.
    if (text === undefined) await owed.forget([comment.id]);
    throw error;
  }
  await ground.forge.ensureComment(comment.number, answerMarker(comment.id), printAnswer(asked, comment.author, text));
  return { state: 'answered', text };
}
