import { z } from 'zod';
import type { Proposed } from '../core/diagnosis.ts';
import { type Digest, digestOf } from '../core/json.ts';
import type { SignalReference, Verdict } from '../core/plan.ts';
import type { Signal } from '../core/signal.ts';
import { clockOf, counted, dayAndMinuteOf, minuteOf, printAge } from '../texts/words.ts';
import { escapeBold, escapeCode, escapeText } from './escape.ts';
import { cutMarkdown, mostText } from './cut.ts';
import { parseMarker, printMarker } from './marker.ts';
import { policyWords } from './policy-words.ts';
import { details, sentence } from './sentence.ts';
import { checked, digest, signalReference } from './schemas.ts';

const markerKinds = [
  ...(['heal', 'revert', 'accept', 'insist', 'undo', 'drift', 'restore'] as const),
  ...(['import', 'set', 'create', 'destroy', 'policies'] as const),
] as const;

/** What a pull request of the bot says of itself in its hidden marker. Whoever may edit it can change it: a claim. */
export interface PullRequestMarker {
  kind: (typeof markerKinds)[number];
  remedy: string;
  fingerprint: string;
  /** Digest of the proposed values: a closed one means no until this differs. */
  proposed: Digest;
  /** The signal that it answers. */
  signal?: SignalReference;
  /** Others about the same fault: it is answered for as long as one of them fires. */
  also?: SignalReference[];
  /** The pull request whose change it takes back, insists on or accepts; of a restore, the one about the same drift. */
  of?: number;
}

/** The body of a pull request that heal proposes: what is wrong, what changes and why; the rest folds. */
export function printPullRequest(diagnosis: Proposed<unknown>, { policy }: { policy: Verdict }): string {
  const { remedy, fingerprint, parameters, signal } = diagnosis;
  const parts = [
    firstSentence(diagnosis.name, diagnosis.summary),
    rowTable(diagnosis.rows),
    diagnosis.effects.map(effect).join(' '),
    evidence(diagnosis),
    considered(diagnosis),
    `${signalWords(diagnosis)} · ${policyWords(policy)}`,
  ];
  const proposed = proposedDigest(parameters);
  // A person's request is no alert: nothing fires that could resolve.
  const answers = signal.door === 'request' ? {} : { signal: signalReferenceOf(signal) };
  return body(parts, { kind: 'heal', remedy, fingerprint, proposed, ...answers });
}

/** Reads the marker back; `undefined` for a person's pull request, or where the marker is not whole. */
export function parsePullRequest(text: string): PullRequestMarker | undefined {
  const read = checked(parseMarker(text, 'pr'), markerSchema);
  return 'problems' in read ? undefined : read.value;
}

/** Signals that are remembered of one pull request; a storm has hundreds. */
const mostSignals = 20;

/** Every signal that a pull request answers, the first one first. */
export function signalsIn(text: string): SignalReference[] {
  const marker = parsePullRequest(text);
  return marker?.signal === undefined ? [] : [marker.signal, ...(marker.also ?? [])];
}

/** The same body, answering these signals; each once, by its fingerprint. */
export function withSignals(text: string, signals: readonly SignalReference[]): string {
  const marker = parsePullRequest(text);
  const known = [...new Map(signals.map((one) => [one.fingerprint, one])).values()].slice(0, mostSignals);
  const [signal, ...also] = known;
  if (marker === undefined || signal === undefined) return text;
  const { kind, remedy, fingerprint, proposed, of } = marker;
  const next = lean({
    ...{ kind, remedy, fingerprint, proposed, signal },
    ...(also.length === 0 ? {} : { also }),
    ...(of === undefined ? {} : { of }),
  });
  return text
    .split('\n')
    .map((line) => (line.startsWith('<!-- gitmend:pr ') ? next : line))
    .join('\n');
}

/** What was proposed, as one digest: equal values are the same proposal. */
export function proposedDigest(parameters: unknown): Digest {
  return digestOf(parameters);
}

/** What a plan and a verification need to know of a signal. */
export function signalReferenceOf({ name, fingerprint, labels, startsAt }: Signal): SignalReference {
  const whole = Object.entries(labels).map(([label, value]) => [label.toWellFormed(), value.toWellFormed()] as const);
  return {
    name: name.toWellFormed(),
    fingerprint: fingerprint.toWellFormed(),
    labels: Object.fromEntries(whole),
    startsAt,
  };
}

/** Paragraphs and the marker behind them, where it is out of the way and is never cut. Empty paragraphs are left out. */
export function body(parts: readonly string[], marker: PullRequestMarker): string {
  const text = parts.filter((part) => part !== '').join('\n\n');
  return `${cutMarkdown(text, mostText - mostMarker)}\n\n${lean(marker)}\n`;
}

/** Characters of a marker: outside labels may be as long as they like. */
const mostMarker = 30_000;

/** What a marker can do without goes until it is small: siblings first, then labels. The fingerprint finds an alert, too. */
function lean(marker: PullRequestMarker): string {
  const { also = [], signal, ...rest } = marker;
  if (signal === undefined) return printMarker('pr', marker);
  for (let siblings = also.length; siblings >= 0; siblings -= 1) {
    const fewer = siblings === 0 ? {} : { also: also.slice(0, siblings) };
    const { kind, remedy, fingerprint, proposed, of } = rest;
    const text = printMarker('pr', {
      ...{ kind, remedy, fingerprint, proposed, signal },
      ...fewer,
      ...(of === undefined ? {} : { of }),
    });
    if (text.length <= mostMarker) return text;
  }
  return printMarker('pr', {
    ...rest,
    signal: { ...signal, name: signal.name.slice(0, 200).toWellFormed(), labels: {} },
  });
}

/** Names stand out: they are what a person looks for first. */
function firstSentence(name: string, summary: string): string {
  const bold = escapeBold(name);
  const named = summary.startsWith(`${name} `);
  return named ? `${bold} ${sentence(summary.slice(name.length))}` : `${bold}: ${sentence(summary)}`;
}

function rowTable(rows: Proposed['rows']): string {
  if (rows.length === 0) return '';
  const line = ({ field, now, proposed, why }: Proposed['rows'][number]) =>
    `| ${escapeText(field, 40)} | ${escapeText(now, 60)} | ${escapeBold(proposed, 60)} | ${escapeText(why, 300)} |`;
  return ['| | now | proposed | why |', '|---|---|---|---|', ...rows.map(line)].join('\n');
}

/** Whether it is down meanwhile is what a person must not miss. */
function effect(text: string): string {
  return escapeText(text, 300).replace(/live, without a reboot|with a reboot|needs a reboot/, '**$&**');
}

function evidence({ decidedBy, basis }: Proposed<unknown>): string {
  const readAt = decidedBy
    .map(({ at }) => at)
    .sort()
    .at(-1);
  if (readAt === undefined) return '';
  const row = ({ fact, value, source, at }: Proposed['decidedBy'][number]) => {
    const age = printAge((Date.parse(readAt) - Date.parse(at)) / 1000);
    return `| ${escapeText(fact, 60)} | ${escapeText(value, 80)} | ${escapeCode(source, 120)} | ${age} |`;
  };
  const summary = `Evidence: ${counted(decidedBy.length, 'fact')}, read ${clockOf(readAt)}; basis ${escapeText(basis.window, 40)}, ${counted(basis.points, 'point')}`;
  const table = ['| fact | value | source | age |', '|---|---|---|---|', ...decidedBy.slice(0, 60).map(row)].join('\n');
  return details(summary, `${table}\n\n${escapeText(basis.formula, 400)}`);
}

function considered({ considered: causes }: Proposed<unknown>): string {
  if (causes.length === 0) return '';
  return details(
    'Also considered',
    causes.map(({ cause, verdict }) => `${escapeText(cause, 60)} (${escapeText(verdict, 120)})`).join(', '),
  );
}

/** `LxcMemoryHigh` firing since 03:12Z, 14 repeats */
function signalWords({ signal, decidedBy }: Proposed<unknown>): string {
  if (signal.door === 'request')
    return `asked for by ${escapeText(signal.labels['by'] ?? 'a person', 64)} at ${dayAndMinuteOf(signal.startsAt)}`;
  const readOn = decidedBy[0]?.at.slice(0, 10);
  const since = signal.startsAt.startsWith(readOn ?? '-') ? minuteOf(signal.startsAt) : dayAndMinuteOf(signal.startsAt);
  const repeats = signal.repeats > 1 ? `, ${signal.repeats} repeats` : '';
  return `${escapeCode(signal.name, 80)} ${signal.status} since ${escapeText(since, 30)}${repeats}`;
}

const markerSchema: z.ZodType<PullRequestMarker> = z.strictObject({
  kind: z.enum(markerKinds),
  remedy: z.string().max(80),
  fingerprint: z.string().max(80),
  proposed: digest,
  signal: signalReference.exactOptional(),
  also: z.array(signalReference).max(mostSignals).exactOptional(),
  of: z.number().int().positive().exactOptional(),
});
