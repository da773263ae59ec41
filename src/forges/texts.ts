import { branchRef } from './branch-name.ts';
import type { NewPullRequest } from './forge.ts';
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

/** What a pull request shall be, as it is stored. Throws FORGE_REFUSED for branches or texts that cannot be. */
export function validPullRequest(wanted: NewPullRequest, longest = longestText): NewPullRequest {
  branchRef(wanted.branch);
  branchRef(wanted.base);
  if (wanted.branch === wanted.base) throw refused(`a pull request of ${wanted.branch} into itself holds nothing`);
  return {
    ...wanted,
    title: titleText(wanted.title),
    body: bodyText(wanted.body, longest),
    labels: labelTexts(wanted.labels),
  };
}
