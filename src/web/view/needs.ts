import type { RunRecord } from '../../core/run.ts';
import type { JudgedUnit, Truth } from '../../deliver/truth.ts';
import { sameAccount } from '../../policy/index.ts';
import { parsePullRequest } from '../../records/pull-request.ts';
import { capitalised } from '../../texts/words.ts';
import { driftNeeds } from './drift.ts';
import { plainInline } from './inline.ts';
import { parseMarkdown } from './markdown.ts';
import type { OpenPullRequest, Picture, Viewer } from './picture.ts';
import { amount, type Chip, outcomeChip, sentenced } from './words.ts';

/** One thing that a person should look at. */
export interface NeedView {
  key: string;
  title: string;
  chip: Chip;
  /** One or two sentences: what and why. */
  text: string;
  /** What is to be done; a command, or words. */
  next: string;
  /** The button that leads to where it is decided. */
  asked?: string;
  /** What happened at that time: `opened`, `seen`. */
  since: string;
  link: string | undefined;
  at: string;
  /** A delivery that can wait again at the press of a button. */
  revive?: number;
}

/** Everything that this person should look at, the most pressing first. `now` in milliseconds since the epoch. */
export function needsOf(picture: Picture, viewer: Viewer, now: number): NeedView[] {
  const { truth, problem, dead, open, at } = picture;
  return [
    ...(problem === undefined ? [] : [problemNeed(problem)]),
    ...(truth?.findings ?? []).map((finding) => findingNeed(finding, at)),
    ...(truth === undefined ? [] : rulesNeed(truth, at)),
    ...dead.map((one) => deadNeed(one, viewer)),
    ...open.filter((one) => needsViewer(one, viewer)).map(pullRequestNeed),
    ...badEndings(truth, open, now),
    ...driftNeeds(picture),
    ...(truth?.units ?? []).flatMap(stoppedNeed),
  ];
}

/**
 * A refused plan needs whoever wrote it, and one that gitmend wrote whoever approves: nobody else would be asked. A good
 * one needs whoever may approve it.
 */
export function needsViewer({ plan, waiting, pr }: OpenPullRequest, viewer: Viewer): boolean {
  if (plan === undefined || waiting !== undefined) return false;
  const isOurs = parsePullRequest(pr.body) !== undefined;
  if (plan.refusals.length > 0) return sameAccount(pr.author, viewer.name) || (isOurs && viewer.role === 'approver');
  return viewer.role === 'approver' && plan.policy.eligible.some((account) => sameAccount(account, viewer.name));
}

export function pullRequestNeed({ pr, plan, waiting }: OpenPullRequest): NeedView {
  const common = {
    key: `pull-${pr.number}`,
    title: `#${pr.number} ${pr.title}`,
    text: firstParagraph(pr.body),
    link: `/pull/${pr.number}`,
    since: 'opened',
    at: pr.createdAt,
  };
  if (waiting !== undefined)
    return { ...common, chip: { tone: 'quiet', word: 'waits', means: waiting }, next: `It waits: ${waiting}.` };
  if (plan === undefined)
    return { ...common, chip: { tone: 'busy', word: 'being planned', means: '' }, next: 'The plan is being made.' };
  const [refused] = plan.refusals;
  if (refused !== undefined)
    return { ...common, chip: { tone: 'bad', word: 'refused', means: refused.message }, next: refused.message };
  const who = plan.policy.needs > 1 ? `${plan.policy.needs} approvals, merging counts as one` : 'Merging approves it';
  const steps = plan.steps.length === 0 ? 'nothing is applied' : amount(plan.steps.length, 'change');
  const chip = { tone: 'attention', word: 'wants approval', means: who } as const;
  return { ...common, chip, next: `${capitalised(steps)}. ${who}.`, asked: 'Read and decide' };
}

/** The sentence that says what is wrong; the rest is on the page of the pull request. */
function firstParagraph(body: string): string {
  const block = parseMarkdown(body).find(({ kind }) => kind === 'paragraph');
  return block?.kind === 'paragraph' ? plainInline(block.inline) : '';
}

function problemNeed({ code, message, next, at }: NonNullable<Picture['problem']>): NeedView {
  return {
    key: `problem-${code}`,
    title: 'gitmend cannot look now',
    chip: { tone: 'bad', word: code, means: '' },
    text: message,
    next,
    link: undefined,
    since: 'met',
    at,
  };
}

function findingNeed({ finding, message }: Truth['findings'][number], at: string): NeedView {
  return {
    key: finding,
    title: 'Something was changed past gitmend',
    chip: { tone: 'bad', word: finding, means: '' },
    text: message,
    next: 'gitmend records verify says whether the records are whole',
    link: '/log',
    since: 'seen',
    at,
  };
}

/** Rules that nobody approved are on the default branch and not in force: what decides is older than what one reads. */
function rulesNeed({ rules, head }: Truth, at: string): NeedView[] {
  const policies = [...new Set([...rules.tree.keys(), ...head.tree.keys()])].filter((path) =>
    path.startsWith('policies/'),
  );
  const differing = ['gitmend.yaml', ...policies].filter((path) => rules.tree.get(path) !== head.tree.get(path));
  if (differing.length === 0) return [];
  return [
    {
      key: 'rules',
      title: 'Rules on the default branch are not in force',
      chip: { tone: 'attention', word: 'unapproved', means: 'not by an approved pull request' },
      text: `Unapproved: ${differing.join(', ')}. The rules of ${rules.commit.slice(0, 7)} go on deciding.`,
      next: 'Bring them by a pull request, or take them back.',
      link: undefined,
      since: 'seen',
      at,
    },
  ];
}

function deadNeed({ seq, door, why, at }: Picture['dead'][number], { role }: Viewer): NeedView {
  return {
    key: `dead-${seq}`,
    title: `A delivery of ${door} could not be looked at`,
    chip: { tone: 'bad', word: 'given up', means: '' },
    text: why,
    next: 'Put right what it names, then let it try again.',
    link: undefined,
    since: 'given up',
    at,
    ...(role === 'approver' ? { revive: seq } : {}),
  };
}

const bad = new Set(['not-verified', 'regressed', 'unknown', 'inconclusive', 'not-applied']);
/** Milliseconds: what nobody minded for a week is history. */
const remembered = 7 * 86_400_000;

/** Runs that ended badly, as long as nothing newer settled their target and no pull request offers the way on. */
function badEndings(truth: Truth | undefined, open: readonly OpenPullRequest[], now: number): NeedView[] {
  const latest = new Map<string, RunRecord>();
  for (const { record } of truth?.records ?? [])
    if (record.pullRequest !== undefined && record.target !== undefined) latest.set(record.target, record);
  const answers = new Set(open.map(({ pr }) => parsePullRequest(pr.body)?.of));
  const answered = ({ wayBack, pullRequest }: RunRecord) =>
    answers.has(pullRequest?.number ?? 0) ||
    (wayBack !== undefined && 'pullRequest' in wayBack && open.some(({ pr }) => pr.number === wayBack.pullRequest));
  return (
    [...latest.values()]
      // Whoever says that it worked has looked.
      .filter((record) => bad.has(record.outcome) && record.word?.says !== 'worked')
      .filter((record) => now - Date.parse(record.at) < remembered && !answered(record))
      .map((record) => ({
        key: `run-${record.run}`,
        title: `#${record.pullRequest?.number ?? ''} ${record.pullRequest?.title ?? ''}`,
        chip: outcomeChip(record.outcome, record.reason),
        text: sentenced(record.message ?? ''),
        next: helpOf(record),
        link: `/runs/${record.run}`,
        since: 'ended',
        at: record.at,
      }))
  );
}

function helpOf({ wayBack }: RunRecord): string {
  if (wayBack === undefined) return 'Look at it; the ways out are pull requests.';
  if ('pullRequest' in wayBack) return `#${wayBack.pullRequest} proposes the way back.`;
  const why = `The way back is not proposed: ${wayBack.not}.`;
  return wayBack.helps.length === 0 ? why : `${why} What helps: ${wayBack.helps.join('; ')}.`;
}

function stoppedNeed({ approval, pullRequest, to }: JudgedUnit): NeedView[] {
  if (approval.approved || approval.state !== 'stopped') return [];
  const name = pullRequest === undefined ? to.slice(0, 7) : `#${pullRequest.number} ${pullRequest.title}`;
  const link = pullRequest === undefined ? undefined : `/pull/${pullRequest.number}`;
  return [
    {
      key: `stopped-${to}`,
      title: name,
      chip: outcomeChip('not-applied', approval.reason),
      text: approval.why,
      next: 'The runner records it and offers the ways out.',
      since: 'merged',
      link,
      at: pullRequest?.mergedAt ?? '',
    },
  ];
}
