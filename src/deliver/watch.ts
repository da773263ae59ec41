import { isoTime } from '../core/clock.ts';
import { digestOf } from '../core/json.ts';
import type { RunRecord } from '../core/run.ts';
import { appendRecord } from '../ledger/records.ts';
import { sayEnded } from './comments.ts';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

/** Seconds. signals.md 2.6: memory and CPU are watched for a day after the verdict. */
const defaultWatch = 24 * 3600;

/**
 * Watches what was verified: a fault that is back within the watch is recorded as `regressed`, once. It is diagnosed
 * anew like any other and never reverted by itself.
 */
export async function watchVerified(world: World, truth: Truth): Promise<string[]> {
  const watch = (truth.rules.config?.verify.watch ?? defaultWatch) * 1000;
  const events: string[] = [];
  for (const { record } of truth.records) {
    if (
      record.outcome !== 'verified' ||
      record.signal === undefined ||
      Date.parse(record.at) + watch < world.clock.now()
    )
      continue;
    const run = digestOf({ run: record.run, regressed: true }).slice('sha256:'.length, 'sha256:'.length + 40);
    const later = truth.records.some(
      ({ record: other }) =>
        other.run === run || (other.target === record.target && other.at > record.at && other.steps !== undefined),
    );
    if (later || (await world.signalState(record.signal)).state !== 'firing') continue;
    const regressed = regressedRecord(record, run, `${record.signal.name} fires again`, isoTime(world.clock.now()));
    const { chain, added } = await appendRecord(world.repo, regressed, {
      at: world.clock.now(),
      signingKey: world.signingKey,
    });
    if (chain.tip !== undefined) await world.seenRecords.write(chain.tip);
    if (!added) continue;
    await sayEnded(world, { record: regressed, tip: chain.tip ?? '', journal: undefined });
    events.push(`#${record.pullRequest?.number ?? ''} regressed: ${regressed.message ?? ''}`);
  }
  return events;
}

/** The same run's story, ended anew: what it changed stays in the record of the run itself. */
function regressedRecord(
  { remedy, target, name, fingerprint, signal, pullRequest, plan }: RunRecord,
  run: string,
  message: string,
  at: string,
): RunRecord {
  return {
    version: 1,
    run,
    outcome: 'regressed',
    message,
    ...(remedy === undefined ? {} : { remedy }),
    ...(target === undefined ? {} : { target }),
    ...(name === undefined ? {} : { name }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(signal === undefined ? {} : { signal }),
    ...(pullRequest === undefined ? {} : { pullRequest }),
    ...(plan === undefined ? {} : { plan }),
    at,
  };
}
