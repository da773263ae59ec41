import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunRecord } from '../../src/core/run.ts';
import { seenFile } from '../../src/cli/own-state.ts';
import { digestOfText } from '../../src/core/json.ts';
import { createLocalForge } from '../../src/forges/local/index.ts';
import { openRepository, type Repository } from '../../src/git/repository.ts';
import { appendRecord, recordsRef } from '../../src/ledger/records.ts';
import { runRecord } from '../records/examples.ts';
import { cli, type Said } from '../support/deliver-cli.ts';
import { answers, needs } from '../support/needs.ts';
import { testClock } from '../support/test-clock.ts';

const at = Date.parse('2026-11-20T03:34:00Z');
const file = (run: string, ending = 'yaml') => `records/2026/11/${run.repeat(40)}.${ending}`;

describe('gitmend records verify', () => {
  let folder: string;
  let clone: string;
  let repo: Repository;
  let tips: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gitmend-records-'));
    clone = join(folder, 'clone');
    await mkdir(join(folder, 'begin'));
    const yaml =
      'version: 1\nforge: { kind: local }\nrunner: builtin\napprovers: [ann]\nclusters:\n' +
      '  - { name: home, endpoint: "https://pve1:8006", ca: certs/ca.pem, read: env:NOBODY_SETS_THIS }\n';
    await writeFile(join(folder, 'begin', 'gitmend.yaml'), yaml);
    const files = { directory: join(folder, 'begin') };
    await createLocalForge({ folder: join(folder, 'forge'), files, by: 'ann', clock: testClock() });
    await execa('git', ['clone', '--quiet', join(folder, 'forge', 'repo.git'), clone]);
    repo = await openRepository(join(folder, 'mirror.git'), join(folder, 'forge', 'repo.git'));
    tips = [];
    for (const run of ['a', 'b', 'c']) {
      const record: RunRecord = { ...runRecord, run: run.repeat(40) };
      delete record.previous;
      await append(record, { 'plan.json': '{}\n' });
      tips.push((await repo.tip(recordsRef)) ?? '');
    }
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function append(record: RunRecord, folded = {}, signingKey?: string): Promise<void> {
    await appendRecord(repo, record, { at, folded, signingKey });
  }
  const verify = (...words: string[]): Promise<Said> =>
    cli(
      { directory: clone, clock: testClock(), env: { GITMEND_STATE: join(folder, 'state') } },
      'records',
      'verify',
      ...words,
    );

  /** What is said while the chain ends in these files on these parents; then it is as before. */
  async function ending(edits: { [path: string]: string | null }, parents?: string[]): Promise<Said> {
    const tip = (await repo.tip(recordsRef)) ?? '';
    const tree = await repo.writeTree(parents?.[0] ?? tip, new Map(Object.entries(edits)));
    const forged = await repo.commit({ tree, parents: parents ?? [tip], message: 'forged\n', at });
    return endingAt(forged);
  }
  async function endingAt(commit: string | null): Promise<Said> {
    const tip = (await repo.tip(recordsRef)) ?? '';
    await repo.push([{ ref: recordsRef, from: tip, to: commit }]);
    const said = await verify();
    await repo.push([{ ref: recordsRef, from: commit, to: tip }]);
    return said;
  }
  const textOf = async (path: string) => (await repo.tree(tips[2] ?? '')).get(path) ?? '';
  const broken = (why: string | RegExp) => ({ code: 1, err: expect.stringMatching(why) as string });

  it('counts a chain that is whole, without any variable of Proxmox VE', async () => {
    const out = `3 records, each follows the one before it; tip ${tips[2]?.slice(0, 7) ?? ''}\n`;
    expect(await verify()).toEqual({ code: 0, err: '', out });
  });

  it('names a record that was changed, whatever it says now', async () => {
    const changed = (await textOf(file('b'))).replace('outcome: verified', 'outcome: not-applied');
    expect(await ending({ [file('b')]: changed })).toMatchObject(
      broken(/^RECORDS_TAMPERED: .*records\/2026\/11\/c+\.yaml follows a record that is not there or was changed/),
    );
  });

  it('names the last record too, which nothing follows yet', async () => {
    const changed = (await textOf(file('c'))).replace('outcome: verified', 'outcome: not-applied');
    expect(await ending({ [file('c')]: changed })).toMatchObject(
      broken(/^RECORDS_TAMPERED: [0-9a-f]{7} changes or deletes records\/2026\/11\/c+\.yaml/),
    );
  });

  it('names a record that was removed', async () => {
    expect(await ending({ [file('a')]: null })).toMatchObject(broken(/b+\.yaml follows a record that is not there/));
    expect(await ending({ [file('c')]: null })).toMatchObject(broken(/changes or deletes records\/2026\/11\/c+\.yaml/));
  });

  it('names a plan that was changed behind its record', async () => {
    expect(await ending({ [file('b', 'plan.json')]: '{"steps":[]}\n' })).toMatchObject(
      broken(/changes or deletes .*b+\.plan\.json/),
    );
  });

  it('names records that were put into another order', async () => {
    const digest = (text: string) => `previous: ${digestOfText(text)}\n`;
    const without = (text: string) => text.replace(/^previous: .*\n/m, '');
    const [a, b, c] = [await textOf(file('a')), await textOf(file('b')), await textOf(file('c'))].map(without);
    const first = b ?? '';
    const second = (a ?? '') + digest(first);
    const edits = { [file('b')]: first, [file('a')]: second, [file('c')]: (c ?? '') + digest(second) };
    expect(await ending(edits)).toMatchObject(broken(/changes or deletes records\/2026\/11\/[abc]+\.yaml/));
  });

  it('names two that follow the same one', async () => {
    const twin = (await textOf(file('c'))).replace(/c{40}/, 'd'.repeat(40));
    expect(await ending({ [file('d')]: twin })).toMatchObject(
      broken(/[cd]+\.yaml and .*[cd]+\.yaml both follow sha256:/),
    );
  });

  it('names what cannot be read, and what adds no record', async () => {
    expect(await ending({ [file('d')]: '{' })).toMatchObject(broken(/d+\.yaml cannot be read/));
    expect(await ending({ 'note.txt': 'hello\n' })).toMatchObject(
      broken('4 commits hold 3 records; each must add one'),
    );
    expect(await ending({}, [tips[2] ?? '', tips[0] ?? ''])).toMatchObject(
      broken('is a merge; records follow one another'),
    );
  });

  it('remembers the last one that it saw: a chain that went back is no chain', async () => {
    const state = join(folder, 'state', digestOfText(join(folder, 'forge', 'repo.git')).slice(7, 19), 'records-seen');
    await seenFile(state).write(tips[2] ?? '');
    const lost = broken(`the last record seen here \\(${tips[2]?.slice(0, 7) ?? ''}\\) is no longer in the chain`);
    expect(await endingAt(tips[1] ?? '')).toMatchObject(lost);
    expect(await endingAt(null)).toMatchObject(lost);
    expect((await readFile(state, 'utf8')).trim()).toBe(tips[2]);
  });

  describe.skipIf(
    !needs('ssh-keygen', () => answers('ssh-keygen', ['-Y', 'match-principals']) || answers('which', ['ssh-keygen'])),
  )('with signers', () => {
    it('demands that each record is signed by one of them', async () => {
      const [ours, theirs, list] = [join(folder, 'ours'), join(folder, 'theirs'), join(folder, 'allowed')];
      for (const key of [ours, theirs]) await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
      const key = (await readFile(`${ours}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
      await writeFile(list, `gitmend@localhost ${key}\n`);
      expect(await verify('--signers', list)).toMatchObject(
        broken(`${tips[0]?.slice(0, 7) ?? ''} is not signed by an allowed signer`),
      );
      const before = (await repo.tip(recordsRef)) ?? '';
      await repo.push([{ ref: recordsRef, from: before, to: null }]);
      const record: RunRecord = { ...runRecord };
      delete record.previous;
      for (const run of ['a', 'b']) await append({ ...record, run: run.repeat(40) }, {}, ours);
      // Only here: the chain is another one than this machine has seen.
      await rm(join(folder, 'state'), { recursive: true });
      expect(await verify('--signers', list)).toMatchObject({
        code: 0,
        out: expect.stringMatching(/2 records, .*, 2 signed\n$/) as string,
      });
      expect(await verify('--signers', relative(process.cwd(), list))).toMatchObject({ code: 0 });
      expect(await verify('--signers', join(folder, 'missing'))).toMatchObject({
        code: 2,
        err: expect.stringMatching(/^USAGE: .*missing cannot be read/) as string,
      });
      await append({ ...record, run: 'c'.repeat(40) }, {}, theirs);
      expect(await verify('--signers', list)).toMatchObject(broken(/[0-9a-f]{7} is not signed by an allowed signer/));
      expect(await verify()).toMatchObject({ code: 0 });
      await repo.push([{ ref: recordsRef, from: (await repo.tip(recordsRef)) ?? null, to: before }]);
    });
  });
});
