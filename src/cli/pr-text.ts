import type { Comment, PullRequest } from '../forges/forge.ts';
import type { LocalReview, PullRequestDetails } from '../forges/local/index.ts';
import { columns } from './columns.ts';

/** One line each, newest first: number, state, when it last changed, title, branch. */
export function listText(pulls: readonly PullRequest[], state: string): string {
  if (pulls.length === 0) return state === 'all' ? 'No pull requests.' : `No ${state} pull requests.`;
  const rows = [...pulls]
    .reverse()
    .map((pull) => [`#${pull.number}`, pull.state, day(pull.updatedAt), pull.title, pull.branch]);
  return columns(rows).join('\n');
}

/** One pull request as a page: what it is, its body, statuses, reviews and comments as they are stored. */
export function showText(details: PullRequestDetails): string {
  const { pullRequest: pull, statuses, reviews, comments } = details;
  return [
    `#${pull.number} ${pull.title}`,
    ...headerLines(details),
    ...(pull.body.trim() === '' ? [] : ['', pull.body.trimEnd()]),
    ...section(
      `Statuses of ${short(pull.head)}`,
      statuses.map((status) => [status.state, status.context, oneLine(status.description)]),
    ),
    ...section(
      'Reviews',
      reviews.map((review) => reviewRow(review, pull)),
    ),
    ...comments.flatMap(commentLines),
  ].join('\n');
}

/**
 * Outside text as a terminal may show it: control characters, which could move the cursor or hide a line, and marks that
 * turn the direction of writing become visible. Everything else stays as it is stored.
 */
export function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(unsafe, (character) => `\\u{${codeOf(character)}}`);
}

/** JSON that is safe to show, and still the same JSON. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(unsafe, (character) => `\\u${codeOf(character).padStart(4, '0')}`);
}

// Cc without tab and line feed; the bidirectional controls of Unicode (UAX #9); the line separators.
const unsafe = /(?![\t\n])\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}

function headerLines({ pullRequest: pull, labels, branchGone, commits }: PullRequestDetails): string[] {
  const many = commits === 1 ? '1 commit' : `${commits} commits`;
  return [
    `${pull.state}: ${pull.branch} into ${pull.base}, ${many}, head ${pull.head}`,
    `opened by ${pull.author} ${time(pull.createdAt)}, last changed ${time(pull.updatedAt)}`,
    ...(pull.state === 'merged'
      ? [`merged by ${pull.mergedBy ?? ''} ${time(pull.mergedAt)} as ${pull.mergeCommit ?? ''}`]
      : []),
    ...(pull.state === 'closed' ? [`closed by ${pull.closedBy ?? ''} ${time(pull.closedAt)}`] : []),
    ...(branchGone ? [`the branch ${pull.branch} was deleted: it cannot be merged until it is pushed again`] : []),
    ...(labels.length === 0 ? [] : [`labels: ${labels.join(', ')}`]),
  ];
}

function section(heading: string, rows: string[][]): string[] {
  return rows.length === 0 ? [] : ['', heading, ...columns(rows).map((line) => `  ${line}`)];
}

function reviewRow(review: LocalReview, pull: PullRequest): string[] {
  const notes = [
    ...(review.void ? [`dismissed by ${review.dismissedBy ?? ''}: ${review.dismissedBecause ?? ''}`] : []),
    ...(review.commit === pull.head ? [] : ['of an older head']),
    ...(review.body.trim() === '' ? [] : [review.body.trim()]),
  ];
  return [review.state, review.author, short(review.commit), time(review.submittedAt), notes.join('; ')];
}

function commentLines(comment: Comment): string[] {
  const edited = comment.updatedAt === comment.createdAt ? '' : `, edited ${time(comment.updatedAt)}`;
  return [
    '',
    `--- comment ${comment.id} by ${comment.author} ${time(comment.createdAt)}${edited}`,
    comment.body.trimEnd(),
  ];
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}

function day(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

function time(iso: string | undefined): string {
  return (iso ?? '').replace('T', ' ');
}

function short(commit: string): string {
  return commit.slice(0, 7);
}
