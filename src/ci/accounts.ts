import type { Comment, Forge, PullRequest } from '../forges/forge.ts';
import { markerIn } from '../forges/markers.ts';

/**
 * The same forge, where other accounts of gitmend's own count as the one that acts: with `runner: ci` the service opens
 * pull requests as one account, and jobs plan, comment and merge as the forge's own.
 */
export function asOneAccount(forge: Forge, accounts: readonly (string | undefined)[]): Forge {
  const { self } = forge;
  const own = new Set(accounts.flatMap((name) => name?.toLowerCase() || []));
  const known = <T extends string | undefined>(name: T): T | string =>
    name !== undefined && own.has(name.toLowerCase()) ? self : name;
  const pull = (pr: PullRequest): PullRequest => ({
    ...pr,
    author: known(pr.author),
    ...(pr.mergedBy === undefined ? {} : { mergedBy: known(pr.mergedBy) }),
    ...(pr.closedBy === undefined ? {} : { closedBy: known(pr.closedBy) }),
  });
  return {
    ...forge,
    ensurePullRequest: async (wanted) => pull(await forge.ensurePullRequest(wanted)),
    pullRequest: async (number) => pull(await forge.pullRequest(number)),
    pullRequests: async (filter) => (await forge.pullRequests(filter)).map(pull),
    async pullRequestOfMerge(commit) {
      const found = await forge.pullRequestOfMerge(commit);
      return found === undefined ? undefined : pull(found);
    },
    merge: async (number, options) => pull(await forge.merge(number, options)),
    comments: async (number) =>
      lastOfEach(
        (await forge.comments(number)).map((comment) => ({ ...comment, author: known(comment.author) })),
        self,
      ),
  };
}

/**
 * None of our accounts can edit what another one wrote, so after a change of the runner a plan stands there twice: what was
 * written last is what is shown.
 */
function lastOfEach(comments: readonly Comment[], self: string): Comment[] {
  const last = new Map<string, Comment>();
  const own = comments.filter(({ author }) => author === self);
  for (const comment of own) {
    const marker = markerIn(comment.body);
    const before = marker === undefined ? undefined : last.get(marker);
    if (marker !== undefined && (before === undefined || comment.updatedAt >= before.updatedAt))
      last.set(marker, comment);
  }
  return comments.filter((comment) => {
    const marker = comment.author === self ? markerIn(comment.body) : undefined;
    return marker === undefined || last.get(marker) === comment;
  });
}
