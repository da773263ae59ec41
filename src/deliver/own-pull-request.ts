import type { Edits } from '../core/change-set.ts';
import { GitmendError } from '../core/errors.ts';
import type { PullRequest } from '../forges/forge.ts';
import { parsePullRequest } from '../records/pull-request.ts';
import { botAddress } from '../git/git.ts';
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
 * `undefined` where the edits would change nothing, or where a person said no. Whoever asks for it (`askedAt`, ISO 8601
 * UTC) overrules what was said before that moment; `anew` makes the commit of an open one again, on the base of now.
 */
export async function openOwn(
  world: World,
  wanted: OwnPullRequest,
  { askedAt, anew = false }: { askedAt?: string; anew?: boolean } = {},
): Promise<PullRequest | undefined> {
  const proposed = parsePullRequest(wanted.body)?.proposed;
  const before = await ownOn(world, wanted.branch);
  const same = before.filter(({ body }) => parsePullRequest(body)?.proposed === proposed);
  const open = same.find(({ state }) => state === 'open');
  if (open !== undefined && !anew) return open;
  const no = same.filter(({ state, closedBy }) => state === 'closed' && closedBy !== world.forge.self);
  const stands = ({ closedAt }: PullRequest) =>
    askedAt === undefined || closedAt === undefined || Date.parse(closedAt) >= Date.parse(askedAt);
  if (no.some(stands)) return undefined;
  const head = (await world.repo.tip(`refs/heads/${world.forge.defaultBranch}`)) ?? '';
  const commit = await ownCommit(world, head, wanted);
  if (commit === undefined) return undefined;
  const current = before.find(({ state }) => state === 'open');
  if (current !== undefined && (await commitOfPerson(world, head, current)) !== undefined) return current;
  await pushBranch(world, wanted.branch, commit);
  const { branch, title, body, labels } = wanted;
  return world.forge.ensurePullRequest({ branch, base: world.forge.defaultBranch, title, body, labels });
}

/** Its commit on the default branch (`head`), in the mirror alone; `undefined` where the edits would change nothing. */
export async function ownCommit(
  { repo, clock }: Pick<World, 'repo' | 'clock'>,
  head: string,
  { title, edits, fingerprint }: Pick<OwnPullRequest, 'title' | 'edits' | 'fingerprint'>,
): Promise<string | undefined> {
  const tree = await repo.writeTree(head, edits);
  if (tree === (await repo.treeId(head))) return undefined;
  const message = `${title}\n\nGitmend-Fingerprint: ${fingerprint}\n`;
  return repo.commit({ tree, parents: [head], message, at: clock.now() });
}

/**
 * Those of these that a person closed although they proposed the same (`value`), and whose no still `holds` (milliseconds):
 * `until` is when it ends. What gitmend closed itself means nothing.
 */
export function noesTo(
  { forge, clock }: Pick<World, 'forge' | 'clock'>,
  before: readonly PullRequest[],
  value: string,
  holds: number,
): { pr: PullRequest; until: number }[] {
  return before
    .filter(({ state, closedBy }) => state === 'closed' && closedBy !== forge.self)
    .map((pr) => ({ pr, until: Date.parse(pr.closedAt ?? '') + holds }))
    .filter(({ pr, until }) => until > clock.now() && parsePullRequest(pr.body)?.proposed === value);
}

/** Whether it does not go together with the default branch any more, whose head is `head`. */
export async function isStuck({ repo }: Pick<World, 'repo'>, head: string, open: PullRequest): Promise<boolean> {
  return 'conflicts' in (await repo.mergeTree(head, open.head));
}

/** The pull requests of gitmend's own for a branch of its own: anybody may open one from a fork, or name a branch so. */
export async function ownOn(
  { forge }: Pick<World, 'forge'>,
  branch: string,
  state: 'open' | 'all' = 'all',
): Promise<PullRequest[]> {
  return (await forge.pullRequests({ state, branch })).filter((pr) => !pr.fork && pr.author === forge.self);
}

/**
 * The first commit of a person on a branch of gitmend's own, which is theirs from then on; merging the default branch
 * (`head`) into it is none.
 */
export async function commitOfPerson(
  { repo }: Pick<World, 'repo'>,
  head: string,
  open: PullRequest,
): Promise<string | undefined> {
  for (const commit of await repo.firstParents(head, open.head)) {
    const [first = '', ...merged] = await repo.parents(commit);
    const own =
      merged.length === 0 ? await isMarked(repo, commit) : await isPlainMerge(repo, head, commit, [first, ...merged]);
    if (!own) return commit;
  }
  return undefined;
}

/**
 * Made by gitmend, as far as a commit can say it: whoever amends one keeps its message, and is the committer from then on.
 * Both can be forged by who wants to, so nothing is merged without a person because of it (`ownHeads`).
 */
async function isMarked(repo: World['repo'], commit: string): Promise<boolean> {
  return (
    (await repo.message(commit)).includes('\nGitmend-Fingerprint: ') && (await repo.committer(commit)) === botAddress
  );
}

/** A merge of the default branch that adds nothing of its own; one of another branch, or with other files, is an edit. */
async function isPlainMerge(
  repo: World['repo'],
  head: string,
  commit: string,
  [first = '', second = '', ...more]: readonly string[],
): Promise<boolean> {
  if (more.length > 0 || !(await repo.isAncestor(second, head))) return false;
  const merged = await repo.mergeTree(first, second);
  return 'tree' in merged && merged.tree === (await repo.treeId(commit));
}

/**
 * Moves a branch of gitmend's own to a commit. Whoever pushed the same files in the same moment was as good, and goes first; whoever
 * pushed others is not pushed over: REF_TAKEN, and the next pass looks at what they did.
 */
export async function pushBranch(world: World, branch: string, commit: string): Promise<void> {
  const ref = `refs/heads/${branch}`;
  // Before it is there: a push whose answer is lost is known all the same, and what never arrives vouches for nothing.
  await world.ownHeads.note(branch, commit);
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
export async function headStart(world: World, branch: string): Promise<void> {
  for (let look = 0; look < 15; look += 1) {
    if ((await ownOn(world, branch, 'open')).length > 0) return;
    await world.clock.sleep(300);
  }
}
