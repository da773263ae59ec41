import { notDone } from '../../commands/answer.ts';
import { isoTime } from '../../core/clock.ts';
import { digestOf } from '../../core/json.ts';
import type { RunRecord } from '../../core/run.ts';
import { appendRecord } from '../../ledger/records.ts';
import { escapeCode, escapeText } from '../../records/escape.ts';
import { dayAndMinuteOf } from '../../texts/words.ts';
import type { AskedOnPullRequest } from './setting.ts';

/**
 * `/worked` and `/failed`: a person's word about a run that nobody could observe. A record of its own, beside the run's:
 * the run stays `inconclusive`, because verified means observed. The last word counts.
 */
export async function verdict(here: AskedOnPullRequest, says: 'worked' | 'failed'): Promise<string> {
  const { world, truth, pr, comment } = here;
  const own = truth.records
    .filter(({ record }) => record.pullRequest?.number === pr.number)
    .map(({ record }) => record);
  const run = own.findLast(({ word }) => word === undefined);
  if (run === undefined)
    return notDone({ why: 'no run of this pull request has ended', next: '/status says where it stands' });
  if (run.outcome !== 'inconclusive')
    return `**Not done**: its run ended ${escapeCode(run.outcome)}; a word is taken only of one that ended ${escapeCode('inconclusive')}, because nobody could observe it.${run.outcome === 'verified' ? ' `/rollback` proposes the way back, if it is wanted.' : ''}`;
  const record = wordRecord(run, { says, by: comment.author, comment: comment.id, at: isoTime(world.clock.now()) });
  const { chain } = await appendRecord(world.repo, record, { at: world.clock.now(), signingKey: world.signingKey });
  if (chain.tip !== undefined) await world.seenRecords.write(chain.tip);
  // Where this is asked for again after a crash the record is there already: its moment is the one that is said.
  const kept = chain.records.find((stored) => stored.record.run === record.run)?.record ?? record;
  const next = says === 'failed' ? ' `/rollback` proposes the way back.' : '';
  return `**Noted** ${dayAndMinuteOf(kept.at)}: ${escapeText(comment.author, 64)} says that it ${says}. The run stays ${escapeCode('inconclusive')}: nobody could observe it.${next}`;
}

function wordRecord(
  run: RunRecord,
  { says, by, comment, at }: { says: 'worked' | 'failed'; by: string; comment: string; at: string },
): RunRecord {
  const { remedy, target, name, fingerprint, pullRequest } = run;
  return {
    version: 1,
    run: digestOf({ of: run.run, comment }).slice('sha256:'.length, 'sha256:'.length + 40),
    outcome: 'inconclusive',
    reason: `said-${says}`,
    message: `${by} says that it ${says}; nobody could observe it`,
    ...(remedy === undefined ? {} : { remedy }),
    ...(target === undefined ? {} : { target }),
    ...(name === undefined ? {} : { name }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(pullRequest === undefined ? {} : { pullRequest }),
    word: { says, by, of: run.run },
    at,
  };
}
