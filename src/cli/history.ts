import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { GitmendError } from '../core/errors.ts';
import { parseDuration } from '../core/duration.ts';
import { readChain, recordsRef, type StoredRecord } from '../ledger/records.ts';
import { verifyChain } from '../ledger/verify.ts';
import { printLog } from '../records/log.ts';
import { type CliContext, groundFor } from './context.ts';

/** `gitmend log` and `gitmend records verify`: what happened, from git alone. */
export function registerLog(program: Command, context: CliContext): void {
  program
    .command('log')
    .option('--since <duration>', '7d, 24h …', '30d')
    .option('--json', 'one JSON object per record')
    .description('what happened, newest first')
    .action(async ({ since, json }: { since: string; json?: true }) => {
      const seconds = parseDuration(since);
      if (seconds === undefined)
        throw new GitmendError('USAGE', `--since: ${JSON.stringify(since)} is not a duration like 7d or 24h`);
      const { repo, clock } = await groundFor(program, context, 'read');
      await repo.fetch();
      const chain = await readChain(repo);
      if (!chain.ok) throw new GitmendError('RECORDS_TAMPERED', chain.why);
      const recent = chain.records.filter(({ record }) => Date.parse(record.at) >= clock.now() - seconds * 1000);
      if (json) {
        printObjects(recent, context);
        return;
      }
      const lines = printLog(recent.map(({ record }) => ({ record })));
      context.print(lines.length === 0 ? `nothing happened in ${since}` : lines.join('\n'));
    });
  const records = program.command('records').description('the records on the branch gitmend/records');
  records
    .command('verify')
    .option('--signers <file>', 'an allowed-signers file: every record must be signed by one of them')
    .description('checks the chain offline: links, nothing changed, nothing lost, signatures')
    .action(async (options: { signers?: string }) => {
      const signers = options.signers === undefined ? undefined : await readable(options.signers);
      const { repo, seenRecords } = await groundFor(program, context, 'read');
      await repo.fetch();
      const seen = await seenRecords.read();
      const result = await verifyChain(repo, { seen, signers });
      if (!result.ok) throw new GitmendError('RECORDS_TAMPERED', result.why);
      context.print(
        `${result.records} records, each follows the one before it; tip ${((await repo.tip(recordsRef)) ?? 'none').slice(0, 7)}${result.signed === undefined ? '' : `, ${result.signed} signed`}`,
      );
    });
}

/** The records themselves, newest first like the lines for people; nothing at all where nothing happened. */
function printObjects(stored: readonly StoredRecord[], { print }: CliContext): void {
  const newest = stored.map(({ record }) => record).sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  for (const record of newest) print(JSON.stringify(record));
}

/** The whole path of a file that can be read: git looks from another folder, and takes a missing one for “not signed”. */
async function readable(file: string): Promise<string> {
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    throw new GitmendError('USAGE', `--signers: ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  return resolve(file);
}
