import { isoTime } from '../core/clock.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import { fingerprintOf } from '../core/fingerprint.ts';
import { digestOf } from '../core/json.ts';
import type { Signal } from '../core/signal.ts';
import type { RunRecord } from '../core/run.ts';
import type { Truth } from '../deliver/truth.ts';
import type { World } from '../deliver/world.ts';
import { appendRecord } from '../ledger/records.ts';

/** What a diagnosis that opened nothing leaves behind: outcome, the deciding rule, the sentence. */
export interface Note {
  outcome: 'no-change' | 'report-only' | 'unknown';
  rule: string;
  message: string;
}

/**
 * Records a diagnosis that led to no pull request, once per change: the same answer to the same fault is not written
 * again until something else happened to the target.
 */
export async function recordDiagnosis(world: World, truth: Truth, diagnosis: Diagnosis, note: Note): Promise<boolean> {
  const { family, target, name, signal } = diagnosis;
  if (signal.status === 'resolved' && isAnswered(truth, signal)) return false;
  const fingerprint = fingerprintOf('diagnosis', target, family === '' ? signal.name : family);
  const last = truth.records.findLast(
    ({ record }) => record.fingerprint === fingerprint || (record.target === target && record.steps !== undefined),
  );
  if (
    last?.record.fingerprint === fingerprint &&
    last.record.outcome === note.outcome &&
    last.record.reason === note.rule
  )
    return false;
  const at = isoTime(world.clock.now());
  const record: RunRecord = {
    version: 1,
    run: digestOf({ fingerprint, outcome: note.outcome, rule: note.rule, at }).slice(
      'sha256:'.length,
      'sha256:'.length + 40,
    ),
    outcome: note.outcome,
    reason: note.rule,
    message: note.message,
    target,
    name,
    fingerprint,
    signal: { name: signal.name, fingerprint: signal.fingerprint, labels: signal.labels, startsAt: signal.startsAt },
    at,
  };
  const { chain, added } = await appendRecord(world.repo, record, {
    at: world.clock.now(),
    signingKey: world.signingKey,
  });
  if (chain.tip !== undefined) await world.seenRecords.write(chain.tip);
  return added;
}

/** Whether a run answers this very alert: its own record says that it resolved. */
function isAnswered({ records, units }: Truth, { fingerprint, startsAt }: Signal): boolean {
  const answers = [
    ...records.flatMap(({ record }) => (record.steps === undefined ? [] : (record.signal ?? []))),
    ...units.flatMap(({ approval }) => (approval.approved ? (approval.plan.verification.signal ?? []) : [])),
  ];
  return answers.some((one) => one.fingerprint === fingerprint && one.startsAt === startsAt);
}
