import type { PlanRecord } from '../../core/plan.ts';
import type { Comment, PullRequest, Review, Status } from '../../forges/forge.ts';
import { planMarker } from '../../records/plan-comment.ts';
import { parsePullRequest } from '../../records/pull-request.ts';
import { parseRunComment } from '../../records/run-comment.ts';
import { type Diff, parseDiff } from './diff.ts';
import { plainInline } from './inline.ts';
import { type Block, parseMarkdown } from './markdown.ts';
import { type Standing, standingOf } from './merging.ts';
import type { Picture, Viewer } from './picture.ts';
import { runOfPullRequest } from './runs.ts';
import { type Stage, stagesOf } from './stages.ts';
import { type Chip, outcomeChip } from './words.ts';

/** What is read for one pull request beside the picture. */
export interface PullRequestInput {
  pr: PullRequest;
  comments: readonly Comment[];
  reviews: readonly Review[];
  statuses: readonly Status[];
  /** Git's unified diff; `undefined` where the commits are gone. */
  diff: string | undefined;
  /** Every plan that it had, oldest first. */
  plans: readonly PlanRecord[];
}

export interface Said {
  key: string;
  author: string;
  at: string;
  /** `plan`, `run`, `review` or a person's own words. */
  kind: 'run' | 'words' | 'review';
  blocks: Block[];
}

export interface PullRequestView {
  number: number;
  title: string;
  chip: Chip;
  author: string;
  byBot: boolean;
  branch: string;
  base: string;
  head: string;
  createdAt: string;
  stages: Stage[];
  /** `1 change, nothing destroyed, no reboot`: what the heading of the plan says. */
  inShort: string;
  body: Block[];
  plan: Block[];
  planAt: string;
  expiresAt: string;
  /** What the forms send back: what was shown when the button was pressed. */
  shown: { head: string; actions: string };
  diff: Diff | undefined;
  said: Said[];
  statuses: { context: string; state: Status['state']; description: string }[];
  standing: Standing;
  rule: string;
  /** Who merged or closed it; '' while it is open. */
  endedBy: string;
  run: string | undefined;
  /** The pull request that it takes back or insists on. */
  of: number | undefined;
}

/** The page of one pull request, as this person sees it now. */
export function pullRequestOf(input: PullRequestInput, picture: Picture, viewer: Viewer, now: number): PullRequestView {
  const { pr, comments, plans, diff } = input;
  const plan = plans.at(-1);
  const open = picture.open.find((one) => one.pr.number === pr.number);
  const known = runOfPullRequest(picture.truth, pr.number);
  const planComment = comments.find(({ body }) => body.includes(planMarker));
  const accepted = plan !== undefined && plan.refusals.length === 0 && plan.preview.accepted;
  const marker = parsePullRequest(pr.body);
  const shown = planComment === undefined ? [] : parseMarkdown(planComment.body);
  return {
    number: pr.number,
    title: pr.title,
    chip: chipOf(pr, known?.record?.outcome),
    author: pr.author,
    byBot: marker !== undefined,
    branch: pr.branch,
    base: pr.base,
    head: pr.head,
    createdAt: pr.createdAt,
    stages: stagesOf({
      pr,
      planned:
        planComment === undefined
          ? undefined
          : { at: planComment.createdAt, accepted: accepted || pr.state !== 'open' },
      journal: known?.journal,
      record: known?.record,
    }),
    body: parseMarkdown(pr.body),
    inShort: headlineIn(shown),
    plan: shown,
    planAt: planComment?.updatedAt ?? '',
    expiresAt: pr.state === 'open' ? (plan?.expiresAt ?? '') : '',
    shown: { head: pr.head, actions: plan?.actions ?? '' },
    diff: diff === undefined ? undefined : parseDiff(diff),
    said: saidIn(input),
    statuses: latest(input.statuses),
    standing: standingOf({
      ...{ pr, plan, reviews: input.reviews, viewer, now },
      earlier: plans.slice(0, -1).concat(plan ?? []),
      waiting: open?.waiting,
      approvers: picture.truth?.rules.config?.approvers ?? [],
    }),
    rule: plan?.policy.rule ?? '',
    endedBy: pr.mergedBy ?? pr.closedBy ?? '',
    run: known?.run,
    of: marker?.of,
  };
}

function headlineIn(blocks: readonly Block[]): string {
  const heading = blocks.find(({ kind }) => kind === 'heading');
  return heading?.kind === 'heading' ? plainInline(heading.inline).replace(/^Plan [0-9a-f]+: /, '') : '';
}

function chipOf({ state }: PullRequest, outcome: string | undefined): Chip {
  if (outcome !== undefined) return outcomeChip(outcome);
  if (state === 'open') return { tone: 'attention', word: 'open', means: 'not merged yet' };
  return state === 'merged'
    ? { tone: 'busy', word: 'merged', means: 'approved; the runner applies it' }
    : { tone: 'quiet', word: 'closed', means: 'closed without a merge' };
}

/** Everything that was said but the plan, in the order in which it was said. */
function saidIn({ comments, reviews }: PullRequestInput): Said[] {
  const words = comments
    .filter(({ body }) => !body.includes(planMarker))
    .map(({ id, author, updatedAt, body }): Said => ({
      key: `comment-${id}`,
      author,
      at: updatedAt,
      kind: parseRunComment(body) === undefined ? 'words' : 'run',
      blocks: parseMarkdown(body),
    }));
  const given = reviews.map(({ id, author, submittedAt, state, void: gone, commit }): Said => ({
    key: `review-${id}`,
    author,
    at: submittedAt,
    kind: 'review',
    blocks: parseMarkdown(
      `${reviewWords[state]} \`${commit.slice(0, 7)}\`${gone ? ' (dismissed: it does not count)' : ''}.`,
    ),
  }));
  return [...words, ...given].sort((a, b) => a.at.localeCompare(b.at));
}

const reviewWords: { readonly [state in Review['state']]: string } = {
  approved: '**Approved**',
  'changes-requested': '**Asked for changes** of',
  commented: 'Looked at',
};

function latest(statuses: readonly Status[]): Status[] {
  return [...new Map(statuses.map((status) => [status.context, status])).values()].sort((a, b) =>
    a.context.localeCompare(b.context),
  );
}
