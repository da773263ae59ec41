import type { Considered, Diagnosis, Proposed } from '../../core/diagnosis.ts';
import type { RunRecord } from '../../core/run.ts';
import { parsePullRequest } from '../../records/pull-request.ts';
import { capitalised } from '../../texts/words.ts';
import { plainInline } from './inline.ts';
import { type Block, parseMarkdown } from './markdown.ts';
import type { Picture, Seen } from './picture.ts';
import type { PullRequest } from '../../forges/forge.ts';
import { isRun, runOfPullRequest } from './runs.ts';
import { type Chip, outcomeChip, sentenced } from './words.ts';

/** One fault that was signalled, with what was found and what else was considered. */
export interface IncidentView {
  key: string;
  /** The same for everything about one firing of one alert. */
  episode: string;
  /** Only says that it resolved. */
  echo: boolean;
  /** When it was diagnosed, ISO 8601 UTC. */
  at: string;
  alert: string;
  /** Since when it fires, ISO 8601 UTC. */
  since: string;
  name: string;
  chip: Chip;
  summary: string;
  /** What is proposed, each value with its reason; none where nothing is. */
  rows: Proposed['rows'];
  facts: { fact: string; value: string; source: string; at: string }[];
  considered: Considered[];
  helps: string[];
  pullRequest: number | undefined;
}

/**
 * What this process diagnosed, in full; what it did not see itself comes from the records and from the bodies of
 * gitmend's pull requests, so that a restart forgets nothing that a person was told. The latest first, each fault once.
 */
export function incidentsOf(picture: Picture): IncidentView[] {
  const all = [
    ...picture.seen.map(seenIncident),
    ...[...picture.open.map(({ pr }) => pr), ...picture.past].flatMap(proposedIncident),
    ...(picture.truth?.records ?? []).flatMap(({ record }) => recordedIncident(record)),
  ];
  const once = new Map<string, IncidentView>();
  // What was seen comes first and knows most; what comes later of the same fault and outcome adds nothing.
  for (const one of all) if (!once.has(one.key)) once.set(one.key, one);
  const incidents = [...once.values()].sort((a, b) => b.at.localeCompare(a.at));
  return withoutEchoes(incidents).map((one) => ({ ...one, ...becameOf(one, picture) }));
}

/** That an alert resolved is the end of its incident, not another one. */
function withoutEchoes(incidents: readonly IncidentView[]): IncidentView[] {
  return incidents.filter(
    (one) => !one.echo || !incidents.some((other) => !other.echo && other.episode === one.episode),
  );
}

/** What became of the proposal: the outcome of its run, once there is one. */
function becameOf({ pullRequest }: IncidentView, { truth, past }: Picture): Partial<IncidentView> {
  if (pullRequest === undefined) return {};
  const outcome = runOfPullRequest(truth, pullRequest)?.record?.outcome;
  if (outcome !== undefined) return { chip: outcomeChip(outcome) };
  const state = past.find(({ number }) => number === pullRequest)?.state;
  if (state === 'merged') return { chip: { tone: 'busy', word: 'merged', means: 'approved, and on its way' } };
  return state === 'closed' ? { chip: { tone: 'quiet', word: 'closed', means: 'the proposal was closed' } } : {};
}

function seenIncident({ at, healed }: Seen): IncidentView {
  const { diagnosis } = healed;
  const { signal, name, decidedBy, considered } = diagnosis;
  const pullRequest = 'pullRequest' in healed ? healed.pullRequest.number : undefined;
  const refused = healed.state === 'refused' ? healed.refusal : undefined;
  return {
    key: keyOf(
      signal,
      pullRequest === undefined ? (refused === undefined ? diagnosis.outcome : 'report-only') : `pull ${pullRequest}`,
    ),
    ...episodeOf(signal, diagnosis.rule),
    at,
    alert: signal.name,
    since: signal.startsAt,
    name,
    chip: outcomeChip(refused === undefined ? diagnosis.outcome : 'report-only', refused?.reason ?? diagnosis.rule),
    summary:
      refused === undefined
        ? sentenced(diagnosis.summary)
        : `${sentenced(diagnosis.summary)} Not proposed: ${refused.message}.`,
    rows: diagnosis.outcome === 'proposed' ? diagnosis.rows : [],
    facts: decidedBy,
    considered,
    helps: helpsOf(diagnosis, refused?.next),
    pullRequest,
  };
}

function helpsOf(diagnosis: Diagnosis, next: string | undefined): string[] {
  if (next !== undefined) return next === '' ? [] : [next];
  return diagnosis.outcome === 'proposed' ? [] : diagnosis.helps;
}

function proposedIncident(pr: PullRequest): IncidentView[] {
  const marker = parsePullRequest(pr.body);
  if (marker?.kind !== 'heal' || marker.signal === undefined) return [];
  const blocks = parseMarkdown(pr.body);
  const first = blocks.find(({ kind }) => kind === 'paragraph');
  return [
    {
      key: keyOf(marker.signal, `pull ${pr.number}`),
      ...episodeOf(marker.signal, ''),
      at: pr.createdAt,
      alert: marker.signal.name,
      since: marker.signal.startsAt,
      name: pr.title.split(':')[0] ?? '',
      chip: outcomeChip('proposed'),
      summary: first?.kind === 'paragraph' ? plainInline(first.inline) : pr.title,
      rows: rowsIn(blocks),
      facts: factsIn(blocks),
      considered: consideredIn(blocks),
      helps: [],
      pullRequest: pr.number,
    },
  ];
}

function recordedIncident(record: RunRecord): IncidentView[] {
  if (isRun(record) || record.signal === undefined) return [];
  const { signal, outcome, reason, message = '', name, target, at } = record;
  return [
    {
      key: keyOf(signal, outcome),
      ...episodeOf(signal, reason ?? ''),
      at,
      alert: signal.name,
      since: signal.startsAt,
      name: name ?? target ?? '',
      chip: outcomeChip(outcome, reason),
      summary: capitalised(message),
      rows: [],
      facts: [],
      considered: [],
      helps: [],
      pullRequest: undefined,
    },
  ];
}

function episodeOf(
  signal: { fingerprint: string; startsAt: string },
  rule: string,
): { episode: string; echo: boolean } {
  return { episode: keyOf(signal, ''), echo: rule === 'resolved' };
}

function keyOf({ fingerprint, startsAt }: { fingerprint: string; startsAt: string }, outcome: string): string {
  return `${fingerprint} ${Date.parse(startsAt)} ${outcome}`;
}

/** The table of what is proposed, which stands open in a body that gitmend printed. */
function rowsIn(blocks: readonly Block[]): IncidentView['rows'] {
  const table = blocks.find(({ kind }) => kind === 'table');
  if (table?.kind !== 'table') return [];
  return table.rows.map((cells) => {
    const [field = '', now = '', proposed = '', why = ''] = cells.map(plainInline);
    return { field, now, proposed, why };
  });
}

/** The table that folds below "Evidence" in a body that gitmend printed. */
function factsIn(blocks: readonly Block[]): IncidentView['facts'] {
  const table = folded(blocks, /^Evidence/).find(({ kind }) => kind === 'table');
  if (table?.kind !== 'table') return [];
  return table.rows.map((cells) => {
    const [fact = '', value = '', source = ''] = cells.map(plainInline);
    return { fact, value, source, at: '' };
  });
}

/** `page cache (no: 40 MiB), leak (no: both weeks are flat)` as its parts; what is not of that form stays one part. */
function consideredIn(blocks: readonly Block[]): Considered[] {
  const [block] = folded(blocks, /^Also considered/);
  // gitmend prints far less; of a longer text, which is somebody else's, the pattern would try every part.
  const text = block?.kind === 'paragraph' ? plainInline(block.inline).slice(0, 2000) : '';
  return [...text.matchAll(/([^(]+?) \(((?:[^()]|\([^()]*\))*)\)(?:, |$)/g)].map(([, cause = '', verdict = '']) => ({
    cause,
    verdict,
  }));
}

function folded(blocks: readonly Block[], summary: RegExp): Block[] {
  const found = blocks.find((block) => block.kind === 'details' && summary.test(plainInline(block.summary)));
  return found?.kind === 'details' ? found.blocks : [];
}
