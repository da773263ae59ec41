import { correlationIn } from '../core/correlation.ts';
import { GitmendError } from '../core/errors.ts';
import { type Digest, digestOfText } from '../core/json.ts';
import type { RunRecord } from '../core/run.ts';
import type { Repository } from '../git/repository.ts';
import { parseRecord, printRecord, recordSubject } from '../records/record.ts';

export const recordsRef = 'refs/heads/gitmend/records';

/** One record as it lies in git. */
export interface StoredRecord {
  path: string;
  digest: Digest;
  record: RunRecord;
}

/** The chain of records, oldest first; or where it breaks. */
export type Chain =
  { ok: true; tip: string | undefined; records: StoredRecord[] } | { ok: false; tip: string; why: string };

/** What is folded into the record's commit beside the record: plan, printed comment, journal. By file name ending. */
export type Folded = { readonly [ending: string]: string };

/** Reads the chain in the order of its `previous` links. */
export async function readChain(repo: Repository): Promise<Chain> {
  const tip = await repo.tip(recordsRef);
  if (tip === undefined) return { ok: true, tip, records: [] };
  const stored: StoredRecord[] = [];
  for (const [path, text] of await repo.tree(tip)) {
    if (!/^records\/\d{4}\/\d{2}\/[0-9a-f-]+\.yaml$/.test(path)) continue;
    const read = parseRecord(text);
    if (!read.ok)
      return { ok: false, tip, why: `${path} cannot be read: ${read.faults[0]?.problem ?? 'not a record'}` };
    stored.push({ path, digest: digestOfText(text), record: read.value });
  }
  return inOrder(tip, stored);
}

/** Follows `previous` from the first record; every record must be met exactly once. */
function inOrder(tip: string, stored: StoredRecord[]): Chain {
  const next = new Map<string, StoredRecord>();
  for (const one of stored) {
    const previous = one.record.previous ?? 'none';
    const twin = next.get(previous);
    if (twin !== undefined)
      return { ok: false, tip, why: `${one.path} and ${twin.path} both follow ${previous.slice(0, 14)}` };
    next.set(previous, one);
  }
  const records: StoredRecord[] = [];
  for (let one = next.get('none'); one !== undefined; one = next.get(one.digest)) records.push(one);
  const lost = stored.find((one) => !records.includes(one));
  return lost === undefined
    ? { ok: true, tip, records }
    : { ok: false, tip, why: `${lost.path} follows a record that is not there or was changed` };
}

export interface AppendOptions {
  at: number;
  folded?: Folded;
  /** Path of the SSH key that signs records, where one is configured. */
  signingKey?: string | undefined;
}

/**
 * Adds one record to the chain; once per run id, whoever asks and however often. Returns the chain with it.
 * Throws RECORDS_TAMPERED where the chain is broken, GIT_FAILED where git cannot push.
 */
export async function appendRecord(
  repo: Repository,
  record: RunRecord,
  options: AppendOptions,
): Promise<{ chain: Chain & { ok: true }; added: boolean }> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const chain = await readChain(repo);
    if (!chain.ok) throw new GitmendError('RECORDS_TAMPERED', chain.why);
    if (chain.records.some((one) => one.record.run === record.run)) return { chain, added: false };
    const previous = chain.records.at(-1)?.digest;
    const linked: RunRecord = previous === undefined ? record : { ...record, previous };
    if (await pushRecord(repo, chain.tip, linked, options)) {
      const after = await readChain(repo);
      if (after.ok) return { chain: after, added: true };
    }
    await repo.fetch();
  }
  throw new GitmendError('REF_TAKEN', 'others kept writing records at the same time');
}

async function pushRecord(
  repo: Repository,
  tip: string | undefined,
  record: RunRecord,
  { at, folded, signingKey }: AppendOptions,
): Promise<boolean> {
  const folder = `records/${record.at.slice(0, 4)}/${record.at.slice(5, 7)}`;
  const edits = new Map([[`${folder}/${record.run}.yaml`, printRecord(record)]]);
  for (const [ending, text] of Object.entries(folded ?? {})) edits.set(`${folder}/${record.run}.${ending}`, text);
  const tree = await repo.writeTree(tip, edits);
  const { correlation } = correlationIn(record.signal);
  const trailers = [
    `Gitmend-Run: ${record.run}`,
    ...(correlation === undefined ? [] : [`Gitmend-Correlation: ${correlation}`]),
  ];
  const message = `${recordSubject(record)}\n\n${trailers.join('\n')}\n`;
  const commit = await repo.commit({
    tree,
    parents: tip === undefined ? [] : [tip],
    message,
    at,
    ...(signingKey === undefined ? {} : { signingKey }),
  });
  return repo.push([{ ref: recordsRef, from: tip ?? null, to: commit }]);
}
