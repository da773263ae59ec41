import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Repository } from '../../src/git/repository.ts';
import { appendRecord, recordsRef } from '../../src/ledger/records.ts';
import { verifyChain } from '../../src/ledger/verify.ts';
import { printRecord } from '../../src/records/record.ts';
import { needs } from '../support/needs.ts';
import { at, mirror, pushFiles, record } from './support.ts';

const unseen = { seen: undefined, signers: undefined };
const [a, b] = ['a', 'b'].map((name) => `records/2026/11/${record(name).run}.yaml`) as [string, string];

async function chain(...names: string[]): Promise<Repository> {
  const repo = await mirror();
  for (const name of names) await appendRecord(repo, record(name), { at, folded: { 'journal.txt': `${name}\n` } });
  return repo;
}

describe('the chain of records, checked offline', () => {
  it('verifies where nothing was changed', async () => {
    expect(await verifyChain(await mirror(), unseen)).toEqual({ ok: true, records: 0 });
    expect(await verifyChain(await chain('a', 'b'), unseen)).toEqual({ ok: true, records: 2 });
  });

  it('does not verify where a link between records is broken', async () => {
    const repo = await chain('a', 'b');
    await pushFiles(repo, recordsRef, { [a]: printRecord(record('a', { outcome: 'not-verified' })) });
    expect(await verifyChain(repo, unseen)).toMatchObject({ ok: false });
  });

  it('does not verify where a folded journal was changed, or deleted', async () => {
    const path = b.replace('.yaml', '.journal.txt');
    for (const text of ['other\n', null]) {
      const repo = await chain('a', 'b');
      const commit = await pushFiles(repo, recordsRef, { [path]: text });
      expect(await verifyChain(repo, unseen)).toEqual({
        ok: false,
        why: `${commit.slice(0, 7)} changes or deletes ${path}`,
      });
    }
  });

  it('does not verify where a commit brings no record', async () => {
    const repo = await chain('a');
    await pushFiles(repo, recordsRef, { 'README.md': 'hello\n' });
    expect(await verifyChain(repo, unseen)).toEqual({ ok: false, why: '2 commits hold 1 records; each must add one' });
  });

  it('does not verify where a commit is a merge', async () => {
    const repo = await chain('a');
    const tip = (await repo.tip(recordsRef)) ?? '';
    const side = await repo.commit({ tree: await repo.treeId(tip), parents: [], message: 'side\n', at });
    const commit = await pushFiles(repo, recordsRef, {}, { parents: [tip, side] });
    expect(await verifyChain(repo, unseen)).toEqual({
      ok: false,
      why: `${commit.slice(0, 7)} is a merge; records follow one another`,
    });
  });

  it('does not verify where its tip went back behind the last one seen', async () => {
    const repo = await chain('a', 'b');
    const tip = (await repo.tip(recordsRef)) ?? '';
    const [before = ''] = await repo.parents(tip);
    expect(await verifyChain(repo, { ...unseen, seen: before })).toMatchObject({ ok: true });
    await repo.push([{ ref: recordsRef, from: tip, to: before }]);
    expect(await verifyChain(repo, { ...unseen, seen: tip })).toMatchObject({
      ok: false,
      why: expect.stringContaining('no longer in the chain'),
    });
    await repo.push([{ ref: recordsRef, from: before, to: null }]);
    expect(await verifyChain(repo, { ...unseen, seen: tip })).toMatchObject({ ok: false });
  });
});

describe.skipIf(!needs('ssh-keygen', () => spawnSync('ssh-keygen', ['-?']).status !== null))('signed records', () => {
  it('verify where every commit is signed by an allowed signer, and not where one is not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gitmend-keys-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const signingKey = join(folder, 'key');
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', signingKey]);
    const signers = join(folder, 'signers');
    await writeFile(signers, `gitmend@localhost ${await readFile(`${signingKey}.pub`, 'utf8')}`);
    const repo = await mirror();
    await appendRecord(repo, record('a'), { at, signingKey });
    expect(await verifyChain(repo, { seen: undefined, signers })).toMatchObject({ ok: true, records: 1 });
    await appendRecord(repo, record('b'), { at });
    const tip = (await repo.tip(recordsRef)) ?? '';
    expect(await verifyChain(repo, { seen: undefined, signers })).toEqual({
      ok: false,
      why: `${tip.slice(0, 7)} is not signed by an allowed signer`,
    });
  });
});
