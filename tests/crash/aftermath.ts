import type { LoggedRequest } from '../../simulators/pve/index.ts';
import type { RunRecord } from '../../src/core/run.ts';
import { openLocalForge } from '../../src/forges/local/index.ts';
import { openRepository, type Repository } from '../../src/git/repository.ts';
import { appliedRef, readApplied } from '../../src/ledger/applied.ts';
import { readChain, recordsRef } from '../../src/ledger/records.ts';
import { verifyChain } from '../../src/ledger/verify.ts';
import type { Prepared } from './prepared.ts';

/** What a trial has left behind, as somebody finds it who was not there. */
export interface Aftermath {
  /** Writes that took effect, whether or not anybody was told. */
  put: number;
  reboot: number;
  /** Records of the pull request's run. */
  records: Pick<RunRecord, 'outcome' | 'reason'>[];
  chain: boolean;
  /** Locks, journals, plans and branches of gitmend's own that nothing needs any more. */
  left: string[];
  /** Memory in force and in the applied pointer, MiB, and the merge that the pointer names. */
  live: number;
  applied: number | undefined;
  merge: string | undefined;
  /** First words of the comments that gitmend wrote after the plan. */
  comments: string[];
  /** Titles of the pull requests that are open. */
  open: string[];
}

export async function aftermathOf(prepared: Prepared): Promise<Aftermath> {
  const { lab, change, number } = prepared;
  const repo = await reader(prepared);
  const chain = await readChain(repo);
  const own = chain.ok ? chain.records.filter(({ record }) => record.pullRequest?.number === number) : [];
  const applied = (await readApplied(repo))?.value?.targets[change.target];
  const { comments, open, refs: used } = await forgeOf(prepared);
  const refs = [...(await repo.refs('refs/gitmend')).keys(), ...(await repo.refs('refs/heads/gitmend')).keys()];
  const needed = new Set([appliedRef, recordsRef, ...used]);
  return {
    ...effectsIn(lab.pve.requests),
    records: own.map(({ record: { outcome, reason } }) => ({ outcome, ...(reason === undefined ? {} : { reason }) })),
    chain: (await verifyChain(repo, { seen: undefined, signers: undefined })).ok,
    left: refs.filter((ref) => !needed.has(ref)),
    live: Number(lab.pve.world.guests.get(change.vmid)?.config['memory']),
    applied: applied?.declaration.memory,
    merge: applied?.merge,
    comments,
    open,
  };
}

/** Everything that git and the forge hold, to see whether one more pass changes anything. */
export async function everything(prepared: Prepared): Promise<string> {
  const repo = await reader(prepared);
  return JSON.stringify([[...(await repo.refs('refs'))], await forgeOf(prepared)]);
}

/** A write has taken effect where the stand-in came to an answer, also where a fault kept it from being sent. */
export function effectsIn(requests: readonly LoggedRequest[]): { put: number; reboot: number } {
  const done = requests.filter(({ data }) => data !== undefined);
  return {
    put: done.filter(({ method, path }) => method === 'PUT' && path.endsWith('/config')).length,
    reboot: done.filter(({ method, path }) => method === 'POST' && path.endsWith('/reboot')).length,
  };
}

async function reader({ lab }: Prepared): Promise<Repository> {
  const repo = await openRepository(`${lab.folder}/state/after.git`, lab.forge.remote);
  await repo.fetch();
  return repo;
}

async function forgeOf({
  lab,
  clock,
  number,
}: Prepared): Promise<{ comments: string[]; open: string[]; refs: string[] }> {
  const forge = await openLocalForge({ folder: `${lab.folder}/forge`, as: 'maintainer', clock });
  const comments = await forge.comments(number);
  const open = await forge.pullRequests({ state: 'open' });
  forge.release();
  const said = comments.filter(({ body }) => !body.includes('<!-- gitmend:plan -->'));
  return {
    comments: said.map(({ body }) => body.split('\n').find((line) => line !== '' && !line.startsWith('<!--')) ?? ''),
    open: open.map(({ title }) => title).toSorted(),
    // Its branch and its plan.
    refs: open.flatMap((pr) => [`refs/heads/${pr.branch}`, `refs/gitmend/plans/${pr.number}`]),
  };
}
