import type { Edits } from '../core/change-set.ts';
import { GitmendError } from '../core/errors.ts';
import type { PullRequest } from '../forges/forge.ts';
import { parsePullRequest } from '../records/pull-request.ts';
import type { World } from './world.ts';

/** A pull request of gitmend's own: its branch, words and edits on the head of the default branch. */
export interface OwnPullRequest {
  branch: string;
  title: string;
  body: string;
  labels: string[];
  edits: Edits;
  fingerprint: string;
}

/**
 * Opens it, once: an open one with the same proposal stays as it is, one that a person closed is not asked again.
 * `undefined` where the edits would change nothing, or where a person said no.
 */
export async function openOwn(world: World, wanted: OwnPullRequest): Promise<PullRequest | undefined> {
  const proposed = parsePullRequest(wanted.body)?.proposed;
  const before = await world.forge.pullRequests({ state: 'all', branch: wanted.branch });
  const same = before.filter(({ body }) => parsePullRequest(body)?.proposed === proposed);
  const open = same.find(({ state }) => state === 'open');
  if (open !== undefined) return open;
  if (same.some(({ state, closedBy }) => state === 'closed' && closedBy !== world.forge.self)) return undefined;
  const head = (await world.repo.tip(`refs/heads/${world.forge.defaultBranch}`)) ?? '';
  const tree = await world.repo.writeTree(head, wanted.edits);
  if (tree === (await world.repo.treeId(head))) return undefined;
  const message = `${wanted.title}\n\nGitmend-Fingerprint: ${wanted.fingerprint}\n`;
  const commit = await world.repo.commit({ tree, parents: [head], message, at: world.clock.now() });
  const current = before.find(({ state }) => state === 'open');
  if (current !== undefined && (await commitOfPerson(world, head, current)) !== undefined) return current;
  await pushBranch(world, wanted.branch, commit);
  const { branch, title, body, labels } = wanted;
  return world.forge.ensurePullRequest({ branch, base: world.forge.defaultBranch, title, body, labels });
}

/**
 * The first commit of a person on a branch of gitmend's own, which is theirs from then on; merging the default branch
 * (`head`) into it is none.
 */
export async function commitOfPerson(world: World, head: string, open: PullRequest): Promise<string | undefined> {
  for (const commit of await world.repo.firstParents(head, open.head)) {
    const merge = (await world.repo.parents(commit)).length > 1;
    if (!merge && !(await world.repo.message(commit)).includes('\nGitmend-Fingerprint: ')) return commit;
  }
  return undefined;
}

/**
 * Moves a branch of gitmend's own to a commit. Whoever pushed the same files in the same moment was as good, and goes first; whoever
 * pushed others is not pushed over: REF_TAKEN, and the next pass looks at what they did.
 */
export async function pushBranch(world: World, branch: string, commit: string): Promise<void> {
  const ref = `refs/heads/${branch}`;
  if (await world.repo.push([{ ref, from: (await world.repo.tip(ref)) ?? null, to: commit }])) return;
  await world.repo.fetch();
  const tip = await world.repo.tip(ref);
  const same = tip !== undefined && (await world.repo.treeId(tip)) === (await world.repo.treeId(commit));
  if (!same) throw new GitmendError('REF_TAKEN', `${branch} was pushed to in the same moment`);
  await headStart(world, branch);
}

/**
 * Whoever pushed first opens the pull request now. A forge may look for another one and open in two steps (Gitea does), and
 * then two at the same moment are two; so the second one waits until it is there, a few seconds at most.
 */
async function headStart({ forge, clock }: World, branch: string): Promise<void> {
  for (let look = 0; look < 15; look += 1) {
    if ((await forge.pullRequests({ state: 'open', branch })).length > 0) return;
    await clock.sleep(300);
  }
}
