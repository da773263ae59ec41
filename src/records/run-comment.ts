import { type RunOutcome, runOutcomes, type StopReason } from '../core/outcome.ts';
import { capitalised, clockOf, minuteOf, printSpan } from '../texts/words.ts';
import { notObservedWords } from './afterwards.ts';
import { cutMarkdown, mostText } from './cut.ts';
import { escapeCode, escapeText, mention } from './escape.ts';
import { type Figures, figuresNow, figuresOver } from './figures.ts';
import { sentence } from './sentence.ts';

interface Common {
  run: string;
  /** Forge account that merged: bad news mentions it. '' where it is not known. */
  mergedBy: string;
}

/** What there is to say of a run, at one moment of it. */
export type RunNews = Common &
  (
    | Verifying
    | {
        state: 'verified';
        at: string;
        window: number;
        figures: readonly Figures[];
        alertResolvedAt?: string;
        beganAt?: string;
        notObserved: readonly string[];
        /** What there is to say of the apply beside its effects. */
        notes?: readonly string[];
        record: string;
      }
    | NotVerified
    | { state: 'inconclusive'; at: string; why: string }
    | NotApplied
    | { state: 'unknown'; at: string; why: string; look: string }
    | { state: 'regressed'; at: string; why: string }
    | { state: 'superseded'; at: string; by: number }
  );

interface Verifying {
  state: 'verifying';
  /** End of the apply, and how long it took in seconds. */
  at: string;
  took: number;
  /** `memory 3072 MiB` */
  what: string;
  /** Absent where a guest comes or goes: then neither is meant. */
  live?: boolean;
  /** The steps were found done: nothing was sent. */
  foundDone: boolean;
  until: string;
  notes?: readonly string[];
  figures: Figures;
}

interface NotVerified {
  state: 'not-verified';
  at: string;
  why: string;
  /** The pull request that proposes the way back, or why there is none. */
  back: { pullRequest: number } | { not: string };
  helps: readonly string[];
}

interface NotApplied {
  state: 'not-applied';
  reason: StopReason;
  why: string;
  /** Whether any step was applied before it stopped. */
  touched: boolean;
  waysOut: readonly { words: string; pullRequest: number }[];
}

/** A comment to be kept under its marker: good news edits one comment, bad news is one of its own. */
export interface RunComment {
  marker: string;
  body: string;
  bad: boolean;
}

/** Prints what there is to say, under a marker that the forge finds again. */
export function printRunComment(news: RunNews): RunComment {
  const bad = isBad(news.state);
  const marker = runMarker(news.run, bad ? news.state : undefined);
  const who = bad && news.mergedBy !== '' ? `\n\n${mention(news.mergedBy)}: this needs you.` : '';
  return { marker, body: `${marker}\n${cutMarkdown(words(news), mostText)}${who}\n`, bad };
}

/** Names a run's one comment, or the one of its own that bad news has. */
export function runMarker(run: string, bad?: RunNews['state']): string {
  return `<!-- gitmend:run/${run}${bad === undefined ? '' : `/${bad}`} -->`;
}

/** Reads back which run a comment is about and what it said; `undefined` for any other comment. */
export function parseRunComment(text: string): { run: string; state: RunNews['state'] } | undefined {
  const [first = '', second = ''] = text.split(/\r?\n/);
  const [, run, bad] = /^<!-- gitmend:run\/([0-9a-f]{7,64})(?:\/([a-z-]+))? -->\s*$/.exec(first) ?? [];
  const [, heading] = /^\*\*([A-Z][a-z ]+)\*\*/.exec(second) ?? [];
  const [, closed] = closedApply.exec(second) ?? [];
  const state = bad ?? (heading === 'Applied' && closed === undefined ? 'verifying' : stateOf(closed ?? heading));
  if (run === undefined || state === undefined || !(state in runOutcomes || state === 'verifying')) return undefined;
  return { run, state: state as RunNews['state'] };
}

/** `**Applied** … **Not verified** 03:51:10Z: the comment below says why.` */
const closedApply = /^\*\*Applied\*\* .* \*\*([A-Z][a-z ]+)\*\* [\d:.]+Z: the comment below says why\.\s*$/;

/** `Not verified` → `not-verified` */
function stateOf(heading: string | undefined): string | undefined {
  return heading?.toLowerCase().replaceAll(' ', '-');
}

/**
 * The comment of an apply in its final state, where the verification ended badly: what was applied stays said, and
 * nobody waits for anything any more. `undefined` for every other comment.
 */
export function closeVerifying(body: string, outcome: RunOutcome, at: string): string | undefined {
  if (parseRunComment(body)?.state !== 'verifying') return undefined;
  const end = ` **${capitalised(outcome.replaceAll('-', ' '))}** ${clockOf(at)}: the comment below says why.`;
  return body.replace(/ \*\*Verifying\*\* until [^\r\n]*/, () => end);
}

/** Good news is what nobody has to act on. */
export function isBad(state: RunNews['state']): boolean {
  return state !== 'verifying' && state !== 'verified' && state !== 'superseded';
}

function words(news: RunNews): string {
  switch (news.state) {
    case 'verifying':
      return verifying(news);
    case 'verified':
      return verified(news);
    case 'not-verified':
      return notVerified(news);
    case 'inconclusive':
      return `**Inconclusive** ${clockOf(news.at)}: ${sentence(news.why)} What was applied stays. Whether it helped, nobody could see: please look.`;
    case 'not-applied':
      return notApplied(news);
    case 'unknown':
      return `**Unknown** ${clockOf(news.at)}: ${sentence(news.why)} Nothing is sent again. ${capitalised(sentence(news.look))}`;
    case 'regressed':
      return `**Regressed** ${clockOf(news.at)}: it was verified, and the fault is back: ${sentence(news.why)} It is diagnosed anew; nothing is reverted by itself.`;
    case 'superseded':
      return `**Superseded** ${clockOf(news.at)}: ${news.by > 0 ? `#${news.by}` : 'a later run'} changed the same thing before this was verified. Nothing is to be done here.`;
  }
}

function verifying({ at, took, what, live, foundDone, until, notes = [], figures }: Verifying): string {
  const how = foundDone
    ? ', found as approved, nothing was sent'
    : live === undefined
      ? ''
      : live
        ? ', live'
        : ', with a reboot';
  const now = figuresNow(figures);
  return `**Applied** ${clockOf(at)} in ${Math.round(took * 10) / 10} s: ${escapeText(what, 200)}${how}. **Verifying** until ${minuteOf(until)}${now === '' ? '' : `: ${now}`}.${noteWords(notes)}`;
}

function verified(news: RunNews & { state: 'verified' }): string {
  const over = figuresOver(news.figures, news.window);
  const resolved =
    news.alertResolvedAt === undefined ? 'no alert was asked' : `alert resolved ${minuteOf(news.alertResolvedAt)}`;
  const began =
    news.beganAt === undefined
      ? ''
      : ` ${printSpan((Date.parse(news.at) - Date.parse(news.beganAt)) / 1000)} after it began.`;
  const unseen = notObservedWords(news.notObserved, (names) => escapeText(names, 300));
  return `**Verified** ${clockOf(news.at)}: ${over}; ${resolved}.${began}${unseen === '' ? '' : ` ${unseen}`} Record ${escapeCode(news.record)}.${noteWords(news.notes ?? [])}`;
}

/** In lines of their own below the news. */
function noteWords(notes: readonly string[]): string {
  return notes.map((note) => `\n\nNote: ${sentence(note, 420)}`).join('');
}

function notVerified({ at, why, back, helps }: NotVerified): string {
  const way =
    'pullRequest' in back
      ? `#${back.pullRequest} proposes the way back.`
      : `The way back is not proposed: ${sentence(back.not)}`;
  const help = helps.length === 0 ? '' : ` What helps: ${escapeText(helps.join(', or '), 400)}.`;
  return `**Not verified** ${clockOf(at)}: ${sentence(why)} ${way}${help}`;
}

function notApplied({ reason, why, touched, waysOut }: NotApplied): string {
  const ways = waysOut.map(({ words: what, pullRequest }) => `${escapeText(what, 120)} (#${pullRequest})`);
  const choose =
    ways.length === 0
      ? ''
      : ` Choose: ${ways.length === 1 ? ways.join('') : `${ways.slice(0, -1).join(', ')}, or ${ways.at(-1) ?? ''}`}.`;
  return `**Not applied** (${reason}): ${sentence(why)} ${touched ? 'What was applied before stays, and is named in the record.' : 'Nothing was touched.'}${choose}`;
}
