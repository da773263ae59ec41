import type { DriftedValue } from '../core/drifted.ts';
import { digestOf, type Json } from '../core/json.ts';
import { dayAndMinuteOf, listed, printValues } from '../texts/words.ts';
import { escapeBold, escapeCode, escapeText } from './escape.ts';
import { body, type PullRequestMarker } from './pull-request.ts';
import { valuesOf } from './ways-out.ts';

interface About {
  name: string;
  /** `lxc/200` */
  id: string;
  node: string;
  /** The file that declares it. */
  file: string;
  fingerprint: string;
  differing: readonly DriftedValue[];
}

/** What is live is not what is declared, and nobody asked for it here: one pull request that accepts it. */
export interface DriftWords extends About {
  /** ISO 8601 UTC: since when it has been exactly so. */
  since: string;
  /** Its high availability moves it. */
  ha?: true;
}

/** A guest that is declared and not there any more. */
export interface GoneWords extends Pick<DriftWords, 'name' | 'id' | 'file' | 'fingerprint' | 'since'> {
  cluster: string;
}

/** What is declared becomes live again. */
export interface RestoreWords extends About {
  /** The open pull request that would accept it instead. */
  of?: number;
  /** Digest of the live state that was seen: the operation holds for that one alone. */
  state: string;
}

/** Days for which a person's no to the same values holds. */
export const driftNo = 7;

/** Title and body of the pull request that accepts what is live. */
export function printDrift(words: DriftWords): { title: string; body: string } {
  const { name, node, fingerprint } = words;
  const marker: PullRequestMarker = { kind: 'drift', remedy: 'accept', fingerprint, proposed: driftProposed(words) };
  const moved = words.differing.every(({ field }) => field === 'node');
  const what = moved ? `that it is on ${node}` : `${printValues(valuesOf(words, 'live'))} as it is on ${node}`;
  return { title: `${name}: accept ${what}`, body: body(driftParts(words), marker) };
}

/** Title and body of the pull request that takes out the file of a guest that is gone. */
export function printGone(words: GoneWords): { title: string; body: string } {
  const { name, cluster, fingerprint } = words;
  const marker: PullRequestMarker = { kind: 'drift', remedy: 'accept', fingerprint, proposed: goneProposed };
  return { title: `${name}: accept that it is gone from ${cluster}`, body: body(goneParts(words), marker) };
}

/** What every such pull request proposes, of one guest. */
export const goneProposed: PullRequestMarker['proposed'] = digestOf({ kind: 'drift', gone: true });

function goneParts({ name, id, cluster, file, since }: GoneWords): string[] {
  const tool = id.startsWith('lxc/') ? 'pct restore' : 'qmrestore';
  return [
    `${escapeBold(name)} (${escapeText(id, 60)}) is not on cluster ${escapeText(cluster, 80)} any more, although nothing was merged: seen since ${dayAndMinuteOf(since)}, and the same at two looks. It is not hidden either: the token would see it.`,
    `**Accept that it is gone.** Merging takes ${escapeCode(file)} out, and changes nothing on any host. A host of that name in the inventory is taken out by ${escapeCode('gitmend import --remove-gone')}, which does the same for every guest that is gone.`,
    `**Or bring it back** from its backup, under the same id (${escapeCode(tool)}): then this is closed by itself. gitmend makes no guest from a backup, so ${escapeCode('/restore')} does nothing here.`,
    `Closing this means no, for ${driftNo} days.`,
  ];
}

/** Digest of what a drift pull request proposes. */
export function driftProposed(words: Pick<About, 'differing'>): PullRequestMarker['proposed'] {
  return digestOf({ kind: 'drift', declared: valuesOf(words, 'declared'), live: valuesOf(words, 'live') });
}

function driftParts(words: DriftWords): string[] {
  const { id, file, since } = words;
  const waiting = words.differing.filter(({ pending }) => pending);
  const keeps = `**Keep what is live.** Merging makes ${escapeCode(file)} say it`;
  return [
    `${named(words)} is no longer as ${escapeCode(file)} declares it, although nothing was merged: seen since ${dayAndMinuteOf(since)}, and the same at two looks.`,
    table(words),
    waiting.length === 0 ? `${keeps}, and changes nothing on the host.` : `${keeps}. ${restartWords(words, waiting)}`,
    haWords(words),
    `**Or restore what is declared**: write \`/restore\` here, or run ${escapeCode(`gitmend restore ${id}`)}. That opens a pull request with its own plan; merging it applies what is declared and closes this one.${onlyGrows(words)}`,
    `Closing this means no, for ${driftNo} days or until the values differ. Where it is nobody's business, name it under \`drift: { ignore: […] }\` in gitmend.yaml.`,
  ];
}

/** Where a guest runs under HA is not the file's to say for long. */
function haWords({ id, ha, differing }: DriftWords): string {
  if (ha !== true || !differing.some(({ field }) => field === 'node')) return '';
  return `Its high availability (HA) decides where it runs, and may have moved it by itself. To let it: ${escapeCode(`drift: { ignore: ['${id}:node'] }`)} in gitmend.yaml.`;
}

function onlyGrows({ differing }: About): string {
  const grown = differing.find(({ field }) => field === 'disk.size');
  if (grown === undefined || Number(grown.live) < Number(grown.declared)) return '';
  return ` A disk only grows: that it is ${escapeText(printValues({ '': grown.live }).trim(), 20)} GiB can be accepted alone.`;
}

function restartWords({ node, name }: About, waiting: readonly DriftedValue[]): string {
  const values = printValues(Object.fromEntries(waiting.map(({ field, live }) => [field, live])));
  return `${escapeText(values, 120)} waits for a restart on ${escapeText(node, 60)} and counts as what will be: the plan below says whether merging restarts ${escapeText(name, 80)}.`;
}

/** Title and body of the pull request that restores what is declared. */
export function printRestore(words: RestoreWords): { title: string; body: string } {
  const { name, fingerprint, of } = words;
  const marker: PullRequestMarker = {
    ...{ kind: 'restore', remedy: 'apply-declared', fingerprint, proposed: restoreProposed(words) },
    ...(of === undefined ? {} : { of }),
  };
  return {
    title: `${name}: restore ${printValues(valuesOf(words, 'declared'))} as declared`,
    body: body(restoreParts(words), marker),
  };
}

/** Digest of what a restore proposes: an operation holds for exactly the live state that was seen. */
export function restoreProposed(words: Pick<RestoreWords, 'differing' | 'state'>): PullRequestMarker['proposed'] {
  return digestOf({
    kind: 'restore',
    declared: valuesOf(words, 'declared'),
    live: valuesOf(words, 'live'),
    state: words.state,
  });
}

function restoreParts(words: RestoreWords): string[] {
  const { file, of } = words;
  return [
    `${named(words)} is no longer as ${escapeCode(file)} declares it, although nothing was merged.`,
    table(words),
    `**Restore.** Merging applies what is declared, once. Its own plan below says what that changes; if anything moves before, nothing is touched.`,
    of === undefined ? '' : `Merging this closes #${of}, which would keep what is live; merging #${of} closes this.`,
  ];
}

function named({ name, id, node }: About): string {
  return `${escapeBold(name)} (${escapeText(`${id} on ${node}`, 60)})`;
}

function table({ differing }: About): string {
  const value = (field: string, one: Json) => escapeText(printValues({ [field]: one }).slice(field.length + 1), 60);
  const rows = differing.map(
    ({ field, declared, live, pending }) =>
      `| ${escapeText(field, 40)} | ${value(field, live)}${pending ? ', after a restart' : ''} | ${value(field, declared)} |`,
  );
  return ['| | live | declared |', '|---|---|---|', ...rows].join('\n');
}

/** `memory 4096 MiB is live, 2048 is declared`: one line of a terminal, a log, an operation. */
export function driftLine(differing: readonly DriftedValue[]): string {
  const words = ({ field, live, declared, pending }: DriftedValue) =>
    `${printValues({ [field]: live })} ${pending ? 'waits for a restart' : 'is live'}, ${printValues({ '': declared }).trim()} is declared`;
  return listed(differing.map(words));
}
