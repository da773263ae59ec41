import { answerMarker } from '../../commands/answer.ts';
import { isCommand } from '../../commands/catalogue.ts';
import { isMachine } from '../../commands/may.ts';
import { type Asked, commandIn } from '../../commands/parse.ts';
import { isGitmendError } from '../../core/errors.ts';
import type { Ground } from '../../deliver/world.ts';
import type { SaidComment } from '../../forges/forge.ts';

/** A comment that is answered. */
export interface Found {
  comment: SaidComment;
  asked: Asked;
}

/** Answers that one account gets per pass: whoever writes a hundred commands does not keep the others waiting. */
const mostPerAccount = 5;
const mostRemembered = 1000;

/**
 * What new comments ask for. A word that is no command, near one or all that is said, is answered to who may write here, and to nobody else: a
 * stranger's typing error brings no comment of gitmend. `over` is what an account wrote beyond its share.
 */
export async function foundIn(
  { forge }: Ground,
  comments: readonly SaidComment[],
): Promise<{ found: Found[]; over: Found[] }> {
  const counts = new Map<string, number>();
  const [found, over]: [Found[], Found[]] = [[], []];
  for (const comment of comments) {
    const asked = comment.edited || isMachine(comment.author, forge.self) ? undefined : commandIn(comment.body);
    if (asked === undefined) continue;
    const account = comment.author.toLowerCase();
    const count = (counts.get(account) ?? 0) + 1;
    counts.set(account, count);
    if (count > mostPerAccount) over.push({ comment, asked });
    else if (isCommand(asked.word) || (await mayWrite(forge, comment.author))) found.push({ comment, asked });
  }
  return { found, over };
}

async function mayWrite(forge: Ground['forge'], author: string): Promise<boolean> {
  try {
    return ['write', 'admin'].includes(await forge.permission(author));
  } catch (error) {
    if (isGitmendError(error, 'FORGE_REFUSED')) return false;
    throw error;
  }
}

/**
 * Says to everybody who asked that it was seen, unless it is answered already. Never fatal: a reaction that is refused is
 * not tried again, one that failed is tried by the next pass, and the command is carried out all the same.
 */
export async function reactTo(ground: Ground, reacted: Set<string>, found: readonly Found[]): Promise<number> {
  let count = 0;
  for (const { comment } of found) {
    if (reacted.has(comment.id)) continue;
    // Before anything is waited for: the other pass is not to do the same beside this one.
    remember(reacted, comment.id);
    try {
      if (await isAnswered(ground, comment)) continue;
      await ground.forge.react(comment.id, 'eyes');
      count += 1;
    } catch (error) {
      if (!isGitmendError(error) || error.code !== 'FORGE_REFUSED') reacted.delete(comment.id);
      if (!isGitmendError(error)) throw error;
      ground.log('reaction-failed', { number: comment.number, comment: comment.id, code: error.code });
    }
  }
  return count;
}

function remember(reacted: Set<string>, comment: string): void {
  reacted.add(comment);
  const [first] = reacted;
  if (reacted.size > mostRemembered && first !== undefined) reacted.delete(first);
}

export async function isAnswered({ forge }: Ground, { number, id }: SaidComment): Promise<boolean> {
  const marker = answerMarker(id);
  const said = await forge.comments(number);
  return said.some(({ author, body }) => author === forge.self && body.startsWith(marker));
}
