import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { gitIn } from '../../src/git/git.ts';
import { openRepository, type Repository } from '../../src/git/repository.ts';
import type { RunRecord } from '../../src/core/run.ts';

/** 2026-11-20T03:41:07Z */
export const at = Date.parse('2026-11-20T03:41:07Z');

/** A bare repository of git itself, and as many mirrors of it as there are machines in the test. */
export async function mirrors(count: number): Promise<Repository[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gitmend-ledger-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await gitIn(folder)(['init', '--quiet', '--bare', 'remote.git']);
  const all: Repository[] = [];
  for (let index = 0; index < count; index += 1)
    all.push(await openRepository(join(folder, `mirror-${index}.git`), join(folder, 'remote.git')));
  return all;
}

/** One mirror, where a test is about one machine. */
export async function mirror(): Promise<Repository> {
  const [one] = await mirrors(1);
  if (one === undefined) throw new Error('there is no mirror');
  return one;
}

/** A run's id, told apart by its first digits. */
export function runNamed(word: string): string {
  return Buffer.from(word).toString('hex').padEnd(40, '0').slice(0, 40);
}

/** The record of a verified run. */
export function record(word: string, over: Partial<RunRecord> = {}): RunRecord {
  return {
    version: 1,
    run: runNamed(word),
    outcome: 'verified',
    target: 'home/lxc/200',
    name: 'postgres',
    at: '2026-11-20T03:41:07Z',
    ...over,
  };
}

/** Puts a commit with these files on a ref, as anybody may who may push. */
export async function pushFiles(
  repo: Repository,
  ref: string,
  files: { [path: string]: string | null },
  { message = 'somebody\n', parents }: { message?: string; parents?: string[] } = {},
): Promise<string> {
  await repo.fetch();
  const tip = await repo.tip(ref);
  const tree = await repo.writeTree(tip, new Map(Object.entries(files)));
  const commit = await repo.commit({ tree, parents: parents ?? (tip === undefined ? [] : [tip]), message, at });
  await repo.push([{ ref, from: tip ?? null, to: commit }]);
  return commit;
}
