import { refused } from './refused.ts';

/** Characters; what Gitea takes without complaint. */
export const longestText = 1_000_000;
const longestTitle = 255;

/** One line, without control characters, so that it cannot become a second line of a commit message or a terminal code. */
export function titleText(title: string): string {
  const line = title
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  if (line === '') throw refused('a pull request needs a title');
  if (line.length > longestTitle)
    throw refused(`the title has ${line.length} characters, at most ${longestTitle} are taken`);
  return line;
}

/** A body or comment as it is stored: what SQLite and git cannot hold is replaced, everything else stays. */
export function bodyText(body: string, longest = longestText): string {
  if (body.length > longest) throw refused(`the text has ${body.length} characters, at most ${longest} are taken`);
  return body.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** The same, and something to read. */
export function saidText(body: string, longest = longestText): string {
  if (body.trim() === '') throw refused('an empty comment says nothing');
  return bodyText(body, longest);
}

/** Labels, each one line, in order and once. */
export function labelTexts(labels: readonly string[]): string[] {
  return [...new Set(labels.map(titleText))].sort();
}
