import { gitIn } from '../git/git.ts';
import type { Repository } from '../git/repository.ts';
import { readChain, recordsRef } from './records.ts';

export type Verified = { ok: true; records: number; signed?: number } | { ok: false; why: string };

/**
 * Checks the chain of records offline: each commit adds to the one before it and changes or deletes nothing, each
 * record names the digest of the one before it, the tip follows the last one seen here, and, where allowed signers are
 * given, every commit is signed by one of them.
 */
export async function verifyChain(
  repo: Repository,
  { seen, signers }: { seen: string | undefined; signers: string | undefined },
): Promise<Verified> {
  const chain = await readChain(repo);
  if (!chain.ok) return chain;
  const tip = await repo.tip(recordsRef);
  if (seen !== undefined && (tip === undefined || !(await repo.isAncestor(seen, tip)))) {
    return { ok: false, why: `the last record seen here (${seen.slice(0, 7)}) is no longer in the chain` };
  }
  if (tip === undefined) return { ok: true, records: 0 };
  const commits = await repo.firstParents(undefined, tip);
  for (const [at, commit] of commits.entries()) {
    const fault = await changedBy(repo, commit, commits[at - 1]);
    if (fault !== undefined) return { ok: false, why: fault };
    if (signers !== undefined && !(await isSigned(repo, commit, signers)))
      return { ok: false, why: `${commit.slice(0, 7)} is not signed by an allowed signer` };
  }
  if (commits.length !== chain.records.length)
    return { ok: false, why: `${commits.length} commits hold ${chain.records.length} records; each must add one` };
  return { ok: true, records: chain.records.length, ...(signers === undefined ? {} : { signed: commits.length }) };
}

async function changedBy(repo: Repository, commit: string, before: string | undefined): Promise<string | undefined> {
  if ((await repo.parents(commit)).length > 1) return `${commit.slice(0, 7)} is a merge; records follow one another`;
  const [is, was] = [
    await repo.tree(commit),
    before === undefined ? new Map<string, string>() : await repo.tree(before),
  ];
  const lost = [...was].find(([path, text]) => is.get(path) !== text);
  return lost === undefined ? undefined : `${commit.slice(0, 7)} changes or deletes ${lost[0]}`;
}

/** Whether a commit carries an SSH signature of one of the allowed signers (ssh-keygen(1), ALLOWED SIGNERS). */
export async function isSigned(repo: Repository, commit: string, signers: string): Promise<boolean> {
  const config = ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${signers}`];
  return (await gitIn(repo.folder)([...config, 'verify-commit', commit], { accept: [0, 1] })).code === 0;
}
