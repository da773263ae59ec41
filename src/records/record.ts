import { Document, isMap, isPair, isSeq, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { areas } from '../core/area.ts';
import type { Read } from '../core/fault.ts';
import { findings } from '../core/outcome.ts';
import type { RunRecord } from '../core/run.ts';
import { plainText } from './escape.ts';
import { asFaults, checked, count, digest, outcome, signalReference, time, values } from './schemas.ts';

/** The order in which a person reads a record. */
const order = [
  'version',
  'run',
  'outcome',
  'reason',
  'message',
  'remedy',
  'target',
  'name',
  'fingerprint',
  'signal',
  'pullRequest',
  'plan',
  'steps',
  'operations',
  'applied',
  'verification',
  'wayBack',
  'word',
  'findings',
  'at',
  'previous',
] as const satisfies readonly (keyof RunRecord)[];

/** records/<yyyy>/<mm>/<run>.yaml: one line per thing, so that `git log -p` reads well. */
export function printRecord(record: RunRecord): string {
  const ordered = order.flatMap((key) => (record[key] === undefined ? [] : [[key, record[key]] as const]));
  const document = new Document(Object.fromEntries(ordered), { aliasDuplicateObjects: false });
  visit(document, {
    // Whatever is inside a line stays on it: `signal: { name: …, startsAt: … }`.
    Collection: (_, node, path) => {
      const parent = path.at(-1);
      const top = isPair(parent) && path.length === 3;
      const list = top && isSeq(node) && node.items.some((item) => isMap(item));
      if (path.length > 1 && !list) node.flow = true;
    },
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && /[\n\r]/.test(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Infinity });
}

/** The first line of a record's commit: what `git log gitmend/records` shows. */
export function recordSubject({ outcome, remedy, name, target, message, reason, pullRequest }: RunRecord): string {
  if (outcome === 'adopted') return plainText(`adopted: ${message ?? 'what is live as declared'}`, 100);
  const about = name ?? target ?? (pullRequest === undefined ? '' : `of #${pullRequest.number}`);
  const nothing = outcome === 'no-change' || outcome === 'report-only';
  const why = nothing && reason !== undefined ? ` (${reason})` : '';
  const what = nothing ? about : `${remedy ?? 'change'} ${about}`;
  return plainText(`${outcome}: ${what.trim()}${why}`, 100);
}

const mostCharacters = 1024 * 1024;

/** Reads a record back, every fault at once. Never throws, whatever the text. */
export function parseRecord(text: string): Read<RunRecord> {
  if (text.length > mostCharacters) return asFaults('record', ['is too long']);
  try {
    const document = parseDocument(text, { version: '1.2', prettyErrors: false, logLevel: 'silent' });
    if (document.errors.length > 0)
      return asFaults(
        'record',
        document.errors.map(({ message }) => `is not YAML: ${message}`),
      );
    const read = checked(document.toJS({ maxAliasCount: 0 }), runRecord);
    return 'problems' in read ? asFaults('record', read.problems) : { ok: true, value: read.value, warnings: [] };
  } catch {
    return asFaults('record', ['is nested too deeply, or repeats itself']);
  }
}

const runRecord: z.ZodType<RunRecord> = z.strictObject({
  version: z.literal(1, { error: 'is not a version that this gitmend reads' }),
  run: z.string().min(1),
  outcome: z.union([outcome, z.enum(['no-change', 'report-only'])]),
  reason: z.string().exactOptional(),
  message: z.string().exactOptional(),
  remedy: z.string().exactOptional(),
  target: z.string().exactOptional(),
  name: z.string().exactOptional(),
  fingerprint: z.string().exactOptional(),
  signal: signalReference.exactOptional(),
  pullRequest: z
    .strictObject({
      number: count,
      head: z.string(),
      merge: z.string(),
      approvedBy: z.array(z.string()),
      mergedBy: z.string(),
      title: z.string(),
    })
    .exactOptional(),
  plan: z.strictObject({ record: digest, actions: digest }).exactOptional(),
  steps: z
    .array(
      z.strictObject({
        target: z.string(),
        action: z.string(),
        before: values,
        after: values,
        at: time,
        took: z.string(),
        effect: z.string(),
        undo: z.string(),
      }),
    )
    .exactOptional(),
  operations: z.array(z.string()).exactOptional(),
  applied: z
    .strictObject({
      merge: z.string(),
      fields: z.record(z.string(), z.array(z.string())),
      rules: z.boolean().exactOptional(),
      areas: z.array(z.enum(areas)).exactOptional(),
    })
    .exactOptional(),
  verification: z
    .strictObject({
      window: z.string(),
      looks: count,
      observed: values,
      notObserved: z.array(z.string()).exactOptional(),
      alertResolvedAt: time.exactOptional(),
    })
    .exactOptional(),
  wayBack: z
    .union([z.strictObject({ pullRequest: count }), z.strictObject({ not: z.string(), helps: z.array(z.string()) })])
    .exactOptional(),
  word: z.strictObject({ says: z.enum(['worked', 'failed']), by: z.string(), of: z.string() }).exactOptional(),
  findings: z
    .array(z.strictObject({ finding: z.enum(Object.keys(findings) as [keyof typeof findings]), message: z.string() }))
    .exactOptional(),
  at: time,
  previous: digest.exactOptional(),
});
